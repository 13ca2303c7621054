// LW102: open without emptying, and empty the file once its lock is held.
//
// Node has no mode for "create if missing, do not truncate, write anywhere", but flags: O_CREAT without
// O_TRUNC.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {
namespace {

constexpr std::string_view missing_title = "Create the missing file without truncating";
constexpr std::string_view title = "Open without truncating, and truncate under the lock";

struct Opened {
  Node call;
  Node mode;               ///< the string, or the flags
  std::string_view owner;  ///< "fs." in `fs.openSync`; "" if it is imported by name
  std::string_view variable;
  bool promise = false;
};

bool read_open(const Code& code, Opened& opened) {
  const std::string_view name = callee(opened.call);
  const std::string_view last = last_name(name);
  const std::vector<Node> given = arguments(opened.call);
  if ((last != "open" && last != "openSync") || given.size() < 2) return false;
  opened.mode = given[1];
  opened.owner = name.substr(0, name.size() - last.size());
  opened.promise = last == "open";
  const Path way = code.way(opened.call);
  for (std::size_t i = way.size() - 1; i-- > 0;) {
    if (way[i].kind() == Kind::await_expression_) continue;
    if (way[i].kind() != Kind::variable_declarator_) return false;
    const Node bound = way[i].child(Field::name_);
    if (!bound || bound.kind() != Kind::identifier_) return false;
    opened.variable = bound.text();
    return true;
  }
  return false;
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The functions around a use, innermost first, that get the handle or are its methods.
std::string_view user_of(const Path& way) {
  for (std::size_t i = way.size() - 1; i-- > 0;) {
    if (way[i].kind() == Kind::call_expression_) return last_name(callee(way[i]));
    if (frontends::typescript::is_statement(way[i].kind())) break;
  }
  return {};
}

class Placement {
 public:
  Placement(const Code& code, Node scope, const Opened& opened, const source::Range& lock)
      : code_(code), lock_(lock) {
    for (const Node name : code.names(scope, opened.variable)) {
      const Path way = code.way(name);
      const bool bound =
          way[way.size() - 2].kind() == Kind::variable_declarator_ && name.field() == Field::name_;
      const bool locks = std::any_of(way.begin(), way.end(), [&](Node node) {
        return node.begin() >= lock.begin && node.end() <= lock.end && node.kind() == Kind::call_expression_;
      });
      const std::string_view user = user_of(way);
      reads |= user.find("read") != std::string_view::npos;
      if (!bound && !locks && user.find("lock") == std::string_view::npos &&
          !one_of(user, {"close", "closeSync", "fsync", "fsyncSync", "fdatasync", "fdatasyncSync", "sync"})) {
        touches_.push_back({name, user});
      }
    }
  }

  /// The statement after which the lock has been asked for and nothing been written; none if there is none.
  Node place(Node block, std::uint32_t from) {
    const Node statement = child_at(block, lock_.begin, lock_.end);
    if (!statement || touched(from, statement.begin())) return {};
    if (!touched(statement.begin(), statement.end())) return code_.owns_lines(statement) ? statement : Node{};
    const Node body = statement.kind() == Kind::try_statement_ ? statement.child(Field::body_) : Node{};
    if (!covers(body, lock_.begin, lock_.end)) return {};
    for (const Field part : {Field::handler_, Field::finalizer_}) {
      const Node clause = statement.child(part);
      if (clause && touched(clause.begin(), clause.end())) return {};
    }
    if (statement.child(Field::handler_) && touched(statement.end(), static_cast<std::uint32_t>(-1)))
      return {};
    return place(body, body.begin());
  }

  /// Whether what comes next empties the file.
  [[nodiscard]] bool is_emptied(Node statement) const {
    const auto next = std::find_if(touches_.begin(), touches_.end(),
                                   [&](const Touch& touch) { return touch.name.begin() >= statement.end(); });
    return next != touches_.end() && one_of(next->user, {"ftruncateSync", "ftruncate", "truncate"});
  }

  bool reads = false;

 private:
  struct Touch {
    Node name;
    std::string_view user;
  };

  [[nodiscard]] bool touched(std::uint32_t begin, std::uint32_t end) const {
    return std::any_of(touches_.begin(), touches_.end(), [&](const Touch& touch) {
      return touch.name.begin() >= begin && touch.name.end() <= end;
    });
  }

  const Code& code_;
  const source::Range& lock_;
  std::vector<Touch> touches_;
};

/// Where the module keeps its constants: `fs.constants` beside `fs.openSync` and `fs.promises.open`.
std::string constants_of(const Code& code, Edits& edits, const Opened& opened, bool& fine) {
  if (!opened.owner.empty())
    return fmt::format("{}.constants", opened.owner.substr(0, opened.owner.find('.')));
  fine = code.import_beside(edits, last_name(callee(opened.call)), "constants");
  return "constants";
}

bool change_mode(const Code& code, Edits& edits, const Opened& opened) {
  const std::string_view mode = opened.mode.text();
  if (opened.mode.kind() == Kind::string_) {
    const std::string_view letters = mode.size() > 2 ? mode.substr(1, mode.size() - 2) : "";
    if (letters != "w" && letters != "w+") return false;
    bool fine = true;
    const std::string constants = constants_of(code, edits, opened, fine);
    if (!fine) return false;
    edits.replace(
        opened.mode.begin(), opened.mode.end(),
        fmt::format("{}.{} | {}.O_CREAT", constants, letters == "w" ? "O_WRONLY" : "O_RDWR", constants));
    return true;
  }
  // `A | O_TRUNC | B`: the operand goes, with the bar before it.
  bool removed = false;
  each_node(code.syntax(), opened.mode, [&](Node node) {
    if (removed || node.kind() != Kind::binary_expression_) return;
    const Node left = node.child(Field::left_);
    const Node right = node.child(Field::right_);
    if (!left || !right || node.text().find('|') == std::string_view::npos) return;
    if (last_name(right.text()) == "O_TRUNC" && right.text().find(' ') == std::string_view::npos) {
      edits.replace(left.end(), right.end(), "");
      removed = true;
    } else if (last_name(left.text()) == "O_TRUNC" && left.text().find(' ') == std::string_view::npos) {
      edits.replace(left.begin(), right.begin(), "");
      removed = true;
    }
  });
  return removed;
}

/// `try { open(path, "r+") } catch { open(path, "w") }`: the file was missing, and somebody else may have
/// made it by now. What the first open is fit for, emptying under the lock included, the second one is, too.
Proposals create_missing(const Code& code, const source::Range& open) {
  Opened opened{.call = code.call_at(open)};
  const std::vector<Node> given = opened.call ? arguments(opened.call) : std::vector<Node>();
  if (given.size() < 2) return {};
  const std::string_view name = callee(opened.call);
  opened.mode = given[1];
  opened.owner = name.substr(0, name.size() - last_name(name).size());
  bool falls_back = false;
  for (const Node node : code.way(opened.call)) {
    if (node.kind() != Kind::try_statement_ || !covers(node.child(Field::handler_), open.begin, open.end))
      continue;
    each_node(code.syntax(), node.child(Field::body_), [&](Node first) {
      if (first.kind() != Kind::call_expression_ || callee(first) != name) return;
      const std::vector<Node> others = arguments(first);
      falls_back |=
          others.size() > 1 && others[0].text() == given[0].text() && others[1].text().find("r+") == 1;
    });
  }
  Edits edits(code.file(), code.text());
  if (!falls_back || !change_mode(code, edits, opened)) return {};
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(missing_title),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*taken)}};
}

}  // namespace

