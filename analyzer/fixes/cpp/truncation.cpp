// LW102: open without emptying, and empty the file once its lock is held.
//
// fopen's "w" becomes "a", open's O_TRUNC goes, and ftruncate() follows the statement that takes the lock. It
// fails as that does, with -1, so that it is looked after in the same way: what the function does when it
// does not get the lock, it does when it cannot empty the file.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view title = "Open without truncating, and truncate under the lock";

/// One finding's open and lock.
class Repair {
 public:
  explicit Repair(const Code& code) : code_(code), text_(code.text), syntax_(code.syntax) {}

  std::vector<findings::Fix> propose(const source::Range& open, const source::Range& lock) {
    const Node opening = code_.call_at(open);
    locking_ = code_.call_at(lock);
    if (!opening || !locking_ || !find_variable(opening) || !find_statement()) return {};
    if (!waits_only(opening)) return {};
    Edits edits(code_.file, text_);
    if (!change_mode(edits, opening)) return {};
    if (!empties_next()) {
      const std::string emptying = fmt::format("ftruncate({}, 0)", arguments(locking_)[0].text());
      std::string again(statement_.text());
      again.replace(locking_.begin() - statement_.begin(), locking_.end() - locking_.begin(), emptying);
      edits.insert(statement_.end(), fmt::format("{}{}{}", text_.newline(statement_.begin()),
                                                 text_.indent(statement_.begin()), again));
      code_.include_system(edits, {"unistd.h"});
    }
    auto taken = edits.take();
    if (!taken) return {};
    return {{.title = std::string(title),
             .applicability = findings::Applicability::safe,
             .edits = std::move(*taken)}};
  }

 private:
  /// `FILE *file = fopen(…)`, `int fd = open(…)`, `fd = open(…)`, in a function.
  bool find_variable(Node opening) {
    const Path way = way_to(syntax_.root(), opening.begin(), opening.end());
    for (const Node node : way) {
      if (node.kind() == Kind::function_definition_) function_ = node;
    }
    for (std::size_t i = way.size(); i-- > 0 && function_;) {
      const bool declares = way[i].kind() == Kind::init_declarator_;
      if (!declares && way[i].kind() != Kind::assignment_expression_) continue;
      Node name = way[i].child(declares ? Field::declarator_ : Field::left_);
      while (name && name.kind() == Kind::pointer_declarator_) name = name.child(Field::declarator_);
      if (!name || name.kind() != Kind::identifier_) return false;
      variable_ = name.text();
      return true;
    }
    return false;
  }

  /// The statement that takes the lock: the call alone, or an if that leaves when it fails.
  bool find_statement() {
    const std::string_view name = callee(locking_);
    const std::vector<Node> given = arguments(locking_);
    // lockf() locks from where the file stands.
    if ((name != "flock" && name != "fcntl") || given.empty() || !has(given[0].text(), variable_))
      return false;
    const Path way = way_to(syntax_.root(), locking_.begin(), locking_.end());
    std::size_t at = way.size();
    while (at-- > 1) {
      if (way[at].kind() == Kind::expression_statement_ || way[at].kind() == Kind::if_statement_) break;
      if (way[at].kind() == Kind::function_definition_) return false;
    }
    if (at < 1 || way[at - 1].kind() != Kind::compound_statement_) return false;
    statement_ = way[at];
    if (!text_.begins_line(statement_.begin())) return false;
    if (statement_.kind() == Kind::expression_statement_) return statement_.first_child() == locking_;
    const Node condition = statement_.child(Field::condition_);
    const Node body = statement_.child(Field::consequence_);
    if (!condition || !body || statement_.child(Field::alternative_)) return false;
    std::string_view asked = text_.part(locking_.end(), condition.end());
    while (!asked.empty() && (asked.front() == ' ' || asked.front() == ')')) asked.remove_prefix(1);
    const bool fails =
        asked.starts_with("!= 0") || asked.starts_with("< 0") || asked.starts_with("== -1") || asked.empty();
    if (!fails || has(condition.text(), "&&") || has(condition.text(), "||") ||
        has(condition.text(), "!flock"))
      return false;
    Node last = body;
    if (body.kind() == Kind::compound_statement_) {
      last = {};
      for (const Node each : body.children()) last = each;
    }
    return last && (last.kind() == Kind::return_statement_ || last.kind() == Kind::goto_statement_ ||
                    last.kind() == Kind::throw_statement_ || has(last.text(), "exit("));
  }

  /// Nothing is done with the file before its lock is asked for, and nothing later depends on where it is
  /// written.
  [[nodiscard]] bool waits_only(Node opening) const {
    bool fine = true;
    each_node(syntax_, function_, [&](Node node) {
      if (node.kind() != Kind::call_expression_ || node == opening || node == locking_) return;
      const bool about =
          std::ranges::any_of(arguments(node), [&](Node each) { return each.text() == variable_; });
      const std::string_view name = callee(node);
      const bool closes = name == "close" || name == "fclose" || name == "fileno";
      const bool between = node.begin() > opening.end() && node.begin() < locking_.begin();
      const bool seeks = has(name, "seek") || name == "rewind" || has(name, "setpos") || name == "pwrite" ||
                         has(name, "read");
      fine &= !about || (between ? closes : !seeks);
    });
    return fine;
  }

  bool change_mode(Edits& edits, Node opening) const {
    const std::vector<Node> given = arguments(opening);
    const std::string_view name = callee(opening);
    if (given.size() < 2) return false;
    if (name == "fopen") {
      const std::string_view mode = given[1].text();
      if (mode.size() < 3 || mode[1] != 'w' || !mode.starts_with('"') || has(mode, "x")) return false;
      edits.replace(given[1].begin() + 1, given[1].begin() + 2, "a");
      return true;
    }
    if (name != "open" && name != "openat") return false;
    const Node flags = given[name == "openat" ? 2 : 1];
    const std::string_view all = flags.text();
    for (const std::string_view flag : {std::string_view(" | O_TRUNC"), std::string_view("O_TRUNC | "),
                                        std::string_view("|O_TRUNC"), std::string_view("O_TRUNC|")}) {
      const std::size_t at = all.find(flag);
      if (at == std::string_view::npos) continue;
      edits.replace(flags.begin() + at, flags.begin() + at + flag.size(), "");
      return true;
    }
    return false;
  }

  /// Whether the file is emptied under the lock anyway.
  [[nodiscard]] bool empties_next() const {
    const std::string_view rest = text_.all().substr(statement_.end());
    const std::size_t at = rest.find_first_not_of(" \t\r\n");
    const std::string_view next = at == std::string_view::npos ? rest : rest.substr(at);
    return has(next.substr(0, next.find(';')), "ftruncate(");
  }

  const Code& code_;
  const Text& text_;
  const frontends::cpp::Syntax& syntax_;
  Node function_;
  std::string_view variable_;
  Node locking_;
  Node statement_;
};

}  // namespace

std::vector<findings::Fix> truncate_under_lock(const Code& code, const findings::Repair& repair) {
  if (repair.places.size() != 2) return {};
  return Repair(code).propose(repair.places[0].range, repair.places[1].range);
}

}  // namespace lockwright::fixes::cpp
