// LW302: a registry of descriptors becomes one of the library's holds.
//
// Where the lock file is made, the hold is what goes into the registry; and taking it out and releasing it is
// one statement, with nothing to wait for. This moves where one place fills the registry and nobody else
// needs the descriptor.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/fixes/python/library.h"
#include "analyzer/fixes/python/words.h"

namespace lockwright::fixes::python {
namespace {

/// `HELD[path] = os.open(path + ".lock", os.O_CREAT | os.O_EXCL)`, be it by way of a variable.
struct Fill {
  Node statement;
  Node creation;
  std::string target;  ///< what the library's lock is for
};

Node statement_of(const Code& code, std::uint32_t begin, std::uint32_t end) {
  Node found;
  const Path way = code.way(begin, end);
  for (std::size_t i = 1; i < way.size(); ++i) {
    if (is_block(way[i - 1])) found = way[i];
  }
  return found;
}

Node assignment_of(Node statement) {
  const Node inner = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
  return inner && inner.kind() == Kind::assignment_ ? inner : Node{};
}

bool creates(Node node) {
  return node && node.kind() == Kind::call_ && callee(node) == "os.open" && arguments(node).size() > 1 &&
         has(arguments(node)[1].text(), "O_EXCL");
}

/// `path` for `path + ".lock"`, the name that the library itself gives the lock file; "" for other names.
std::string target_of(const Code& code, Node function, Node path) {
  if (path.kind() == Kind::identifier_) {
    Node value;
    for (const Node name : code.names(function, path.text())) {
      const Path way = code.way(name);
      const Node parent = way[way.size() - 2];
      if (parent.kind() != Kind::assignment_ || name.field() != Field::left_) continue;
      if (value) return "";
      value = parent.child(Field::right_);
    }
    if (!value) return "";
    path = value;
  }
  const std::string_view text = path.text();
  if (!text.ends_with(".lock\"") && !text.ends_with(".lock'")) return "";
  if (path.kind() == Kind::binary_operator_) return std::string(path.child(Field::left_).text());
  const std::string_view inside =
      text.starts_with("f") ? text.substr(2, text.size() - 8) : std::string_view();
  const bool only = inside.starts_with('{') && inside.find_first_of("}!:=") == inside.size() - 1;
  return only ? std::string(inside.substr(1, inside.size() - 2)) : "";
}

/// The one place where the registry is filled; false if there are others, or it is done in another way.
bool find_fill(const Code& code, std::string_view registry, Fill& fill) {
  bool fine = true;
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (node.kind() != Kind::assignment_) return;
    const Node left = node.child(Field::left_);
    const Node right = node.child(Field::right_);
    if (!left || left.kind() != Kind::subscript_ || left.first_child().text() != registry) return;
    fine &= !fill.statement && right;
    if (!fine) return;
    fill.statement = statement_of(code, node.begin(), node.end());
    fill.creation = right;
    if (right.kind() != Kind::identifier_) return;
    const Node function = code.function_at({code.file(), node.begin(), node.end()});
    const std::vector<Node> uses = code.names(function, right.text());
    const Node binding =
        uses.size() == 2 ? assignment_of(statement_of(code, uses[0].begin(), uses[0].end())) : Node{};
    fine = binding && binding.child(Field::right_);
    if (fine) fill.creation = binding.child(Field::right_);
  });
  if (!fine || !creates(fill.creation)) return false;
  const Node function = code.function_at({code.file(), fill.creation.begin(), fill.creation.end()});
  fill.target = target_of(code, function, arguments(fill.creation)[0]);
  return !fill.target.empty();
}

/// Whether this use of the registry asks no more than whether there is an entry.
bool only_asks(const Path& way) {
  const Node name = way.back();
  const Node parent = way[way.size() - 2];
  if (parent.kind() == Kind::comparison_operator_)
    return has(parent.text(), fmt::format("in {}", name.text()));
  if (parent.kind() == Kind::argument_list_)
    return has(parent.text(), name.text()) && parent.text().size() == name.text().size() + 2;
  if (parent.kind() == Kind::assignment_) return name.field() == Field::left_;
  if (parent.kind() != Kind::attribute_ || !parent.text().ends_with(".get") || way.size() < 4) return false;
  const Node around = way[way.size() - 4];
  return around.kind() == Kind::comparison_operator_ || around.kind() == Kind::not_operator_ ||
         around.kind() == Kind::if_statement_;
}

class Move {
 public:
  Move(const Code& code, const findings::Repair& repair) : code_(code), repair_(repair) {}

  bool read() {
    const source::Range& range = repair_.places[0].range;
    erase_ = statement_of(code_, range.begin, range.end);
    if (!erase_ || !code_.owns_lines(erase_) || !read_erase()) return false;
    if (!read_clean_ups() || !find_fill(code_, registry_, fill_)) return false;
    return nobody_else();
  }

  bool write(Edits& edits) const {
    const std::string prefix = library_prefix(code_);
    edits.replace(fill_.creation.begin(), fill_.creation.end(),
                  fmt::format("{}FileLock({}).acquire(timeout=0)", prefix, fill_.target));
    const std::string release = fmt::format("{}.pop({}).release()", registry_, key_);
    if (!may_be_none_) {
      edits.replace(erase_.begin(), erase_.end(), release);
      if (fetch_) edits.remove_lines(fetch_.begin(), fetch_.end());
    } else {
      edits.replace(clean_ups_[0].begin(), clean_ups_[0].end(), fmt::format("{}.release()", variable_));
    }
    for (std::size_t i = may_be_none_ ? 1 : 0; i < clean_ups_.size(); ++i)
      edits.remove_lines(clean_ups_[i].begin(), clean_ups_[i].end());
    return true;
  }

