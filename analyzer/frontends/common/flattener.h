// From tree-sitter's tree to a flat one.
//
// tree-sitter's tree is made for editing: finding a child walks over its siblings and rebuilds positions on
// the way. The frontends read a tree once, several times over, so one pass of a cursor copies what matters
// into an array in preorder, 20 bytes a node, in which the next sibling is an addition away and a whole
// subtree is an interval. Symbols and fields of the grammar become enumerators here, and names numbers.
#pragma once

#include <tree_sitter/api.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/frontends/common/syntax.h"

namespace lockwright::frontends {

/// A grammar's numbers for symbols and fields, translated.
template <typename Grammar>
struct Vocabulary {
  using Kind = typename Grammar::Kind;
  using Field = typename Grammar::Field;
  using Kinds = std::span<const std::pair<std::string_view, Kind>>;
  using Fields = std::span<const std::pair<std::string_view, Field>>;

  std::vector<Kind> kinds;
  std::vector<Field> fields;

  /// `nodes` are the named nodes, `tokens` the others.
  Vocabulary(const TSLanguage* language, Kinds nodes, Kinds tokens, Fields names) {
    const auto find = [](const auto& list, std::string_view name, auto& result) {
      const auto found =
          std::find_if(list.begin(), list.end(), [name](const auto& each) { return each.first == name; });
      if (found != list.end()) result = found->second;
    };
    kinds.resize(ts_language_symbol_count(language), Kind::other);
    for (std::size_t symbol = 0; symbol < kinds.size(); ++symbol) {
      const auto number = static_cast<TSSymbol>(symbol);
      const TSSymbolType type = ts_language_symbol_type(language, number);
      if (type != TSSymbolTypeRegular && type != TSSymbolTypeAnonymous) continue;
      find(type == TSSymbolTypeRegular ? nodes : tokens, ts_language_symbol_name(language, number),
           kinds[symbol]);
    }
    fields.resize(ts_language_field_count(language) + 1, Field::none);
    for (std::size_t field = 1; field < fields.size(); ++field) {
      find(names, ts_language_field_name_for_id(language, static_cast<TSFieldId>(field)), fields[field]);
    }
  }
};

/// One walk of a cursor over tree-sitter's tree. Grammar says, beside its vocabulary,
///   is_token(Kind), keeps_token(token, its field, its parent's kind): which tokens are kept
///   is_opaque(Kind): of which nodes the inside is left out
///   opens_unknown: whether to look for nodes to keep inside of nodes that the vocabulary does not have
///   is_name(Kind): which nodes get a symbol
///   own_flags(Kind), and passed_on(Kind, flags): what a node tells the one around it
template <typename Grammar>
class Flattener {
 public:
  using Kind = typename Grammar::Kind;
  using Field = typename Grammar::Field;
  using Syntax = BasicSyntax<Grammar>;

  explicit Flattener(const Vocabulary<Grammar>& vocabulary) : vocabulary_(vocabulary) {}

  /// `text` is what the names of `tree` are read from. `adjust(kind, begin, end)` sees every node before it
  /// is copied and may change it.
  template <typename Adjust>
  Syntax run(const TSTree* tree, std::string_view text, const Adjust& adjust) {
    syntax_.text_ = text;
    syntax_.names_.emplace_back();  // Symbol::none
    syntax_.nodes_.reserve(text.size() / 6 + 1);
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    while (step(cursor, adjust)) {
    }
    close(0);
    ts_tree_cursor_delete(&cursor);
    return std::move(syntax_);
  }

 private:
  template <typename Adjust>
  bool step(TSTreeCursor& cursor, const Adjust& adjust) {
    if (visit(cursor, adjust) && ts_tree_cursor_goto_first_child(&cursor)) {
      ++depth_;
      return true;
    }
    while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
      if (!ts_tree_cursor_goto_parent(&cursor)) return false;
      --depth_;
      close(depth_ + 1);
    }
    return true;
  }

  /// Copies the cursor's node, if it is one to keep; says whether to go below it.
  template <typename Adjust>
  bool visit(const TSTreeCursor& cursor, const Adjust& adjust) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const Kind kind = kind_of(node);
    close(depth_);
    if (kind == Kind::other) {
      if (ts_node_is_missing(node)) {
        add(node, Kind::missing, Field::none, adjust);
      } else if (!Grammar::opens_unknown && ts_node_has_error(node) && !open_.empty()) {
        syntax_.nodes_[open_.back().id].flags |= SyntaxFlags::error;
      }
      return Grammar::opens_unknown && ts_node_is_named(node) && !ts_node_is_extra(node);
    }
    const Field field = vocabulary_.fields[std::min<std::size_t>(ts_tree_cursor_current_field_id(&cursor),
                                                                 vocabulary_.fields.size() - 1)];
    const Kind parent = open_.empty() ? Kind::other : syntax_.nodes_[open_.back().id].kind;
    if (Grammar::is_token(kind) && !Grammar::keeps_token(kind, field, parent)) return false;
    if constexpr (requires { Grammar::max_depth; }) {
      if (open_.size() >= Grammar::max_depth) {
        add(node, Kind::error, field, adjust);
        return false;
      }
    }
    add(node, kind, field, adjust);
    return !Grammar::is_opaque(kind);
  }

  Kind kind_of(TSNode node) const {
    if (ts_node_is_missing(node)) return Kind::other;
    if (ts_node_is_error(node)) return Kind::error;
    return vocabulary_.kinds[ts_node_symbol(node)];
  }

  template <typename Adjust>
  void add(TSNode node, Kind kind, Field field, const Adjust& adjust) {
    typename Syntax::Entry entry{};
    entry.begin = ts_node_start_byte(node);
    entry.end = ts_node_end_byte(node);
    const bool opaque = Grammar::is_opaque(kind);
    adjust(kind, entry.begin, entry.end);
    entry.kind = kind;
    entry.field = field;
    std::uint32_t flags = Grammar::own_flags(kind);
    if (kind == Kind::error || kind == Kind::missing || (opaque && ts_node_has_error(node))) {
      flags |= SyntaxFlags::error;
    }
    entry.flags = flags & 0xffU;
    if (Grammar::is_name(kind)) entry.symbol = symbol(entry.begin, entry.end) & 0xffffffU;
    open_.push_back({static_cast<std::uint32_t>(syntax_.nodes_.size()), depth_});
    syntax_.nodes_.push_back(entry);
  }

  /// Ends the nodes at `depth` and below; their flags go up to the one that stays open.
  void close(std::uint32_t depth) {
    while (!open_.empty() && open_.back().depth >= depth) {
      typename Syntax::Entry& entry = syntax_.nodes_[open_.back().id];
      entry.past = static_cast<std::uint32_t>(syntax_.nodes_.size());
      open_.pop_back();
      if (open_.empty()) continue;
      typename Syntax::Entry& parent = syntax_.nodes_[open_.back().id];
      parent.flags = (parent.flags | Grammar::passed_on(entry.kind, entry.flags)) & 0xffU;
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
  const Vocabulary<Grammar>& vocabulary_;
  Syntax syntax_;
  std::vector<Open> open_;
  std::uint32_t depth_ = 0;
};

}  // namespace lockwright::frontends
