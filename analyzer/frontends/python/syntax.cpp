// From text to a flat tree.
//
// tree-sitter's tree is made for editing: finding a child walks over its siblings and rebuilds positions on
// the way. This frontend reads a tree once, several times over, so one pass of a cursor copies what matters
// into an array in preorder, 20 bytes a node, in which the next sibling is an addition away and a whole
// subtree is an interval. Symbols and fields of the grammar become enumerators here, identifiers numbers, and
// tree-sitter stays in this file.
#include "analyzer/frontends/python/syntax.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

extern "C" const TSLanguage* tree_sitter_python();

namespace lockwright::frontends::python {
namespace {

/// The grammar's numbers for symbols and fields, translated.
struct Vocabulary {
  std::vector<Kind> kinds;
  std::vector<Field> fields;

  Vocabulary() {
    const TSLanguage* language = tree_sitter_python();
    static constexpr auto nodes = std::to_array<std::pair<std::string_view, Kind>>({
#define NODE(name) {#name, Kind::name##_},
        LOCKWRIGHT_PYTHON_NODES(NODE)
#undef NODE
    });
    static constexpr auto tokens = std::to_array<std::pair<std::string_view, Kind>>({
#define TOKEN(name, text) {text, Kind::name},
        LOCKWRIGHT_PYTHON_TOKENS(TOKEN)
#undef TOKEN
    });
    static constexpr auto names = std::to_array<std::pair<std::string_view, Field>>({
#define FIELD(name) {#name, Field::name##_},
        LOCKWRIGHT_PYTHON_FIELDS(FIELD)
#undef FIELD
    });
    kinds.resize(ts_language_symbol_count(language), Kind::other);
    for (std::size_t symbol = 0; symbol < kinds.size(); ++symbol) {
      const auto number = static_cast<TSSymbol>(symbol);
      const std::string_view name = ts_language_symbol_name(language, number);
      const auto matches = [name](const auto& each) { return each.first == name; };
      const TSSymbolType type = ts_language_symbol_type(language, number);
      if (type == TSSymbolTypeRegular) {
        const auto* found = std::find_if(nodes.begin(), nodes.end(), matches);
        if (found != nodes.end()) kinds[symbol] = found->second;
      } else if (type == TSSymbolTypeAnonymous) {
        const auto* found = std::find_if(tokens.begin(), tokens.end(), matches);
        if (found != tokens.end()) kinds[symbol] = found->second;
      }
    }
    fields.resize(ts_language_field_count(language) + 1, Field::none);
    for (std::size_t field = 1; field < fields.size(); ++field) {
      const std::string_view name = ts_language_field_name_for_id(language, static_cast<TSFieldId>(field));
      const auto* found =
          std::find_if(names.begin(), names.end(), [name](const auto& each) { return each.first == name; });
      if (found != names.end()) fields[field] = found->second;
    }
  }
};

const Vocabulary& vocabulary() {
  static const Vocabulary instance;
  return instance;
}

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using TreePointer = std::unique_ptr<TSTree, TreeDeleter>;

/// A parser keeps its buffers: one a thread.
TreePointer parse_text(std::string_view text) {
  thread_local const std::unique_ptr<TSParser, ParserDeleter> parser = [] {
    std::unique_ptr<TSParser, ParserDeleter> made(ts_parser_new());
    ts_parser_set_language(made.get(), tree_sitter_python());
    return made;
  }();
  return TreePointer(
      ts_parser_parse_string(parser.get(), nullptr, text.data(), static_cast<std::uint32_t>(text.size())));
}

/// Operators matter where they have a role, colons only in slices.
bool keeps_token(Kind token, Field field, Kind parent) {
  if (token == Kind::colon) return parent == Kind::slice_;
  if (parent == Kind::case_pattern_ || parent == Kind::complex_pattern_) return token == Kind::op_sub;
  return field == Field::operator_ || field == Field::operators_;
}

/// Nodes whose inside is read as text, or not at all.
bool is_opaque(Kind kind) {
  switch (kind) {
    case Kind::type_:
    case Kind::type_alias_statement_:
    case Kind::type_parameter_:
    case Kind::string_content_:
    case Kind::format_specifier_:
    case Kind::type_conversion_: return true;
    default: return kind >= Kind::op_add;
  }
}

bool is_effect(Kind kind) {
  switch (kind) {
    case Kind::call_:
    case Kind::await_:
    case Kind::yield_:
    case Kind::subscript_:
    case Kind::op_in:
    case Kind::op_not_in:
    case Kind::named_expression_:
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
    case Kind::dictionary_comprehension_:
    case Kind::generator_expression_: return true;
    default: return false;
  }
}

}  // namespace

/// One walk of a cursor over tree-sitter's tree.
class Flattener {
 public:
  Flattener(Syntax& syntax, const std::vector<Blank>& blanks) : syntax_(syntax), blanks_(blanks) {}

