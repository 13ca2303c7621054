// LW101 across functions: `load()` locks and is called by somebody who holds the lock.
//
// Other callers of load() need its lock. So it is taken apart: what it does goes, comments and all, into
// load_unlocked(), and load() becomes the lock around a call of that. Whoever holds the lock calls
// load_unlocked(). If the file has such a variant already, it is called. What the lock covers may grow by
// what load() did before it locked, and that the caller holds it is an agreement from now on: a person has to
// look.
#include "analyzer/fixes/python/unlocked.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/fixes/common/code_of.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view title = "Call a variant that does not lock";

/// A function that locks around the rest of what it does.
struct Locker {
  Node function;
  Node body;
  Node docstring;      ///< its statement; may be none
  Node acquire;        ///< the statement before `hold`; none: `hold` acquires
  Node hold;           ///< the try with the release in its finally, or the with statement
  Node release;        ///< the statement in the finally, or that which ends the with statement; may be none
  Node locking;        ///< of a with statement that opens: the statement in it that locks; may be none
  Node first_work;     ///< the first statement of what is done under the lock
  std::string remark;  ///< the comments before a try that goes, with their line ends
  std::size_t work_begin = 0;  ///< the statement's line, or that of a comment before it
  std::size_t work_end = 0;
};

std::vector<Node> statements(Node block) {
  std::vector<Node> result;
  for (const Node child : block.children()) result.push_back(child);
  return result;
}

/// `fcntl.flock(handle, fcntl.LOCK_UN)`
bool unlocks(Node statement, std::string_view handle) {
  const Node call = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
  if (!call || call.kind() != Kind::call_ || arguments(call).empty()) return false;
  return arguments(call)[0].text().starts_with(handle) &&
         call.text().find("LOCK_UN") != std::string_view::npos;
}

/// `with open(lock_path) as handle: fcntl.flock(handle, fcntl.LOCK_EX); …`, where the handle is for nothing
/// else.
bool read_opened(const Code& code, Node with, Node locking, Locker& locker) {
  const Node clause = with.child(Kind::with_clause_);
  const Node item = clause ? clause.first_child() : Node{};
  const Node pattern = item && item.past() == clause.past() ? item.child(Kind::as_pattern_) : Node{};
  const Node target = pattern ? pattern.child(Kind::as_pattern_target_) : Node{};
  std::vector<Node> work = statements(with.child(Field::body_));
  if (!target || work.size() < 2 || work[0] != locking || !code.owns_lines(locking)) return false;
  const std::string_view handle = target.text();
  work.erase(work.begin());
  const Text& text = code.text();
  locker.work_begin = text.next_line(locking.end());
  while (text.indent(locker.work_begin).size() == text.line_end(locker.work_begin) - locker.work_begin)
    locker.work_begin = text.next_line(locker.work_begin);
  const Node attempt = work.size() == 1 ? work[0] : Node{};
  const Node cleanup = attempt.kind() == Kind::try_statement_ ? attempt.child(Kind::finally_clause_) : Node{};
  if (cleanup && !attempt.child(Kind::except_clause_) && !attempt.child(Kind::else_clause_)) {
    const Node block = cleanup.child(Kind::block_);
    const Node only = block ? block.first_child() : Node{};
    if (only && only.past() == block.past() && unlocks(only, handle)) {
      locker.release = only;
      work = statements(attempt.child(Field::body_));
      const std::string_view indent = text.indent(with.begin());
      for (std::size_t line = locker.work_begin; line < text.line_begin(attempt.begin());
           line = text.next_line(line)) {
        const std::string_view remark = text.part(line, text.next_line(line));
        locker.remark.append(indent).append(remark.substr(text.indent(line).size()));
      }
      locker.work_begin = text.line_begin(work[0].begin());
    }
  } else if (work.size() > 1 && unlocks(work.back(), handle)) {
    locker.release = work.back();
    work.pop_back();
  }
  locker.first_work = work.front();
  locker.work_end = work.back().end();
  locker.locking = locking;
  locker.hold = with;
  return std::ranges::all_of(code.names(with, handle), [&](Node name) {
    return covers(clause, name.begin(), name.end()) || covers(locking, name.begin(), name.end()) ||
           covers(locker.release, name.begin(), name.end());
  });
}

