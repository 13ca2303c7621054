// LW102: open without emptying, and empty the file once its lock is held.
//
// "w" becomes "a" where everything after it is written from the beginning on: nothing else changes, and the
// file is still created when it is missing. Where the handle is sought in or handed on, appending would be
// another thing; then the file is opened by its descriptor, for reading and writing, created if missing. The
// file is emptied after the statement that takes the lock, whether or not that got it: a program that goes on
// without the lock has always emptied the file, and still does. A lock that is another file's is simply taken
// first.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/python/handle.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view title = "Open without truncating, and truncate under the lock";
constexpr std::string_view fallback_title = "Create the missing file without truncating";
constexpr std::string_view order_title = "Acquire the lock before the file is opened";

/// How the file is opened, and what is known of its handle.
struct Opened {
  Node call;
  Node path;           ///< the file's name in the call
  Node mode;           ///< the string; none: opened by flags
  Node flags;          ///< of os.open
  bool object = true;  ///< a file object, not a descriptor
  std::string_view variable;
  Node binding;           ///< the assignment or the with_item
  bool fallback = false;  ///< for a file that "r+" did not find
};

bool is_mode(std::string_view text) {
  return text.size() <= 3 && text.find('w') != std::string_view::npos &&
         text.find_first_not_of("wbt+") == std::string_view::npos;
}

/// The text of a plain string.
std::string_view content(Node string) {
  const Node inner = string.child(Kind::string_content_);
  return string.kind() == Kind::string_ && inner ? inner.text() : std::string_view();
}

bool read_call(Opened& opened) {
  const std::string_view name = callee(opened.call);
  const std::vector<Node> given = arguments(opened.call);
  if (name == "os.open") {
    if (given.size() < 2) return false;
    opened.path = given[0];
    opened.flags = given[1];
    return opened.flags.text().find("os.O_TRUNC") != std::string_view::npos;
  }
  const bool function = name == "open" || name == "io.open";
  const bool method = !function && last_name(name) == "open" && !given.empty() && is_mode(content(given[0]));
  const bool method_by_name = !function && last_name(name) == "open" && given.empty();
  const std::size_t place = function ? 1 : 0;
  if (!function && !method && !method_by_name) return false;
  opened.mode = given.size() > place ? given[place] : keyword(opened.call, "mode");
  opened.path = function ? (given.empty() ? keyword(opened.call, "file") : given[0])
                         : opened.call.child(Field::function_).child(Field::object_);
  return opened.mode && opened.path && is_mode(content(opened.mode));
}

/// The variable that the opened file is bound to: by `with … as f`, or by an assignment, be it through
/// os.fdopen() or as one branch of a conditional expression.
bool read_binding(const Code& code, Opened& opened) {
  const Path way = code.way(opened.call);
  opened.object = static_cast<bool>(opened.mode);
  for (std::size_t i = way.size() - 1; i-- > 0;) {
    const Node node = way[i];
    const Node child = way[i + 1];
    switch (node.kind()) {
      case Kind::argument_list_:
      case Kind::conditional_expression_:
      case Kind::parenthesized_expression_: break;
      case Kind::call_:
        if (callee(node) != "os.fdopen") return false;
        opened.object = true;
        break;
      case Kind::as_pattern_: {
        const Node target = node.child(Kind::as_pattern_target_);
        const Node name = target ? target.first_child() : Node{};
        if (!name || name.kind() != Kind::identifier_) return false;
        opened.variable = name.text();
        break;
      }
      case Kind::with_item_: opened.binding = node; return !opened.variable.empty();
      case Kind::assignment_: {
        const Node left = node.child(Field::left_);
        if (child.field() != Field::right_ || !left || left.kind() != Kind::identifier_) return false;
        opened.variable = left.text();
        opened.binding = node;
        return true;
      }
      default: return false;
    }
  }
  return false;
}

bool opens_for_update(Node node) {
  return node.text().find("\"r+") != std::string_view::npos ||
         node.text().find("'r+") != std::string_view::npos ||
         node.text().find("\"rb+") != std::string_view::npos ||
         node.text().find("'rb+") != std::string_view::npos;
}

