// LW302: a registry of descriptors becomes one of the library's holds.
//
// Where the lock file is made, the hold is what goes into the registry; and to erase it there is to release
// it, with nothing left to do afterwards. This moves where one place fills the registry and nobody else needs
// the descriptor.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

class Move {
 public:
  Move(const Code& code, const findings::Repair& repair) : code_(code), repair_(repair) {}

  bool read() {
    const Node call = code_.call_at(repair_.places[0].range);
    if (!code_.is_cpp() || !call || !callee(call).ends_with(".erase") || arguments(call).size() != 1)
      return false;
    registry_ = callee(call).substr(0, callee(call).size() - 6);
    erase_ = code_.statement_of(call);
    releaser_ = code_.function_at(repair_.places[0].range);
    return erase_ && releaser_ && read_handle() && read_fill() && read_type() && read_clean_ups() &&
           nobody_else();
  }

  bool write(Edits& edits) const {
    const std::string lock = fmt::format("lockwright::runtime::FileLock({}).try_acquire()", target_);
    edits.replace(opening_.begin(), opening_.end(), fmt::format("auto {} = {};", filled_, lock));
    edits.replace(check_.begin(), check_.end(), fmt::format("(!{})", filled_));
    edits.replace(fill_.begin(), fill_.end(),
                  fmt::format("{}.emplace({}, std::move(*{}));", registry_, key_, filled_));
    edits.replace(type_.begin(), type_.end(), "lockwright::runtime::Hold");
    for (const Node each : dropped_) edits.remove_lines(each.begin(), each.end());
    return true;
  }

  [[nodiscard]] bool removes(Node node) const {
    const auto inside = [&](Node each) { return covers(each, node.begin(), node.end()); };
    return std::ranges::any_of(dropped_, inside) || inside(opening_);
  }

 private:
  /// `fd = held_[path];`, `int fd = it->second;`: what the releaser calls the descriptor.
  bool read_handle() {
    each_node(code_.syntax, releaser_, [&](Node node) {
      const bool assigns = node.kind() == Kind::assignment_expression_;
      if (!assigns && node.kind() != Kind::init_declarator_) return;
      const Node to = node.child(assigns ? Field::left_ : Field::declarator_);
      const Node from = node.child(assigns ? Field::right_ : Field::value_);
      if (!to || !from || to.kind() != Kind::identifier_) return;
      const std::string value = squeezed(from.text());
      const bool element = value.starts_with(fmt::format("{}[", registry_)) ||
                           value.starts_with(fmt::format("{}.at(", registry_)) || value.ends_with("->second");
      if (!element) return;
      handle_ = to.text();
      drop(code_.statement_of(node));
    });
    return !handle_.empty();
  }

  void drop(Node statement) {
    if (statement && std::ranges::find(dropped_, statement) == dropped_.end()) dropped_.push_back(statement);
  }

  bool read_clean_ups() {
    for (std::size_t i = 1; i < repair_.places.size(); ++i) {
      const source::Range& range = repair_.places[i].range;
      if (range.file != code_.file) return false;
      const Node call = code_.call_at(range);
      const Node statement = call ? code_.statement_of(call) : Node{};
      if (!statement || call_of(statement) != call || statement.begin() < erase_.begin()) return false;
      if (code_.function_at(range) != releaser_) return false;
      drop(statement);
    }
    // The descriptor is for nothing else there.
    for (const Node use : code_.names(releaser_, handle_)) {
      const Node statement = code_.statement_of(use);
      const bool declares = statement.kind() == Kind::declaration_ && !statement.has_effect();
      const Node call = call_of(statement);
      constexpr std::array ends = {"close", "unlink", "remove", "flock"};
      const bool gives_back = call && std::ranges::find(ends, last_name(callee(call))) != ends.end();
      if (!declares && !gives_back && std::ranges::find(dropped_, statement) == dropped_.end()) return false;
      drop(statement);
    }
    each_node(code_.syntax, releaser_, [&](Node node) {
      const Node call = node.kind() == Kind::expression_statement_ ? call_of(node) : Node{};
      if (call && callee(call) == "unlink" && node.begin() > erase_.begin()) drop(node);
    });
    return std::ranges::all_of(dropped_, [&](Node each) { return code_.owns_lines(each); });
  }