bool find_hold(const Code& code, const source::Range& acquire, Locker& locker) {
  const Path way = code.way(acquire.begin, acquire.end);
  for (std::size_t i = way.size(); i-- > 1;) {
    if (way[i].kind() == Kind::function_definition_) return false;
    if (!is_block(way[i - 1])) continue;
    const Node statement = way[i];
    if (statement.kind() == Kind::with_statement_) {
      const Node clause = statement.child(Kind::with_clause_);
      const Node item = clause ? clause.first_child() : Node{};
      locker.hold = statement;
      return item && item.past() == clause.past() && !item.child(Kind::as_pattern_) &&
             covers(clause, acquire.begin, acquire.end);
    }
    const Node with = i > 1 && way[i - 2].kind() == Kind::with_statement_ ? way[i - 2] : Node{};
    Locker opened = locker;
    if (with && read_opened(code, with, statement, opened)) {
      locker = opened;
      return true;
    }
    const std::vector<Node> around = statements(way[i - 1]);
    const auto at = std::find(around.begin(), around.end(), statement);
    if (statement.kind() != Kind::expression_statement_ || at + 1 == around.end()) return false;
    locker.acquire = statement;
    locker.hold = *(at + 1);
    const Node cleanup = locker.hold.child(Kind::finally_clause_);
    const Node block = cleanup ? cleanup.child(Kind::block_) : Node{};
    if (locker.hold.kind() != Kind::try_statement_ || !block || locker.hold.child(Kind::except_clause_) ||
        locker.hold.child(Kind::else_clause_)) {
      return false;
    }
    locker.release = block.first_child();
    return locker.release && locker.release.past() == block.past();
  }
  return false;
}

bool read_locker(const Code& code, const source::Range& acquire, Locker& locker) {
  locker.function = code.function_at(acquire);
  if (locker.function.kind() != Kind::function_definition_) return false;
  const Path way = code.way(locker.function);
  if (way[way.size() - 2].kind() == Kind::decorated_definition_) return false;
  locker.body = locker.function.child(Field::body_);
  if (!locker.body || !find_hold(code, acquire, locker) || !code.owns_lines(locker.hold)) return false;
  if (locker.acquire && !code.owns_lines(locker.acquire)) return false;
  if (!locker.locking) {
    const Node work = locker.hold.child(Field::body_);
    locker.first_work = work.first_child();
    locker.work_begin = code.text().line_begin(locker.first_work.begin());
    locker.work_end = work.end();
  }
  const Node first = locker.body.first_child();
  if (first.kind() == Kind::expression_statement_ && first.first_child().kind() == Kind::string_)
    locker.docstring = first;
  bool fine = code.text().begins_line(first.begin());
  each_node(code.syntax(), locker.body, [&](Node node) { fine &= node.kind() != Kind::yield_; });
  // What the acquire binds is needed by the release alone.
  const Node assignment = locker.acquire ? locker.acquire.first_child() : Node{};
  const Node bound = assignment.kind() == Kind::assignment_ ? assignment.child(Field::left_) : Node{};
  if (bound) {
    fine &= bound.kind() == Kind::identifier_ && code.names(locker.body, bound.text()).size() ==
                                                     1 + code.names(locker.release, bound.text()).size();
  }
  return fine;
}

/// The statements before the hold that bind what taking the lock needs: all up to the last one of them.
bool needs_earlier(const Code& code, const Locker& locker, std::vector<Node>& kept) {
  const Node taking = locker.acquire ? locker.acquire : locker.hold.child(Kind::with_clause_);
  std::vector<Node> before;
  for (const Node statement : locker.body.children()) {
    if (statement.begin() >= taking.begin() || covers(statement, taking.begin(), taking.end())) break;
    if (statement != locker.docstring) before.push_back(statement);
  }
  std::size_t past = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Node assignment =
        before[i].kind() == Kind::expression_statement_ ? before[i].first_child() : Node{};
    const Node left = assignment.kind() == Kind::assignment_ ? assignment.child(Field::left_) : Node{};
    if (left && left.kind() == Kind::identifier_ && !code.names(taking, left.text()).empty()) past = i + 1;
  }
  for (std::size_t i = 0; i < past; ++i) {
    const Node assignment =
        before[i].kind() == Kind::expression_statement_ ? before[i].first_child() : Node{};
    if (assignment.kind() != Kind::assignment_) return false;
    kept.push_back(before[i]);
  }
  return true;
}

/// "session_id, path" for a call of the variant; false if the parameters are of a kind that is not handed on.
bool handed_on(const Locker& locker, bool method, std::string& result) {
  const Node parameters = locker.function.child(Field::parameters_);
  bool first = method;
  for (const Node parameter : parameters.children()) {
    Node name = parameter;
    if (parameter.kind() == Kind::default_parameter_ || parameter.kind() == Kind::typed_default_parameter_)
      name = parameter.child(Field::name_);
    if (parameter.kind() == Kind::typed_parameter_) name = parameter.first_child();
    if (!name || name.kind() != Kind::identifier_) return false;
    if (!first) result += fmt::format("{}{}", result.empty() ? "" : ", ", name.text());
    first = false;
  }
  return true;
}