Proposals truncate_under_lock(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file())) return {};
  if (repair.places[0].range.file == code.file()) {
    if (Proposals created = create_missing(code, repair.places[0].range); !created.empty()) return created;
  }
  if (!repair.places[0].through.empty()) return {};
  const source::Range& open = repair.places[0].range;
  const source::Range& lock = repair.places[1].here();
  Opened opened{.call = code.call_at(open)};
  if (!opened.call || !read_open(code, opened)) return {};
  const Node scope = code.function_at(open);
  if (code.function_at(lock) != scope) return {};
  Placement placement(code, scope, opened, lock);
  if (placement.reads) return {};
  const Node statement = placement.place(code.common_block(open, lock), opened.call.end());
  if (!statement) return {};
  Edits edits(code.file(), code.text());
  if (!change_mode(code, edits, opened)) return {};
  if (!placement.is_emptied(statement)) {
    std::string line;
    if (opened.promise) {
      line = fmt::format("await {}.truncate(0){}", opened.variable, code.semicolon());
    } else {
      line = fmt::format("{}ftruncateSync({}, 0){}", opened.owner, opened.variable, code.semicolon());
      if (opened.owner.empty() && !code.import_beside(edits, "openSync", "ftruncateSync")) return {};
    }
    edits.add_lines_after(statement.end(), code.text().indent(statement.begin()), std::array{line});
  }
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*taken)}};
}

}  // namespace lockwright::fixes::typescript