/// `except FileNotFoundError:` of a try that opens with "r+", or the other branch of such an expression.
bool is_fallback(const Code& code, const Opened& opened) {
  const Path way = code.way(opened.call);
  for (std::size_t i = 1; i < way.size(); ++i) {
    if (way[i].kind() == Kind::except_clause_ && way[i - 1].kind() == Kind::try_statement_) {
      const Node body = way[i - 1].child(Field::body_);
      if (body && opens_for_update(body)) return true;
    }
    if (way[i].kind() == Kind::conditional_expression_ && opens_for_update(way[i])) {
      return way[i].text().find("exists") != std::string_view::npos ||
             way[i].text().find("is_file") != std::string_view::npos;
    }
  }
  return false;
}

/// Where the file is emptied.
struct Insertion {
  Node statement;
  bool after = true;
};

/// Finds the places at which the lock has been asked for and nothing been written yet.
class Placement {
 public:
  Placement(const Code& code, const std::vector<HandleUse>& uses, const source::Range& lock)
      : code_(code), uses_(uses), lock_(lock) {}

  bool place(Node block, std::uint32_t from) {
    const Node statement = child_at(block, lock_.begin, lock_.end);
    if (!statement || touched(from, statement.begin())) return false;
    const bool guard = statement.kind() == Kind::with_statement_ && !in_body(statement);
    if (guard) return add_first(statement.child(Field::body_));
    if (!touched(statement.begin(), statement.end())) return add_behind(block, statement);
    switch (statement.kind()) {
      case Kind::with_statement_:
        return place(statement.child(Field::body_), statement.child(Field::body_).begin());
      case Kind::try_statement_: return place_in_try(statement);
      default: return false;
    }
  }

  std::vector<Insertion> found;

 private:
  [[nodiscard]] bool touched(std::uint32_t begin, std::uint32_t end) const {
    return std::any_of(uses_.begin(), uses_.end(), [&](const HandleUse& use) {
      return use.touches() && use.name.begin() >= begin && use.name.end() <= end;
    });
  }

  [[nodiscard]] bool in_body(Node statement) const {
    return covers(statement.child(Field::body_), lock_.begin, lock_.end);
  }

  bool add(Node statement, bool after) {
    if (!statement || !code_.owns_lines(statement)) return false;
    found.push_back({statement, after});
    return true;
  }

  /// In the try that releases the lock, if that comes next: emptying may fail.
  bool add_behind(Node block, Node statement) {
    Node next;
    for (const Node child : block.children()) {
      if (!next && child.begin() >= statement.end()) next = child;
    }
    const bool releases = next.kind() == Kind::try_statement_ && next.child(Kind::finally_clause_) &&
                          !next.child(Kind::except_clause_);
    if (releases && add_first(next.child(Field::body_))) return true;
    return add(statement, true);
  }

  bool add_first(Node block) { return block && add(block.first_child(), false); }

  /// When the lock is not got, a handler may write all the same.
  bool place_in_try(Node statement) {
    const Node body = statement.child(Field::body_);
    if (!in_body(statement)) return false;
    const bool written_after = touched(statement.end(), static_cast<std::uint32_t>(-1));
    for (const Node clause : statement.children()) {
      if (clause.kind() == Kind::finally_clause_ && touched(clause.begin(), clause.end())) return false;
      if (clause.kind() != Kind::except_clause_) continue;
      const Node handler = clause.child(Kind::block_);
      if (!handler) return false;
      Node last;
      for (const Node child : handler.children()) last = child;
      if (touched(handler.begin(), handler.end())) {
        if (!add_first(handler)) return false;
      } else if (written_after && !leaves(last)) {
        return false;
      }
    }
    return place(body, body.begin());
  }

  const Code& code_;
  const std::vector<HandleUse>& uses_;
  const source::Range& lock_;
};