/// Of what taking the lock needs, what nothing else needs.
std::vector<Node> idle(const Code& code, const Locker& locker, const std::vector<Node>& kept) {
  std::vector<Node> result;
  // From the last one on, so that what only an idle one needs is idle, too.
  for (auto each = kept.rbegin(); each != kept.rend(); ++each) {
    const Node left = each->first_child().child(Field::left_);
    if (left.kind() != Kind::identifier_ || !code.owns_lines(*each)) continue;
    const bool serves = std::ranges::all_of(code.names(locker.body, left.text()), [&](Node use) {
      const auto inside = [&](Node node) { return covers(node, use.begin(), use.end()); };
      return use == left || inside(locker.acquire) || inside(locker.release) || inside(locker.locking) ||
             (!locker.acquire && inside(locker.hold.child(Kind::with_clause_))) ||
             std::ranges::any_of(result, inside);
    });
    if (serves && !each->first_child().child(Field::right_).has_effect()) result.push_back(*each);
  }
  return result;
}

/// The function's text without its lock, under another name.
std::optional<std::string> variant_of(const Code& code, const Locker& locker, const std::vector<Node>& kept,
                                      std::string_view name) {
  const Text& text = code.text();
  const std::size_t begin = text.line_begin(locker.function.begin());
  Edits edits(code.file(), text);
  const Node old = locker.function.child(Field::name_);
  edits.replace(old.begin(), old.end(), std::string(name));
  if (locker.docstring) {
    const std::string_view quotes = locker.docstring.text().substr(0, 3);
    const bool plain = quotes == "\"\"\"" || quotes == "'''";
    if (!plain) return std::nullopt;
    edits.replace(locker.docstring.begin(), locker.docstring.end(),
                  fmt::format("{}As {}(), for callers that hold the lock.{}", quotes, old.text(), quotes));
  }
  const std::string_view outer = text.indent(locker.hold.begin());
  const std::string_view inner = text.indent(locker.first_work.begin());
  if (!inner.starts_with(outer) || !text.begins_line(locker.first_work.begin())) return std::nullopt;
  if (locker.acquire) edits.remove_lines(locker.acquire.begin(), locker.acquire.end());
  for (const Node statement : idle(code, locker, kept))
    edits.remove_lines(statement.begin(), statement.end());
  edits.replace(text.line_begin(locker.hold.begin()), locker.work_begin, locker.remark);
  const std::vector<Span> fixed = code.fixed_lines(locker.hold);
  for (std::size_t line = locker.work_begin; line < locker.work_end; line = text.next_line(line)) {
    const bool inside = std::any_of(fixed.begin(), fixed.end(),
                                    [&](const Span& span) { return span.begin < line && line < span.end; });
    if (!inside && text.indent(line).starts_with(inner))
      edits.replace(line + outer.size(), line + inner.size(), "");
    if (text.next_line(line) == line) break;
  }
  if (locker.release) edits.replace(text.next_line(locker.work_end), text.next_line(locker.hold.end()), "");
  auto taken = edits.take();
  if (!taken) return std::nullopt;
  for (findings::Edit& edit : *taken) {
    edit.range.begin -= static_cast<std::uint32_t>(begin);
    edit.range.end -= static_cast<std::uint32_t>(begin);
  }
  return edited(text.part(begin, text.next_line(locker.function.end())), *taken);
}

/// What is left of the function: the lock, and the call of the variant under it.
std::string locking_body(const Code& code, const Locker& locker, const std::vector<Node>& kept,
                         const std::string& call) {
  const Text& text = code.text();
  const std::string newline = text.newline(locker.function.begin());
  const Node first = locker.body.first_child();
  const std::string indent(text.indent(first.begin()));
  const std::string unit = text.unit(first.begin());
  std::string result;
  for (const Node statement : kept) result.append(statement.text()).append(newline).append(indent);
  if (locker.acquire) {
    result += std::string(locker.acquire.text()) + newline + indent + "try:" + newline + indent + unit +
              call + newline + indent + "finally:" + newline + indent + unit +
              std::string(locker.release.text());
  } else {
    const Node clause = locker.hold.child(Kind::with_clause_);
    const std::string line = newline + indent + unit;
    result += std::string(text.part(locker.hold.begin(), clause.end())) + ":";
    if (locker.locking) result += line + std::string(locker.locking.text());
    if (locker.release) {
      result += line + "try:" + line + unit + call + line + "finally:" + line + unit +
                std::string(locker.release.text());
    } else {
      result += line + call;
    }
  }
  return result;
}