  /// `int fd = open(path.c_str(), O_CREAT | O_EXCL); if (fd < 0) return false; held_[path] = fd;`
  bool read_fill() {
    std::size_t fills = 0;
    each_node(code_.syntax, code_.syntax.root(), [&](Node node) {
      if (node.kind() == Kind::assignment_expression_ &&
          node.child(Field::left_).kind() == Kind::subscript_expression_ &&
          node.child(Field::left_).first_child().text() == registry_) {
        ++fills;
        const std::string_view left = node.child(Field::left_).text();
        key_ = left.substr(registry_.size() + 1, left.size() - registry_.size() - 2);
        filled_ = node.child(Field::right_).text();
        fill_ = code_.statement_of(node);
      }
      const bool emplaces = node.kind() == Kind::call_expression_ &&
                            (callee(node) == fmt::format("{}.emplace", registry_) ||
                             callee(node) == fmt::format("{}.try_emplace", registry_)) &&
                            arguments(node).size() == 2;
      if (!emplaces) return;
      ++fills;
      key_ = arguments(node)[0].text();
      filled_ = arguments(node)[1].text();
      fill_ = code_.statement_of(node);
    });
    if (fills != 1 || !fill_) return false;
    const Node function = code_.function_at({code_.file, fill_.begin(), fill_.end()});
    std::size_t uses = 0;
    for (const Node use : code_.names(function, filled_)) {
      const Node statement = code_.statement_of(use);
      ++uses;
      if (statement == fill_) continue;
      if (statement.kind() == Kind::declaration_ && !opening_) {
        opening_ = statement;
      } else if (statement.kind() == Kind::if_statement_ && !statement.child(Field::alternative_) &&
                 ends_by_leaving(statement.child(Field::consequence_)) && !check_) {
        check_ = statement.child(Field::condition_);
        const std::string asks = squeezed(check_.text());
        if (asks != fmt::format("({}<0)", filled_) && asks != fmt::format("({}==-1)", filled_)) return false;
      } else {
        return false;
      }
    }
    if (uses != 3 || !opening_ || !check_) return false;
    each_node(code_.syntax, opening_, [&](Node node) {
      if (node.kind() == Kind::call_expression_ && callee(node) == "open") creation_ = node;
    });
    if (!creation_ || arguments(creation_).size() < 2 || !has(arguments(creation_)[1].text(), "O_EXCL"))
      return false;
    target_ = without_c_str(arguments(creation_)[0]);
    if (const std::size_t at = target_.rfind("+ \".lock\"");
        at != std::string::npos && at + 9 == target_.size()) {
      target_ = target_.substr(0, at);
      while (target_.ends_with(' ')) target_.pop_back();
    }
    return true;
  }

  /// `std::map<std::string, int> held_;`
  bool read_type() {
    const std::string_view name = last_name(registry_);
    std::size_t found = 0;
    each_node(code_.syntax, code_.syntax.root(), [&](Node node) {
      if (node.kind() != Kind::field_declaration_ && node.kind() != Kind::declaration_) return;
      const Node declarator = node.child(Field::declarator_);
      if (!declarator || declarator.text() != name || !has(node.text(), "map<")) return;
      each_node(code_.syntax, node, [&](Node inner) {
        if (inner.kind() != Kind::template_argument_list_) return;
        const std::vector<Node> given = children(inner);
        if (given.size() >= 2 && given[1].text() == "int") {
          type_ = given[1];
          ++found;
        }
      });
    });
    return found == 1;
  }

  /// All other uses of the registry ask no more than whether there is an entry.
  [[nodiscard]] bool nobody_else() const {
    bool fine = true;
    each_node(code_.syntax, code_.syntax.root(), [&](Node node) {
      const bool subscript =
          node.kind() == Kind::subscript_expression_ && node.first_child().text() == registry_;
      if (subscript && !removes(node) && !covers(fill_, node.begin(), node.end())) fine = false;
      if (node.kind() == Kind::for_range_loop_ && has(node.text(), registry_)) fine = false;
      if (node.kind() != Kind::call_expression_ || removes(node)) return;
      const std::string_view name = callee(node);
      if (!name.starts_with(fmt::format("{}.", registry_)) || covers(fill_, node.begin(), node.end())) return;
      constexpr std::array asks = {"count", "contains", "find", "end", "empty", "size", "erase"};
      fine &= std::ranges::find(asks, last_name(name)) != asks.end();
    });
    bool others = false;
    each_node(code_.syntax, code_.syntax.root(), [&](Node node) {
      if (node.kind() != Kind::call_expression_ || removes(node) || node == creation_) return;
      others |= has(node.text(), "O_EXCL") || callee(node) == "unlink";
    });
    return fine && !others;
  }

  const Code& code_;
  const findings::Repair& repair_;
  std::string_view registry_;
  Node erase_;
  Node releaser_;
  std::string_view handle_;
  std::vector<Node> dropped_;
  Node fill_;
  std::string_view key_;
  std::string_view filled_;
  Node opening_;
  Node check_;
  Node creation_;
  std::string target_;
  Node type_;
};

}  // namespace

std::vector<findings::Fix> move_registry(const Code& code, const findings::Repair& repair) {
  Move move(code, repair);
  if (!move.read()) return {};
  Edits edits(code.file, code.text);
  if (!move.write(edits)) return {};
  std::vector<Node> gone;
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    if (move.removes(node)) gone.push_back(node);
  });
  code.include_library(edits, {"utility"}, gone);
  return library_move(edits, "Use lockwright::runtime's FileLock");
}

}  // namespace lockwright::fixes::cpp