  /// Where the grammar takes the function `type` for the keyword.
  [[nodiscard]] const std::vector<std::uint32_t>& misread() const { return misread_; }

  void run(const TSTree* tree) {
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    for (;;) {
      const bool enter = visit(cursor);
      if (enter && ts_tree_cursor_goto_first_child(&cursor)) {
        ++depth_;
        continue;
      }
      while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
        if (!ts_tree_cursor_goto_parent(&cursor)) {
          close(0);
          ts_tree_cursor_delete(&cursor);
          return;
        }
        --depth_;
        close(depth_ + 1);
      }
    }
  }

 private:
  /// Copies the cursor's node, if it is one to keep; says whether to go below it.
  bool visit(const TSTreeCursor& cursor) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const Kind kind = kind_of(node);
    close(depth_);
    if (kind == Kind::other) {
      if (ts_node_is_missing(node)) add(node, Kind::missing, Field::none);
      // Hidden wrappers of the grammar that are not in the vocabulary (none is known to matter).
      return ts_node_is_named(node) && !ts_node_is_extra(node);
    }
    const Field field = vocabulary().fields[std::min<std::size_t>(ts_tree_cursor_current_field_id(&cursor),
                                                                  vocabulary().fields.size() - 1)];
    if (kind >= Kind::op_add &&
        !keeps_token(kind, field, open_.empty() ? Kind::other : syntax_.nodes_[open_.back().id].kind)) {
      return false;
    }
    if (kind == Kind::type_alias_statement_) note_misread(ts_node_start_byte(node));
    add(node, kind, field);
    return !is_opaque(kind);
  }

  /// `type(x).field = value` and `type[x] = value` are no aliases: those have a name there.
  void note_misread(std::uint32_t begin) {
    const std::size_t next = syntax_.text_.find_first_not_of(" \t\f\\\r\n", begin + 4);
    if (next != std::string_view::npos && (syntax_.text_[next] == '(' || syntax_.text_[next] == '[')) {
      misread_.push_back(begin);
    }
  }

  static Kind kind_of(TSNode node) {
    if (ts_node_is_missing(node)) return Kind::other;
    if (ts_node_is_error(node)) return Kind::error;
    return vocabulary().kinds[ts_node_symbol(node)];
  }

  void add(TSNode node, Kind kind, Field field) {
    Syntax::Entry entry{};
    entry.begin = ts_node_start_byte(node);
    entry.end = ts_node_end_byte(node);
    entry.kind = kind;
    entry.field = field;
    if (kind == Kind::pass_statement_) {
      for (const Blank& each : blanks_) {
        if (each.begin != entry.begin) continue;
        entry.end = each.end;
        entry.kind = Kind::error;
        entry.flags |= Syntax::error_flag;
      }
    }
    if (kind == Kind::error || kind == Kind::missing) entry.flags |= Syntax::error_flag;
    if (is_opaque(kind) && ts_node_has_error(node)) entry.flags |= Syntax::error_flag;
    if (kind == Kind::named_expression_) entry.flags |= Syntax::walrus_flag;
    if (is_effect(kind)) entry.flags |= Syntax::effect_flag;
    if (kind == Kind::identifier_) entry.symbol = symbol(entry.begin, entry.end) & 0xffffffU;
    open_.push_back({static_cast<std::uint32_t>(syntax_.nodes_.size()), depth_});
    syntax_.nodes_.push_back(entry);
  }

  /// Ends the nodes at `depth` and below; their flags go up to the one that stays open.
  void close(std::uint32_t depth) {
    while (!open_.empty() && open_.back().depth >= depth) {
      Syntax::Entry& entry = syntax_.nodes_[open_.back().id];
      entry.past = static_cast<std::uint32_t>(syntax_.nodes_.size());
      open_.pop_back();
      if (!open_.empty()) {
        Syntax::Entry& parent = syntax_.nodes_[open_.back().id];
        parent.flags = (parent.flags | entry.flags) & 0xffU;
      }
    }
  }

  std::uint32_t symbol(std::uint32_t begin, std::uint32_t end) {
    const std::string_view name = syntax_.text_.substr(begin, end - begin);
    const auto [found, added] =
        syntax_.symbols_.try_emplace(name, Symbol{static_cast<std::uint32_t>(syntax_.names_.size())});
    if (added) syntax_.names_.push_back(name);
    return static_cast<std::uint32_t>(found->second);
  }

  struct Open {
    std::uint32_t id;
    std::uint32_t depth;
  };
  Syntax& syntax_;
  const std::vector<Blank>& blanks_;
  std::vector<Open> open_;
  std::vector<std::uint32_t> misread_;
  std::uint32_t depth_ = 0;
};

