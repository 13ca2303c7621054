// LW102: open without emptying, and empty the file once its lock is held.
//
// fopen's "w" becomes "a", open's O_TRUNC goes, and ftruncate() follows the statement that takes the lock. It
// fails as that does, with -1, so that it is looked after in the same way: what the function does when it
// does not get the lock, it does when it cannot empty the file. The open may be a helper's that is told how
// to.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "analyzer/fixes/common/code_of.h"
#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/code.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view title = "Open without truncating, and truncate under the lock";

/// One finding's open and lock.
class Repair {
 public:
  explicit Repair(const Code& code) : code_(code), text_(code.text), syntax_(code.syntax) {}

  std::vector<findings::Fix> propose(const findings::Place& open, const source::Range& lock) {
    const Node opening = code_.call_at(open.here());
    locking_ = code_.call_at(lock);
    if (!opening || !locking_ || !find_variable(opening) || !find_statement()) return {};
    if (!waits_only(opening)) return {};
    const Node mode = open.through.empty() ? mode_of(opening) : mode_given(opening, open.range);
    Edits edits(code_.file, text_);
    if (!mode || !change_mode(edits, mode)) return {};
    if (!empties_next()) {
      edits.insert(statement_.end(), fmt::format("{}{}{}", text_.newline(statement_.begin()),
                                                 text_.indent(statement_.begin()), again_));
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

  /// The statements that take the lock, up to where it is held, and what empties the file as they took it.
  bool find_statement() {
    const std::string_view name = callee(locking_);
    const std::vector<Node> given = arguments(locking_);
    // lockf() locks from where the file stands.
    if ((name != "flock" && name != "fcntl") || given.empty() || !has(given[0].text(), variable_))
      return false;
    emptying_ = fmt::format("ftruncate({}, 0)", given[0].text());
    const Path way = way_to(syntax_.root(), locking_.begin(), locking_.end());
    Node inner;  // of the innermost block
    for (std::size_t i = way.size(); i-- > 1 && !statement_;) {
      if (way[i].kind() == Kind::function_definition_ || way[i].kind() == Kind::lambda_expression_)
        return false;
      if (way[i - 1].kind() != Kind::compound_statement_) continue;
      if (!inner) inner = way[i];
      // `do { … } while (…);`: what tells of its end comes behind.
      const bool asks_again = i > 2 && way[i - 2].kind() == Kind::do_statement_;
      if (!asks_again) statement_ = way[i];
    }
    if (!statement_ || !text_.begins_line(statement_.begin())) return false;
    if (inner == statement_) {
      if (statement_.kind() == Kind::if_statement_ || is_call()) return take_again();
      if (statement_.kind() == Kind::while_statement_) return leave_as_loop_does();
    }
    return ask_again(inner);
  }

  [[nodiscard]] bool is_call() const {
    return statement_.kind() == Kind::expression_statement_ && statement_.first_child() == locking_;
  }

  /// `flock(fd, LOCK_EX);`, or an if that leaves when it fails: the same for ftruncate().
  bool take_again() {
    again_ = statement_.text();
    again_.replace(locking_.begin() - statement_.begin(), locking_.end() - locking_.begin(), emptying_);
    if (is_call()) return true;
    const Node condition = statement_.child(Field::condition_);
    const Node body = statement_.child(Field::consequence_);
    if (!condition || !covers(condition, locking_.begin(), locking_.end()) || !body ||
        statement_.child(Field::alternative_))
      return false;
    return asks_for_failure(condition, locking_.end()) && !has(condition.text(), "!flock") &&
           ends_by_leaving(body);
  }

  [[nodiscard]] bool asks_for_failure(Node condition, std::uint32_t from) const {
    std::string_view asked = text_.part(from, condition.end());
    while (!asked.empty() && (asked.front() == ' ' || asked.front() == ')')) asked.remove_prefix(1);
    const bool fails =
        asked.starts_with("!= 0") || asked.starts_with("< 0") || asked.starts_with("== -1") || asked.empty();
    return fails && !has(condition.text(), "&&") && !has(condition.text(), "||");
  }

  /// `rc = flock(fd, LOCK_EX); if (rc != 0) return -1;`: both for ftruncate() behind them.
  bool ask_again(Node taking) {
    const Node assignment =
        taking && taking.kind() == Kind::expression_statement_ ? taking.first_child() : Node{};
    Node result;
    if (assignment.kind() == Kind::assignment_expression_ && assignment.child(Field::right_) == locking_)
      result = assignment.child(Field::left_);
    if (taking.kind() == Kind::declaration_ && declared_names(taking).size() == 1 &&
        taking.child(Field::declarator_).child(Field::value_) == locking_ && !has(taking.text(), "const "))
      result = taking.child(Field::declarator_).child(Field::declarator_);
    if (!result || result.kind() != Kind::identifier_) return false;
    Node check;
    for (const Node each : statements(block_around(statement_))) {
      if (each.begin() >= statement_.end() && !check) check = each;
    }
    if (check.kind() != Kind::if_statement_ || check.child(Field::alternative_) || !code_.owns_lines(check))
      return false;
    const Node condition = check.child(Field::condition_);
    const std::string asked = squeezed(condition.text());
    const bool begins = asked.starts_with(fmt::format("({}", result.text()));
    const std::vector<Node> named = code_.names(condition, result.text());
    if (!begins || named.size() != 1 || !asks_for_failure(condition, named[0].end()) ||
        !ends_by_leaving(check.child(Field::consequence_)))
      return false;
    again_ = fmt::format("{} = {};{}{}{}", result.text(), emptying_, text_.newline(check.begin()),
                         text_.indent(check.begin()), check.text());
    statement_ = check;
    return true;
  }

  [[nodiscard]] Node block_around(Node statement) const {
    Node block;
    for (const Node node : code_.way(statement.begin(), statement.end())) {
      if (node.kind() == Kind::compound_statement_ && node != statement) block = node;
    }
    return block;
  }

  /// `while (flock(fd, LOCK_EX) < 0) { if (errno != EINTR) return -1; }`: what the loop does to leave.
  bool leave_as_loop_does() {
    const Node condition = statement_.child(Field::condition_);
    const Node body = statement_.child(Field::body_);
    if (!condition || !covers(condition, locking_.begin(), locking_.end()) ||
        !asks_for_failure(condition, locking_.end()) || !code_.owns_lines(statement_))
      return false;
    std::vector<std::string> lines;
    for (const Node each : body_statements(body)) {
      if (each.kind() == Kind::if_statement_ && lines.empty()) {
        const Node inside = each.child(Field::consequence_);
        if (each.child(Field::alternative_) || !has(each.child(Field::condition_).text(), "errno"))
          return false;
        const std::vector<Node> way_out = body_statements(inside);
        if (way_out.empty()) return false;
        // `if (errno == EINTR) continue;`
        if (way_out.size() == 1 && way_out[0].kind() == Kind::continue_statement_) continue;
        for (const Node one : way_out) append(lines, lines_of(code_, one));
        if (!ends_by_leaving(inside) || way_out.back().kind() == Kind::break_statement_) return false;
      } else {
        append(lines, lines_of(code_, each));
        if (each == body_statements(body).back() && (!leaves(each) || each.kind() == Kind::break_statement_ ||
                                                     each.kind() == Kind::continue_statement_))
          return false;
      }
    }
    if (lines.empty()) return false;
    const std::string unit = text_.unit(statement_.begin());
    const std::string failed = fmt::format("{} != 0", emptying_);
    std::vector<std::string> block = {fmt::format("if ({})", failed), unit + lines.front()};
    if (lines.size() > 1 || code_.is_cpp()) block = if_block(code_, failed, lines, unit);
    again_ = text_of(code_, statement_, block);
    return true;
  }

  static void append(std::vector<std::string>& lines, const std::vector<std::string>& more) {
    lines.insert(lines.end(), more.begin(), more.end());
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

  /// What says how the file is opened; none: another call.
  static Node mode_of(Node opening) {
    const std::vector<Node> given = arguments(opening);
    const std::string_view name = last_name(callee(opening));
    const std::size_t at = name == "openat" ? 2 : 1;
    const bool opens = name == "fopen" || name == "open" || name == "openat";
    return opens && given.size() > at ? given[at] : Node{};
  }

  /// What a helper is given that it hands on as the mode to the open at `range`.
  [[nodiscard]] Node mode_given(Node calling, const source::Range& range) const {
    const CodeOf<Code> theirs(code_, code_.file, code_.files, range.file);
    const Node opening = theirs ? theirs->call_at(range) : Node{};
    const Node mode = opening ? mode_of(opening) : Node{};
    const Node helper = theirs ? theirs->function_at(range) : Node{};
    if (!mode || mode.kind() != Kind::identifier_ || helper.kind() != Kind::function_definition_) return {};
    Node declarator = helper.child(Field::declarator_);
    while (declarator && declarator.kind() != Kind::function_declarator_)
      declarator = declarator.child(Field::declarator_);
    const std::vector<Node> given = arguments(calling);
    std::size_t at = 0;
    for (const Node parameter : children(declarator ? declarator.child(Field::parameters_) : Node{})) {
      if (at < given.size() && !theirs->names(parameter, mode.text()).empty()) return given[at];
      ++at;
    }
    return {};
  }

  static bool change_mode(Edits& edits, Node mode) {
    const std::string_view all = mode.text();
    if (all.starts_with('"')) {
      if (all.size() < 3 || all[1] != 'w' || has(all, "x")) return false;
      edits.replace(mode.begin() + 1, mode.begin() + 2, "a");
      return true;
    }
    for (const std::string_view flag : {std::string_view(" | O_TRUNC"), std::string_view("O_TRUNC | "),
                                        std::string_view("|O_TRUNC"), std::string_view("O_TRUNC|")}) {
      const std::size_t at = all.find(flag);
      if (at == std::string_view::npos) continue;
      edits.replace(mode.begin() + at, mode.begin() + at + flag.size(), "");
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
  Node statement_;        ///< behind which the lock is held
  std::string emptying_;  ///< the call
  std::string again_;     ///< what comes behind the statement
};

}  // namespace

std::vector<findings::Fix> truncate_under_lock(const Code& code, const findings::Repair& repair) {
  if (repair.places.size() != 2) return {};
  const findings::Place& open = repair.places[0];
  const findings::Place& lock = repair.places[1];
  if (open.through.size() > 1 || open.here().file != code.file) return {};
  if (!lock.through.empty() || lock.range.file != code.file) return {};
  return Repair(code).propose(open, lock.range);
}

}  // namespace lockwright::fixes::cpp