bool defines(const Code& code, std::string_view name) {
  bool found = false;
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (node.kind() != Kind::function_definition_) return;
    const Node own = node.child(Field::name_);
    found |= own && own.text() == name;
  });
  return found;
}

/// The caller calls another function from now on; imported where the first one is.
bool call_other(const Code& code, Edits& edits, Node call, std::string_view old, std::string_view name,
                bool elsewhere) {
  const Node function = call.child(Field::function_);
  const Node last = function.kind() == Kind::attribute_ ? function.child(Field::attribute_) : function;
  if (!last || last.text() != old) return false;
  edits.replace(last.begin(), last.end(), std::string(name));
  if (!elsewhere || function.kind() == Kind::attribute_) return true;
  Node imported;
  bool there = false;
  each_node(code.syntax(), code.root(), [&](Node node) {
    const Path way = code.way(node);
    const Node parent = way.size() > 1 ? way[way.size() - 2] : Node{};
    if (parent.kind() != Kind::import_from_statement_ || node.field() != Field::name_) return;
    if (node.text() == old) imported = node;
    there |= node.text() == name;
  });
  if (!imported) return false;
  if (there) return true;
  // In a list of lines, a line of its own.
  const Text& text = code.text();
  const bool own_line = text.begins_line(imported.begin()) && imported.end() < text.all().size() &&
                        text.all()[imported.end()] == ',';
  if (own_line) {
    edits.insert(imported.end() + 1,
                 fmt::format("{}{}{},", text.newline(imported.begin()), text.indent(imported.begin()), name));
  } else {
    edits.insert(imported.end(), fmt::format(", {}", name));
  }
  return true;
}

}  // namespace

Proposals call_unlocked_variant(const Code& code, const source::Range& call_range,
                                const source::Range& acquire) {
  const Node call = code.call_at(call_range);
  const CodeOf<Code> lockers(code, code.file(), code.files(), acquire.file);
  if (!call || !lockers) return {};
  const Code& theirs = *lockers;
  const bool elsewhere = acquire.file != code.file();
  Locker locker;
  if (!read_locker(theirs, acquire, locker)) return {};
  const std::string_view old = locker.function.child(Field::name_).text();
  const Path way = theirs.way(locker.function);
  const bool method = way.size() > 2 && way[way.size() - 3].kind() == Kind::class_definition_;
  if (old.starts_with("__") || (!method && way[way.size() - 2].kind() != Kind::module_)) return {};

  std::string name = fmt::format("{}_unlocked", old);
  const bool exists = defines(theirs, name);
  Edits here(code.file(), code.text());
  if (!call_other(code, here, call, old, name, elsewhere)) return {};
  Edits there(theirs.file(), theirs.text());
  Edits& target = elsewhere ? there : here;
  if (!exists) {
    std::string given;
    std::vector<Node> kept;
    if (!handed_on(locker, method, given) || !needs_earlier(theirs, locker, kept)) return {};
    const auto variant = variant_of(theirs, locker, kept, name);
    const std::string newline = theirs.text().newline(locker.function.begin());
    if (!variant || !variant->ends_with(newline)) return {};
    bool returns = false;
    each_node(theirs.syntax(), locker.body, [&](Node node) {
      returns |= node.kind() == Kind::return_statement_ && static_cast<bool>(node.first_child());
    });
    const bool asynchronous = locker.function.text().starts_with("async");
    const Node receiver = locker.function.child(Field::parameters_).first_child();
    if (method && (!receiver || (receiver.text() != "self" && receiver.text() != "cls"))) return {};
    const std::string statement =
        fmt::format("{}{}{}{}({})", returns ? "return " : "", asynchronous ? "await " : "",
                    method ? fmt::format("{}.", receiver.text()) : "", name, given);
    const std::vector<Node> all = statements(locker.body);
    const std::size_t first = locker.docstring ? 1 : 0;
    if (first >= all.size()) return {};
    target.replace(all[first].begin(), all.back().end(), locking_body(theirs, locker, kept, statement));
    target.insert(theirs.text().next_line(locker.function.end()),
                  newline + (method ? "" : newline) + *variant);
  }
  auto edits = here.take();
  if (!edits) return {};
  if (elsewhere && !exists) {
    auto more = there.take();
    if (!more) return {};
    edits->insert(edits->end(), more->begin(), more->end());
    std::stable_sort(edits->begin(), edits->end(),
                     [](const findings::Edit& left, const findings::Edit& right) {
                       return left.range.file < right.range.file;
                     });
  }
  return {{.title = std::string(title),
           .applicability = findings::Applicability::unsafe,
           .edits = std::move(*edits)}};
}

}  // namespace lockwright::fixes::python