/// Whether the file is emptied already, before anything else is done with it, in what follows `at`.
bool is_emptied(const Code& code, const std::vector<HandleUse>& uses, Node block, std::uint32_t at) {
  auto use = std::find_if(uses.begin(), uses.end(),
                          [&](const HandleUse& each) { return each.touches() && each.name.begin() >= at; });
  const auto always = [&](Node name) {
    const Path way = code.way(name);
    const auto begin = std::find(way.begin(), way.end(), block);
    if (begin == way.end()) return false;
    return std::none_of(begin, way.end(), [](Node node) {
      switch (node.kind()) {
        case Kind::if_statement_:
        case Kind::for_statement_:
        case Kind::while_statement_:
        case Kind::except_clause_:
        case Kind::function_definition_:
        case Kind::conditional_expression_:
        case Kind::boolean_operator_: return true;
        default: return false;
      }
    });
  };
  if (use == uses.end() || !always(use->name)) return false;
  const bool rewound = use->use == Use::rewind;
  if (rewound) ++use;
  if (use == uses.end() || !always(use->name)) return false;
  if (use->use != Use::truncate) return false;
  if (rewound) return true;
  const Path way = code.way(use->name);
  // `f.truncate(0)`, `os.ftruncate(fd, 0)`
  for (std::size_t i = way.size(); i-- > 0;) {
    if (way[i].kind() != Kind::call_) continue;
    const std::vector<Node> given = arguments(way[i]);
    return !given.empty() && given.back().text() == "0";
  }
  return false;
}

/// "w" as "a", "w+b" as "a+b".
std::string appending(std::string_view mode) {
  std::string result(mode);
  std::replace(result.begin(), result.end(), 'w', 'a');
  return result;
}

/// `os.fdopen(os.open(path, …), "r+", …)`: created if missing, not emptied, written anywhere.
std::string by_descriptor(const Opened& opened) {
  const bool binary = content(opened.mode).find('b') != std::string_view::npos;
  std::string quote(opened.mode.text().substr(0, opened.mode.text().find(content(opened.mode))));
  std::string rest;
  for (const Node child : opened.call.child(Field::arguments_).children()) {
    const bool named = child.kind() == Kind::keyword_argument_ && child.child(Field::value_) == opened.mode;
    const bool is_file = child == opened.path || child.child(Field::value_) == opened.path;
    if (child == opened.mode || named || is_file) continue;
    rest += fmt::format(", {}", child.text());
  }
  return fmt::format("os.fdopen(os.open({}, os.O_RDWR | os.O_CREAT, 0o666), {}{}{}{})", opened.path.text(),
                     quote, binary ? "r+b" : "r+", quote, rest);
}

/// Removes `os.O_TRUNC` from `a | os.O_TRUNC | b`.
bool remove_flag(Edits& edits, Node flags) {
  const std::string_view all = flags.text();
  const std::string_view flag = "os.O_TRUNC";
  const std::size_t at = all.find(flag);
  if (all.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.| \t\r\n") !=
      std::string_view::npos)
    return false;
  std::size_t begin = at;
  std::size_t end = at + flag.size();
  const std::size_t bar = all.find_last_not_of(" \t\r\n", at == 0 ? 0 : at - 1);
  if (at > 0 && bar != std::string_view::npos && all[bar] == '|') {
    begin = all.find_last_not_of(" \t\r\n", bar - 1) + 1;
  } else {
    const std::size_t next = all.find_first_not_of(" \t\r\n", end);
    if (next == std::string_view::npos || all[next] != '|') return false;
    end = all.find_first_not_of(" \t\r\n", next + 1);
  }
  edits.replace(flags.begin() + begin, flags.begin() + end, "");
  return true;
}

findings::Fix fix_of(std::string_view what, std::vector<findings::Edit> edits) {
  return {
      .title = std::string(what), .applicability = findings::Applicability::safe, .edits = std::move(edits)};
}

/// The lock is another file's: `with open(p, "w") as f, lock:`, or two such statements one in the other.
std::optional<findings::Fix> take_first(const Code& code, const Opened& opened, const source::Range& lock) {
  if (opened.binding.kind() != Kind::with_item_) return std::nullopt;
  const auto swap = [&](Node left, Node right) -> std::optional<findings::Fix> {
    bool independent = true;
    each_node(code.syntax(), right, [&](Node node) {
      independent &= node.kind() != Kind::identifier_ || node.text() != opened.variable;
    });
    if (!independent) return std::nullopt;
    Edits edits(code.file(), code.text());
    edits.replace(left.begin(), left.end(), std::string(right.text()));
    edits.replace(right.begin(), right.end(), std::string(left.text()));
    auto taken = edits.take();
    if (!taken) return std::nullopt;
    return fix_of(order_title, std::move(*taken));
  };
  const Path way = code.way(opened.binding);
  Node clause = way[way.size() - 2];
  const Node statement = way[way.size() - 3];
  Node previous;
  for (const Node item : clause.children()) {
    if (previous == opened.binding && covers(item, lock.begin, lock.end)) return swap(previous, item);
    previous = item;
  }
  const Node body = statement.child(Field::body_);
  const Node inner = body ? body.first_child() : Node{};
  if (!inner || inner.kind() != Kind::with_statement_ || inner.past() != body.past()) return std::nullopt;
  const Node inner_clause = inner.child(Kind::with_clause_);
  if (!covers(inner_clause, lock.begin, lock.end) || opened.binding.past() != clause.past())
    return std::nullopt;
  return swap(clause, inner_clause);
}