  /// Whether what stands here is gone when this has moved.
  [[nodiscard]] bool removes(Node node) const {
    const auto inside = [&](Node each) { return each && covers(each, node.begin(), node.end()); };
    return inside(fill_.creation) || inside(fetch_) || std::ranges::any_of(clean_ups_, inside);
  }

 private:
  /// `fd = HELD.pop(path)`, or `fd = HELD[path]` and `del HELD[path]`.
  bool read_erase() {
    if (const Node assignment = assignment_of(erase_)) {
      const Node call = assignment.child(Field::right_);
      const Node left = assignment.child(Field::left_);
      if (!call || call.kind() != Kind::call_ || last_name(callee(call)) != "pop" || !left ||
          left.kind() != Kind::identifier_) {
        return false;
      }
      const std::vector<Node> given = arguments(call);
      if (given.empty() || given[0].has_effect()) return false;
      registry_ = callee(call).substr(0, callee(call).size() - 4);
      key_ = given[0].text();
      variable_ = left.text();
      may_be_none_ = given.size() > 1;
      return true;
    }
    const Node entry = erase_.kind() == Kind::delete_statement_ ? erase_.first_child() : Node{};
    if (!entry || entry.kind() != Kind::subscript_) return false;
    registry_ = entry.first_child().text();
    key_ = entry.text().substr(registry_.size() + 1, entry.text().size() - registry_.size() - 2);
    each_node(code_.syntax(), code_.function_at(repair_.places[0].range), [&](Node node) {
      if (node.kind() != Kind::assignment_ || !node.child(Field::right_)) return;
      if (node.child(Field::right_).text() != entry.text()) return;
      fetch_ = statement_of(code_, node.begin(), node.end());
      variable_ = node.child(Field::left_).text();
    });
    return static_cast<bool>(fetch_);
  }

  bool read_clean_ups() {
    const Node function = code_.function_at(repair_.places[0].range);
    for (std::size_t i = 1; i < repair_.places.size(); ++i) {
      const source::Range& range = repair_.places[i].here();
      if (range.file != code_.file() || code_.function_at(range) != function) return false;
      const Node statement = statement_of(code_, range.begin, range.end);
      if (std::ranges::find(clean_ups_, statement) != clean_ups_.end()) continue;
      if (!statement || statement.kind() != Kind::expression_statement_ || assignment_of(statement) ||
          !code_.owns_lines(statement)) {
        return false;
      }
      clean_ups_.push_back(statement);
    }
    if (clean_ups_.empty()) return false;
    std::ranges::sort(clean_ups_, {}, [](Node each) { return each.begin(); });
    // The release must follow at once, and the descriptor be needed for nothing else.
    const std::string_view between = code_.text().part(erase_.end(), clean_ups_[0].begin());
    if (may_be_none_ && has(between, "await")) return false;
    return std::ranges::all_of(code_.names(function, variable_), [&](Node name) {
      const Node statement = statement_of(code_, name.begin(), name.end());
      const bool asks = may_be_none_ && statement.kind() == Kind::if_statement_;
      return statement == erase_ || statement == fetch_ || asks ||
             std::ranges::find(clean_ups_, statement) != clean_ups_.end();
    });
  }

  /// Who else uses the registry's descriptors, or takes part in the lock file's protocol?
  [[nodiscard]] bool nobody_else() const {
    bool fine = code_.names(code_.root(), "FileExistsError").empty();
    each_node(code_.syntax(), code_.root(), [&](Node node) {
      const bool string = node.kind() == Kind::string_ && has(node.text(), ".lock");
      // The variable that the name of the lock file is put together in may stay, for nothing.
      if (string && !removes(node)) fine &= !has(statement_of(code_, node.begin(), node.end()).text(), "os.");
      if (node.text() != registry_ || (node.kind() != Kind::identifier_ && node.kind() != Kind::attribute_))
        return;
      const Path way = code_.way(node);
      const Node statement = statement_of(code_, node.begin(), node.end());
      fine &= statement == fill_.statement || statement == erase_ || statement == fetch_ || only_asks(way);
    });
    const source::FileTable& files = code_.files();
    for (std::size_t i = 0; i < files.size(); ++i) {
      const source::FileId id{static_cast<std::uint32_t>(i)};
      const source::SourceFile* file = files.get(id);
      fine &= id == code_.file() || file == nullptr || !has(file->text(), "FileExistsError") ||
              !imports_this(file->text());
    }
    return fine;
  }

  [[nodiscard]] bool imports_this(std::string_view text) const {
    std::string_view module = code_.files().path(code_.file());
    module = module.substr(module.find_last_of('/') + 1);
    module = module.substr(0, module.find('.'));
    return has(text, fmt::format("import {}", module)) || has(text, fmt::format("from {}", module)) ||
           has(text, fmt::format(".{} import", module));
  }

  const Code& code_;
  const findings::Repair& repair_;
  Node erase_;
  Node fetch_;  ///< `fd = HELD[path]`, before a `del`
  std::string_view registry_;
  std::string_view key_;
  std::string_view variable_;
  bool may_be_none_ = false;
  std::vector<Node> clean_ups_;
  Fill fill_;
};

}  // namespace

Proposals move_registry(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() < 2 || !repair.places[0].through.empty() ||
      repair.places[0].range.file != code.file())
    return {};
  Move move(code, repair);
  if (!move.read()) return {};
  Edits edits(code.file(), code.text());
  if (!move.write(edits)) return {};
  code.import_library(edits, {"FileLock"}, idle_imports(code, [&](Node node) { return move.removes(node); }));
  return library_move(edits, "Use lockwright_runtime's FileLock, and keep its holds");
}

}  // namespace lockwright::fixes::python
