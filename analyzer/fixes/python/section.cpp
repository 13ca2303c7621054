// Reading a section: from the call that takes the lock to the statements around it.
//
// The statements between are sorted into those that only serve the lock (they are dropped), blocks that only
// serve it (a try whose finally releases: its statements move out), and all others, which stay as they are.
// Anything that fits nowhere makes the whole section one that is not moved.
#include <algorithm>

#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/python/handle.h"
#include "analyzer/fixes/python/library.h"
#include "analyzer/fixes/python/words.h"

namespace lockwright::fixes::python {

bool Section::holds_acquire(Node node) const {
  return node && covers(node, acquire_.begin, acquire_.end);
}

bool Section::covers_range(std::uint32_t begin, std::uint32_t end) const {
  return first_.begin() <= begin && end <= last_.end();
}

bool Section::removes(std::uint32_t begin, std::uint32_t end) const {
  // What is said again in the new text.
  const bool prepared = std::ranges::any_of(prepared_, [&](Node node) { return covers(node, begin, end); });
  const bool opens =
      content_ == Content::other && with_ && covers(with_.child(Kind::with_clause_), begin, end);
  if (prepared || opens || (!named_ && covers(path_, begin, end))) return false;
  const bool kept = std::ranges::any_of(kept_, [&](Node node) { return covers(node, begin, end); });
  const bool dropped =
      std::ranges::any_of(dropped_, [&](const Span& span) { return span.begin <= begin && end <= span.end; });
  return covers_range(begin, end) && (dropped || !kept);
}

bool Section::read() {
  const Node call = code_.call_at(acquire_);
  if (!call) return false;
  function_ = code_.function_at(acquire_);
  if (!read_creation(call) && !read_kernel_lock(call)) return false;
  if (!find_region(call)) return false;
  find_target();
  return judge_content();
}

/// Where the section begins and ends, and what of it stays.
bool Section::find_region(Node call) {
  if (fallback_) {
    const Path around = code_.way(fallback_);
    block_ = around[around.size() - 2];
    for (const Node each : block_.children()) {
      if (!with_ && each.begin() >= fallback_.end()) with_ = each;
    }
    const Node clause =
        with_ && with_.kind() == Kind::with_statement_ ? with_.child(Kind::with_clause_) : Node{};
    if (!clause || clause.text() != variable_ || !code_.text().begins_line(fallback_.begin())) return false;
    first_ = fallback_;
    last_ = with_;
    if (!flatten(with_.child(Field::body_), code_.text().next_line(clause.end()), with_.end())) return false;
    drop_flags();
    return !kept_.empty();
  }
  const Path way = code_.way(opened_);
  std::size_t at = way.size() - 1;
  while (at > 0 && way[at].kind() != Kind::with_statement_ && !is_block(way[at - 1])) --at;
  if (at == 0) return false;
  Node statement = way[at];
  // The try, or the loop, that sees to it that the file could be made.
  while (creates_ && at > 1) {
    const Node around = way[at].kind() == Kind::block_ || at < 2 ? way[at] : way[at - 2];
    const bool tries = around.kind() == Kind::try_statement_ && way[at - 1] == around.child(Field::body_);
    const bool loops = around.kind() == Kind::while_statement_ && way[at - 1] == around.child(Field::body_);
    if (!tries && !loops) break;
    // A try that the work is in as well belongs to that.
    if (tries && around.child(Kind::finally_clause_)) break;
    at -= 2;
    statement = way[at];
    if (at < 2) break;
  }
  const Node body = statement.kind() == Kind::with_statement_ ? statement.child(Field::body_) : Node{};
  if (body && !creates_) {
    const Node clause = statement.child(Kind::with_clause_);
    if (!clause || !clause.first_child() || clause.first_child().past() != clause.past()) return false;
    if (!holds_acquire(body) || !code_.text().begins_line(statement.begin())) return false;
    with_ = first_ = last_ = statement;
    const Path around = code_.way(statement);
    block_ = around[around.size() - 2];
    if (!flatten(body, code_.text().next_line(clause.end()), statement.end())) return false;
    drop_flags();
    return !kept_.empty();
  }
  const Path around = code_.way(statement);
  block_ = around[around.size() - 2];
  if (!is_block(block_)) return false;
  first_ = statement;
  const std::vector<Node> all = statements(block_);
  for (const Node each : all) {
    if (each.begin() < first_.begin()) continue;
    bool serves = each == first_ || (variable_.empty() ? false : !code_.names(each, variable_).empty());
    each_node(code_.syntax(), each,
              [&](Node node) { serves |= node.kind() == Kind::call_ && is_release_call(node); });
    if (serves) last_ = each;
  }
  if (!last_ || last_ == first_ || call.begin() > last_.end()) return false;
  if (!code_.owns_lines(first_) || !code_.owns_lines(last_)) return false;
  levels_.push_back(
      {code_.text().line_begin(first_.begin()), last_.end(), code_.text().indent(first_.begin())});
  bool acquired = false;
  for (const Node each : all) {
    if (each.begin() < first_.begin() || each.begin() > last_.begin()) continue;
    if (each == first_) {
      if (!take_acquire(each, acquired)) return false;
      drop(each);
      continue;
    }
    if (!take(each)) return false;
  }
  drop_flags();
  return !kept_.empty();
}

/// The statement that opens the file, or makes it, in one of its forms. `taken`: it takes the lock as well.
bool Section::take_acquire(Node statement, bool& taken) {
  taken = creates_;
  const Node call = call_of(statement);
  if (call) {
    const Node inner = statement.first_child();
    const Node left = inner.kind() == Kind::assignment_ ? inner.child(Field::left_) : Node{};
    if (left && left.kind() != Kind::identifier_) return false;
    // `os.close(os.open(…))`
    const bool direct =
        call == opened_ || callee(call) == "os.fdopen" ||
        (callee(call) == "os.close" && !arguments(call).empty() && arguments(call)[0] == opened_);
    if (left && creates_) variable_ = left.text();
    return direct;
  }
  if (!creates_) return false;
  switch (statement.kind()) {
    case Kind::with_statement_: {
      // `with open(p, "x") as f: f.write(…)`
      const Node body = statement.child(Field::body_);
      return body && !holds_acquire(body) && std::ranges::none_of(statements(body), [](Node each) {
               return each.kind() != Kind::expression_statement_ && each.kind() != Kind::pass_statement_;
             });
    }
    case Kind::while_statement_: {
      // `while True: try: …; break; except FileExistsError: time.sleep(…)`
      const Node condition = statement.child(Field::condition_);
      const Node body = statement.child(Field::body_);
      const Node inner = body ? body.first_child() : Node{};
      if (!condition || condition.text() != "True" || !inner || inner.past() != body.past() ||
          inner.kind() != Kind::try_statement_) {
        return false;
      }
      for (const Node clause : inner.children()) {
        if (clause.kind() == Kind::finally_clause_ || clause.kind() == Kind::else_clause_) return false;
        if (clause.kind() != Kind::except_clause_) continue;
        const Node waiting = clause.child(Kind::block_);
        const Node pause = waiting ? waiting.first_child() : Node{};
        const Node slept = pause && pause.past() == waiting.past() ? call_of(pause) : Node{};
        if (!slept || last_name(callee(slept)) != "sleep") return false;
      }
      for (const Node each : statements(inner.child(Field::body_))) {
        const bool first = holds_acquire(each);
        if (first && !take_acquire(each, taken)) return false;
        if (!first && each.kind() != Kind::break_statement_ && !is_upkeep(each)) return false;
      }
      found_.once = false;
      return true;
    }
    case Kind::try_statement_: {
      const Node body = statement.child(Field::body_);
      const std::vector<Node> all = statements(body);
      Node handler;
      for (const Node clause : statement.children()) {
        if (clause == body) continue;
        if (clause.kind() != Kind::except_clause_ || handler) return false;
        handler = clause;
      }
      if (all.empty() || !handler || !holds_acquire(all[0]) || !take_acquire(all[0], taken)) return false;
      for (std::size_t i = 1; i < all.size(); ++i) {
        if (!is_upkeep(all[i])) return false;
      }
      // Only for the one reason, and then not any further.
      const Node said = handler.first_child();
      const std::vector<Node> handling = statements(handler.child(Kind::block_));
      if (!said || said.kind() != Kind::identifier_ || said.text() != "FileExistsError" || handling.empty() ||
          !leaves(handling.back()) || handling.back().kind() == Kind::continue_statement_) {
        return false;
      }
      tried_ = statement;
      handler_ = handler;
      return true;
    }
    default: return false;
  }
}

/// A block that dissolves: its statements come to stand where those of the section do.
bool Section::flatten(Node block, std::size_t begin, std::size_t end) {
  const Node first = block.first_child();
  if (!first || !code_.text().begins_line(first.begin())) return false;
  levels_.push_back({begin, end, code_.text().indent(first.begin())});
  for (const Node each : block.children()) {
    if (!take(each)) return false;
  }
  return true;
}

bool Section::take(Node statement) {
  if (!code_.owns_lines(statement)) return false;
  if (statement.kind() == Kind::try_statement_) {
    const std::size_t kept = kept_.size();
    const std::size_t dropped = dropped_.size();
    const std::size_t levels = levels_.size();
    const bool released = released_;
    if (take_try(statement)) return true;
    released_ = released;
    kept_.resize(kept);
    dropped_.resize(dropped);
    levels_.resize(levels);
    if (holds_acquire(statement)) return false;
  }
  const Node call = call_of(statement);
  const bool acquires = holds_acquire(statement) && call && call.begin() == acquire_.begin;
  if (acquires && statement.first_child().kind() == Kind::assignment_) return false;
  if (acquires || only_releases(statement) || is_upkeep(statement)) {
    released_ |= gives_up(statement);
    drop(statement);
    return true;
  }
  // What comes after the release is not to wait for others, nor to let them wait.
  if (holds_acquire(statement) || released_) return false;
  kept_.push_back(statement);
  return drop_inner_releases(statement);
}

bool Section::take_try(Node statement) {
  const Node body = statement.child(Field::body_);
  const Node finally = statement.child(Kind::finally_clause_);
  std::vector<Node> handlers;
  for (const Node clause : statement.children()) {
    if (clause.kind() == Kind::except_clause_) handlers.push_back(clause);
    if (clause.kind() == Kind::else_clause_) return false;
  }
  if (!body) return false;
  if (finally) {
    const Node block = finally.child(Kind::block_);
    const bool releases = block && std::ranges::all_of(statements(block), [&](Node each) {
                            return only_releases(each) || is_upkeep(each);
                          });
    if (!releases || !handlers.empty()) return false;
    if (!flatten(body, code_.text().next_line(code_.text().line_begin(statement.begin())), body.end()))
      return false;
    dropped_.push_back({statement.begin(), statement.begin() + 1});
    released_ |= gives_up(finally);
    drop(finally);
    return true;
  }
  if (!holds_acquire(body) || handlers.empty()) return false;
  // `try: lock(); locked = True except OSError: pass`: the library does not go on without a lock.
  const std::vector<Node> inner = statements(body);
  const bool only_locks = std::ranges::all_of(inner, [&](Node each) {
    const Node assigned = each.kind() == Kind::expression_statement_ ? each.first_child() : Node{};
    return holds_acquire(each) || each.kind() == Kind::import_statement_ ||
           (assigned && assigned.kind() == Kind::assignment_ && is_constant(assigned.child(Field::right_)));
  });
  if (only_locks) {
    if (!std::ranges::all_of(handlers, does_nothing)) return false;
    drop(statement);
    return true;
  }
  // `try: lock(); write(); unlock() except OSError: write()`: once is enough.
  if (!flatten(body, code_.text().next_line(code_.text().line_begin(statement.begin())), body.end()))
    return false;
  std::vector<std::string_view> kept;
  for (const Node each : kept_) {
    if (covers(body, each.begin(), each.end())) kept.push_back(each.text());
  }
  for (const Node handler : handlers) {
    const Node block = handler.child(Kind::block_);
    std::vector<std::string_view> again;
    if (!block) return false;
    for (const Node each : statements(block)) {
      if (each.kind() != Kind::pass_statement_) again.push_back(each.text());
    }
    if (again != kept) return false;
    drop(handler);
  }
  dropped_.push_back({statement.begin(), statement.begin() + 1});
  return true;
}

bool Section::is_release_call(Node call) const {
  const std::string_view name = callee(call);
  const std::string_view last = last_name(name);
  const std::vector<Node> given = arguments(call);
  const Node object = call.child(Field::function_).child(Field::object_);
  const bool first = !given.empty() && !variable_.empty() && handle_of(given[0].text()) == variable_;
  if (first && (last == "flock" || last == "lockf" || last == "locking"))
    return has(call.text(), "LOCK_UN") || has(call.text(), "LK_UNLCK");
  if (first && (name == "os.close" || has(last, "unlock") || has(last, "release"))) return true;
  if (object && !variable_.empty() && object.text() == variable_ && last == "close") return true;
  if (!creates_) return false;
  if (name == "os.unlink" || name == "os.remove" || name == "os.rmdir" || name == "shutil.rmtree")
    return !given.empty() && given[0].text() == path_.text();
  return (last == "unlink" || last == "rmdir") && object && object.text() == path_.text();
}

/// Whether nobody has the lock behind this: a lock file is closed before it is removed.
bool Section::gives_up(Node statement) const {
  bool result = false;
  each_node(code_.syntax(), statement, [&](Node node) {
    if (node.kind() != Kind::call_ || !is_release_call(node)) return;
    const std::string_view last = last_name(callee(node));
    result |= !creates_ || last == "unlink" || last == "remove" || last == "rmdir" || last == "rmtree";
  });
  return result;
}

/// A statement that does nothing but release, be it under a condition or with its errors swallowed.
bool Section::only_releases(Node statement) const {
  switch (statement.kind()) {
    case Kind::expression_statement_: {
      const Node call = statement.first_child();
      return call && call.kind() == Kind::call_ && is_release_call(call);
    }
    case Kind::pass_statement_: return true;
    case Kind::if_statement_: {
      const Node body = statement.child(Field::consequence_);
      return body && !statement.child(Kind::elif_clause_) && !statement.child(Kind::else_clause_) &&
             std::ranges::all_of(statements(body), [&](Node each) {
               return each.kind() == Kind::import_statement_ || only_releases(each);
             });
    }
    case Kind::try_statement_: {
      bool all = true;
      for (const Node clause : statement.children()) {
        if (clause.kind() == Kind::except_clause_) {
          all &= does_nothing(clause);
        } else {
          const Node block = clause.kind() == Kind::block_ ? clause : clause.child(Kind::block_);
          all &=
              block && std::ranges::all_of(statements(block), [&](Node each) { return only_releases(each); });
        }
      }
      return all;
    }
    default: return false;
  }
}

/// Flushing, or noting in the lock file who has it: the library does both.
bool Section::is_upkeep(Node statement) const {
  const Node call = call_of(statement);
  if (!call || variable_.empty() || statement.first_child() != call) return false;
  const std::string_view last = last_name(callee(call));
  const std::vector<Node> given = arguments(call);
  const Node object = call.child(Field::function_).child(Field::object_);
  const bool method = object && object.text() == variable_;
  const bool first = !given.empty() && handle_of(given[0].text()) == variable_;
  if (method && (last == "flush" || last == "close")) return true;
  if (first && (last == "fsync" || last == "fdatasync")) return true;
  if (creates_)
    return (method && last == "write") || (first && callee(call) == "os.write") || is_release_call(call);
  if (!truncates_) return false;
  if (method && (last == "seek" || last == "truncate")) return given.empty() || given[0].text() == "0";
  return first && last == "ftruncate";
}

/// What releases the lock on an early way out goes; what else is there must not know of the lock.
bool Section::drop_inner_releases(Node statement) {
  std::vector<Node> releases;
  each_node(code_.syntax(), statement, [&](Node node) {
    if (node.kind() == Kind::call_ && is_release_call(node)) releases.push_back(node);
  });
  for (const Node call : releases) {
    const Path way = code_.way(call);
    const Node own = way[way.size() - 2];
    const Node block = way.size() > 2 ? way[way.size() - 3] : Node{};
    const bool alone = own.kind() == Kind::expression_statement_ && is_block(block) && code_.owns_lines(own);
    const std::vector<Node> all = alone ? statements(block) : std::vector<Node>();
    // Released on the way out, not somewhere in the middle.
    if (!alone || !leaves(all.back())) return false;
    const auto at = std::ranges::find(all, own);
    if (!std::all_of(at, all.end() - 1, [&](Node each) { return only_releases(each); })) return false;
    drop(own);
  }
  return true;
}

/// `locked = False`, when only what is dropped asks.
void Section::drop_flags() {
  for (auto each = kept_.begin(); each != kept_.end();) {
    const Node assignment = each->kind() == Kind::expression_statement_ ? each->first_child() : Node{};
    const Node left =
        assignment && assignment.kind() == Kind::assignment_ ? assignment.child(Field::left_) : Node{};
    bool idle = left && left.kind() == Kind::identifier_ && is_constant(assignment.child(Field::right_));
    std::size_t others = 0;
    for (const Node name : idle ? code_.names(function_, left.text()) : std::vector<Node>()) {
      if (name == left) continue;
      ++others;
      idle &= std::ranges::any_of(
          dropped_, [&](const Span& span) { return span.begin <= name.begin() && name.end() <= span.end; });
    }
    if (idle && others > 0) {
      drop(*each);
      each = kept_.erase(each);
    } else {
      ++each;
    }
  }
}

bool Section::judge_content() {
  if (variable_.empty()) return true;
  const std::vector<HandleUse> uses = uses_of(code_, function_, variable_, acquire_);
  bool sequential = true;
  bool touched = false;
  for (const HandleUse& use : uses) {
    if (!covers_range(use.name.begin(), use.name.end())) return false;
    if (use.use == Use::binding || removes(use.name.begin(), use.name.end())) continue;
    touched = true;
    sequential &= use.use == Use::sequential;
    const auto statement = std::ranges::find_if(
        kept_, [&](Node each) { return covers(each, use.name.begin(), use.name.end()); });
    if (statement != kept_.end() && (writes_.empty() || writes_.back() != *statement))
      writes_.push_back(*statement);
  }
  if (!touched) return true;
  if (creates_) return false;
  content_ = truncates_ ? Content::written : Content::other;
  if (content_ == Content::other) return static_cast<bool>(with_);
  // Leaving early would leave out the replacement.
  bool leaves_early = false;
  for (const Node each : kept_) {
    each_node(code_.syntax(), each, [&](Node node) {
      leaves_early |= node.kind() == Kind::return_statement_ || node.kind() == Kind::break_statement_ ||
                      node.kind() == Kind::continue_statement_ || node.kind() == Kind::yield_;
    });
  }
  const bool last = !writes_.empty() && writes_.back() == kept_.back();
  return sequential && !path_.has_effect() && (!leaves_early || (writes_.size() == 1 && !last));
}

}  // namespace lockwright::fixes::python