/// Whether the lock is on the bytes from where the handle stands: with "a" that would be the end, and another
/// place in each process.
bool locks_from_position(const Code& code, const findings::Place& lock) {
  const source::SourceFile* file = code.files().get(lock.range.file);
  return file == nullptr || file->text().find("msvcrt") != std::string_view::npos ||
         file->text().find("os.lockf") != std::string_view::npos;
}

}  // namespace

Proposals truncate_under_lock(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file())) return {};
  // An open in a helper serves others, who may not lock.
  if (!repair.places[0].through.empty()) return {};
  const source::Range& lock = repair.places[1].here();
  Opened opened{.call = code.call_at(repair.places[0].range)};
  if (!opened.call || !read_call(opened) || !read_binding(code, opened)) return {};
  if (auto fix = take_first(code, opened, lock)) return {std::move(*fix)};
  opened.fallback = is_fallback(code, opened);

  const Node scope = code.function_at(repair.places[0].range);
  if (code.function_at(lock) != scope) return {};
  const std::vector<HandleUse> uses = uses_of(code, scope, opened.variable, lock);
  const auto used = [&](Use use) {
    return std::any_of(uses.begin(), uses.end(), [&](const HandleUse& each) { return each.use == use; });
  };
  const auto bindings =
      std::count_if(uses.begin(), uses.end(), [](const HandleUse& use) { return use.use == Use::binding; });
  if (bindings > 1 && !opened.fallback) return {};

  Edits edits(code.file(), code.text());
  bool rewound_elsewhere = used(Use::rewind);
  if (!opened.fallback) {
    // What was emptied and is read all the same needs its author.
    if (used(Use::reading)) return {};
    Node block = code.common_block(repair.places[0].range, lock);
    std::uint32_t from = opened.binding.end();
    if (opened.binding.kind() == Kind::with_item_) {
      const Path way = code.way(opened.binding);
      const Node body = way[way.size() - 3].child(Field::body_);
      if (covers(body, lock.begin, lock.end)) {
        block = body;
        from = body.begin();
      }
    }
    Placement placement(code, uses, lock);
    if (!placement.place(block, from)) return {};
    for (const Insertion& each : placement.found) {
      const std::uint32_t at = each.after ? each.statement.end() : each.statement.begin();
      const Path way = code.way(each.statement);
      if (is_emptied(code, uses, way[way.size() - 2], at)) {
        if (placement.found.size() == 1) rewound_elsewhere = false;
        continue;
      }
      std::vector<std::string> lines;
      if (opened.object) {
        lines = {fmt::format("{}.seek(0)", opened.variable), fmt::format("{}.truncate()", opened.variable)};
      } else {
        lines = {fmt::format("os.ftruncate({}, 0)", opened.variable)};
      }
      const std::string_view indent = code.text().indent(each.statement.begin());
      if (each.after) {
        edits.add_lines_after(each.statement.end(), indent, lines);
      } else {
        edits.add_lines_before(each.statement.begin(), indent, lines);
      }
    }
  } else {
    rewound_elsewhere = !is_emptied(code, uses, code.common_block(repair.places[0].range, lock), lock.end);
  }
  if (opened.flags) {
    if (!remove_flag(edits, opened.flags)) return {};
  } else if (used(Use::general) || used(Use::reading) || rewound_elsewhere ||
             locks_from_position(code, repair.places[1])) {
    edits.replace(opened.call.begin(), opened.call.end(), by_descriptor(opened));
    code.import_module(edits, "os");
  } else {
    const std::string_view mode = content(opened.mode);
    const std::size_t at = opened.mode.begin() + opened.mode.text().find(mode);
    edits.replace(at, at + mode.size(), appending(mode));
  }
  auto taken = edits.take();
  if (!taken) return {};
  return {fix_of(opened.fallback ? fallback_title : title, std::move(*taken))};
}

}  // namespace lockwright::fixes::python