Syntax Syntax::parse(std::string_view text) {
  return parse_without(text, {});
}

Syntax Syntax::parse_without(std::string_view text, const std::vector<Blank>& blanks) {
  std::string shown;  // if it differs from `text`
  if (!blanks.empty()) shown = text;
  for (const Blank& each : blanks) {
    for (std::size_t at = each.begin; at < each.end; ++at) {
      if (shown[at] != '\n' && shown[at] != '\r') shown[at] = ' ';
    }
    shown.replace(each.begin, 4, "pass");
  }
  std::vector<std::uint32_t> misread;
  const auto flatten = [&](std::string_view parsed) {
    Syntax syntax;
    syntax.text_ = text;
    syntax.names_.emplace_back();  // Symbol::none
    syntax.nodes_.reserve(text.size() / 6 + 1);
    Flattener flattener(syntax, blanks);
    flattener.run(parse_text(parsed).get());
    misread = flattener.misread();
    return syntax;
  };
  Syntax syntax = flatten(blanks.empty() ? text : shown);
  if (misread.empty()) return syntax;
  // Again, with a name of the same length that is no keyword; what the nodes say is read from `text`.
  if (blanks.empty()) shown = text;
  for (const std::uint32_t begin : misread) shown[begin] = 'T';
  return flatten(shown);
}

Symbol Syntax::symbol(std::string_view name) const {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? Symbol::none : found->second;
}

bool Node::is_grouping() const {
  const Node element = first_child();
  if (!element || element.past() != past() || kind() != Kind::tuple_pattern_ || element.is_spread())
    return false;
  return syntax_->text_.substr(element.end(), end() - element.end()).find(',') == std::string_view::npos;
}

std::uint32_t Syntax::line(std::uint32_t offset) const {
  if (lines_.empty()) {
    lines_.push_back(0);
    for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1)) {
      lines_.push_back(static_cast<std::uint32_t>(at + 1));
    }
  }
  return static_cast<std::uint32_t>(std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin());
}

}  // namespace lockwright::frontends::python
