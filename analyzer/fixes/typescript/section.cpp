// Reading and rewriting a section. Statements are sorted as in Python's: those that only serve the lock go,
// all others stay as they are, and what fits nowhere makes the section one that is not moved.
#include "analyzer/fixes/typescript/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/common/release_words.h"

namespace lockwright::fixes::typescript {
namespace {

using frontends::typescript::stripped;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The call that an expression comes to, waited for or not.
Node call_in(Node expression) {
  Node inner = expression ? stripped(expression) : Node{};
  if (inner && inner.kind() == Kind::await_expression_) inner = stripped(inner.first_child());
  return inner && inner.kind() == Kind::call_expression_ ? inner : Node{};
}

/// `const handle = await open(…)`: its declarator, when it is the only one.
Node declarator_of(Node statement) {
  const bool declares =
      statement.kind() == Kind::lexical_declaration_ || statement.kind() == Kind::variable_declaration_;
  Node found;
  for (const Node child : statement.children()) {
    if (!declares || child.kind() != Kind::variable_declarator_) continue;
    if (found) return {};
    found = child;
  }
  return found;
}

Node call_of(Node statement) {
  if (statement.kind() == Kind::expression_statement_) return call_in(statement.first_child());
  const Node declarator = declarator_of(statement);
  return declarator ? call_in(declarator.child(Field::value_)) : Node{};
}

/// "unlink" of "fs.unlinkSync".
std::string_view plain_name(std::string_view name) {
  std::string_view last = last_name(name);
  if (last.ends_with("Sync")) last.remove_suffix(4);
  return last;
}

std::string_view string_text(Node node) {
  const std::string_view text = node.text();
  return node.kind() == Kind::string_ && text.size() >= 2 ? text.substr(1, text.size() - 2)
                                                          : std::string_view();
}

Node receiver(Node call) {
  const Node function = call.child(Field::function_);
  return function && function.kind() == Kind::member_expression_ ? function.child(Field::object_) : Node{};
}

}  // namespace

bool Section::removes(Node node) const {
  const auto inside = [&](Node each) { return covers(each, node.begin(), node.end()); };
  if (named_ && inside(named_)) return true;
  if (node.begin() < first_.begin() || node.end() > last_.end()) return false;
  return std::ranges::any_of(dropped_, inside) || std::ranges::none_of(kept_, inside) ||
         (write_ && inside(write_));
}

bool Section::read() {
  const Node call = code_.call_at(acquire_);
  if (!call) return false;
  function_ = code_.function_at(acquire_);
  if (!frontends::typescript::has_word(function_, Kind::word_async)) return false;
  if (!read_creation(call) && !read_kernel_lock(call) && !read_package_lock(call)) return false;
  if (!find_region()) return false;
  find_target();
  return judge_uses();
}

/// `open(path, "wx")`, `writeFile(path, …, { flag: "wx" })`, `mkdir(path)`.
bool Section::read_creation(Node call) {
  const std::string_view name = plain_name(callee(call));
  const std::vector<Node> given = arguments(call);
  if (given.empty()) return false;
  opened_ = call;
  path_ = given[0];
  if (name == "open") {
    creates_ =
        given.size() > 1 && (string_text(given[1]).starts_with("wx") || has(given[1].text(), "O_EXCL"));
  } else if (name == "writeFile") {
    creates_ = given.size() > 2 && (has(given[2].text(), "\"wx\"") || has(given[2].text(), "'wx'"));
  } else if (name == "mkdir") {
    creates_ = given.size() < 2 || !has(given[1].text(), "recursive");
  }
  once_ = creates_;
  return creates_;
}

/// `flockSync(fd, "ex")`, `await waitForLock(handle.fd)`.
bool Section::read_kernel_lock(Node call) {
  const std::vector<Node> given = arguments(call);
  const std::string_view locks = plain_name(callee(call));
  if (given.empty() || (locks != "flock" && locks != "waitForLock")) return false;
  const std::string_view how = given.size() > 1 ? string_text(given[1]) : std::string_view();
  once_ = has(how, "nb") || has(call.text(), "LOCK_NB");
  shared_ = how.starts_with("sh") || has(call.text(), "LOCK_SH") || has(call.text(), "shared");
  same_kind_ = locks == "flock";
  variable_ = handle_of(given[0].text());
  Node binding;
  each_node(code_.syntax(), function_, [&](Node node) {
    if (node.kind() != Kind::variable_declarator_) return;
    const Node name = node.child(Field::name_);
    if (name && name.text() == variable_) binding = node;
  });
  opened_ = binding ? call_in(binding.child(Field::value_)) : Node{};
  if (!opened_ || plain_name(callee(opened_)) != "open" || arguments(opened_).size() < 2) return false;
  path_ = arguments(opened_)[0];
  truncates_ = has(string_text(arguments(opened_)[1]), "w") || has(arguments(opened_)[1].text(), "O_TRUNC");
  return true;
}

/// `const release = await lockfile.lock(path)`, of proper-lockfile.
bool Section::read_package_lock(Node call) {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  if (last_name(name) != "lock" || given.empty() || !code_.imports_package("proper-lockfile")) return false;
  // Another name for the lock, or a life of its own: that is not the library's.
  if (has(call.text(), "lockfilePath") || has(call.text(), "onCompromised") || has(call.text(), "fs:"))
    return false;
  package_ = true;
  opened_ = call;
  path_ = given[0];
  once_ = !has(call.text(), "retries");
  return true;
}

/// `for (;;) { try { <creation>; break; } catch (error) { <rethrow what is not EEXIST>; <pause> } }`: it
/// waits.
bool Section::read_retry(const Path& way, std::size_t at) {
  if (!creates_ || at < 5) return false;
  const Node tried = way[at - 2];
  const Node around = way[at - 3];
  const Node loop = way[at - 4];
  const Node condition = loop.child(Field::condition_);
  const bool endless =
      (loop.kind() == Kind::for_statement_ && (!condition || condition.kind() == Kind::empty_statement_)) ||
      (loop.kind() == Kind::while_statement_ && condition && has(condition.text(), "true"));
  if (!endless || tried.kind() != Kind::try_statement_ || !is_block(around) ||
      statements(around).size() != 1 || !is_block(way[at - 5]) || tried.child(Field::finalizer_)) {
    return false;
  }
  const Node handler = tried.child(Field::handler_);
  const std::vector<Node> inner = statements(block_);
  if (!handler || !has(handler.text(), "EEXIST") || inner.back().kind() != Kind::break_statement_)
    return false;
  // A deadline, a limit, the removal of what seems abandoned: that is more than waiting.
  std::size_t throws = 0;
  bool waits = true;
  each_node(code_.syntax(), handler, [&](Node node) {
    throws += node.kind() == Kind::throw_statement_ ? 1U : 0U;
    waits &= node.kind() != Kind::return_statement_ && node.kind() != Kind::break_statement_;
    waits &= node.kind() != Kind::call_expression_ || !speaks_of_release(last_name(callee(node)));
  });
  for (const Node each : inner) {
    const Node call = call_of(each);
    const std::vector<Node> given = call ? arguments(call) : std::vector<Node>();
    const Node object = call ? receiver(call) : Node{};
    const bool about =
        (object && object.text() == variable_) || (!given.empty() && given[0].text() == variable_);
    waits &= each == first_ || each == inner.back() || (!variable_.empty() && about);
  }
  if (!waits || throws > 1 || has(loop.text(), "Date.now")) return false;
  first_ = loop;
  block_ = way[at - 5];
  variable_ = {};
  once_ = false;
  return true;
}

/// The statement that opens or creates, the handle, and the block they are in.
bool Section::read_first(const Path& way) {
  std::size_t at = way.size() - 1;
  while (at > 0 && !is_block(way[at - 1])) --at;
  if (at == 0) return false;
  first_ = way[at];
  block_ = way[at - 1];
  const Node declarator = declarator_of(first_);
  const Node call = call_of(first_);
  const bool closes = call && plain_name(callee(call)) == "close" && !arguments(call).empty() &&
                      arguments(call)[0] == opened_;
  if (call != opened_ && !closes) return false;
  if (package_ && !declarator) return false;
  if ((creates_ || package_) && declarator) {
    const Node name = declarator.child(Field::name_);
    if (!name || name.kind() != Kind::identifier_) return false;
    variable_ = name.text();
  }
  read_retry(way, at);
  return true;
}

bool Section::find_region() {
  if (!read_first(code_.way(opened_))) return false;
  const std::vector<Node> all = statements(block_);
  for (const Node each : all) {
    if (each.begin() < first_.begin()) continue;
    bool serves = each == first_ || (!variable_.empty() && !code_.names(each, variable_).empty());
    each_node(code_.syntax(), each,
              [&](Node node) { serves |= node.kind() == Kind::call_expression_ && is_release_call(node); });
    if (serves) last_ = each;
  }
  if (last_ == first_) return false;
  // What is declared in a try is not known behind it.
  const auto index = [&](Node node) {
    return static_cast<std::size_t>(std::ranges::find(all, node) - all.begin());
  };
  for (std::size_t i = index(last_) + 1; i < all.size(); ++i) {
    if (declares_for(code_, all, index(first_) + 1, i, all[i])) last_ = all.back();
  }
  for (const Node each : all) {
    if (each.begin() < first_.begin() || each.begin() > last_.begin()) continue;
    if (!code_.owns_lines(each)) return false;
    if (each == first_) {
      dropped_.push_back(each);
    } else if (!take(each)) {
      return false;
    }
  }
  return !kept_.empty();
}

bool Section::take(Node statement) {
  if (!code_.owns_lines(statement)) return false;
  const Node call = call_of(statement);
  const bool acquires =
      call && call.begin() == acquire_.begin && statement.kind() == Kind::expression_statement_;
  if (acquires || only_releases(statement) || is_upkeep(statement)) {
    released_ |= gives_up(statement);
    dropped_.push_back(statement);
    return true;
  }
  const Node finalizer =
      statement.kind() == Kind::try_statement_ ? statement.child(Field::finalizer_) : Node{};
  const Node cleanup = finalizer ? finalizer.child(Kind::statement_block_) : Node{};
  const bool only_cleans =
      cleanup && !statement.child(Field::handler_) &&
      std::ranges::all_of(statements(cleanup), [&](Node each) { return only_releases(each); });
  if (only_cleans) {
    const Node body = statement.child(Field::body_);
    const std::vector<Node> inner = statements(body);
    if (inner.empty() || !code_.text().begins_line(inner.front().begin())) return false;
    dissolved_.push_back(statement);
    if (!std::ranges::all_of(inner, [&](Node each) { return take(each); })) return false;
    released_ |= gives_up(cleanup);
    return true;
  }
  if (holds_acquire(statement)) return false;
  // What comes after the release is not to wait for others, nor to let them wait.
  const bool only_returns = statement.kind() == Kind::return_statement_ && !statement.has_effect();
  if (released_ && !only_returns) return false;
  kept_.push_back(statement);
  return drop_inner_releases(statement);
}

bool Section::is_release_call(Node call) const {
  const std::string_view name = plain_name(callee(call));
  const std::vector<Node> given = arguments(call);
  const Node object = receiver(call);
  if (package_) return callee(call) == variable_;
  if (!variable_.empty()) {
    const bool first = !given.empty() && handle_of(given[0].text()) == variable_;
    if (first && name == "close") return true;
    if (first && name == "flock" && given.size() > 1)
      return has(given[1].text(), "un") || has(given[1].text(), "LOCK_UN");
    if (object && object.text() == variable_ && name == "close") return true;
  }
  return creates_ && (name == "unlink" || name == "rm" || name == "rmdir") && !given.empty() &&
         given[0].text() == path_.text();
}

/// Whether nobody has the lock behind this: a lock file is closed before it is removed.
bool Section::gives_up(Node statement) const {
  bool result = false;
  each_node(code_.syntax(), statement, [&](Node node) {
    if (node.kind() != Kind::call_expression_ || !is_release_call(node)) return;
    result |= !creates_ || plain_name(callee(node)) != "close";
  });
  return result;
}

bool Section::only_releases(Node statement) const {
  switch (statement.kind()) {
    case Kind::expression_statement_: {
      Node call = call_of(statement);
      // `await unlink(path).catch(() => {})`
      while (call && (last_name(callee(call)) == "catch" || last_name(callee(call)) == "then"))
        call = call_in(receiver(call));
      return call && is_release_call(call);
    }
    case Kind::if_statement_: {
      const Node body = statement.child(Field::consequence_);
      return body && !statement.child(Field::alternative_) && only_releases(body);
    }
    case Kind::try_statement_: {
      const Node handler = statement.child(Field::handler_);
      const Node handling = handler ? handler.child(Field::body_) : Node{};
      const bool silent = !handler || (handling && statements(handling).empty());
      return silent && !statement.child(Field::finalizer_) && only_releases(statement.child(Field::body_));
    }
    case Kind::statement_block_: {
      const std::vector<Node> all = statements(statement);
      return !all.empty() && std::ranges::all_of(all, [&](Node each) { return only_releases(each); });
    }
    default: return false;
  }
}

/// Noting in the lock file who has it, flushing: the library does both.
bool Section::is_upkeep(Node statement) const {
  const Node call = statement.kind() == Kind::expression_statement_ ? call_of(statement) : Node{};
  if (!call || variable_.empty()) return false;
  const std::string_view name = plain_name(callee(call));
  const std::vector<Node> given = arguments(call);
  const Node object = receiver(call);
  const bool about =
      (object && object.text() == variable_) || (!given.empty() && given[0].text() == variable_);
  if (!about) return false;
  if (name == "sync" || name == "fsync" || name == "datasync" || name == "fdatasync") return true;
  if (creates_) return name == "write" || name == "writeFile";
  return truncates_ && (name == "ftruncate" || name == "truncate");
}

bool Section::drop_inner_releases(Node statement) {
  std::vector<Node> releases;
  bool all_found = true;
  each_node(code_.syntax(), statement, [&](Node node) {
    const auto known = [&](Node each) { return covers(each, node.begin(), node.end()); };
    if (std::ranges::any_of(releases, known)) return;
    const bool whole = node.kind() == Kind::expression_statement_ || node.kind() == Kind::if_statement_;
    if (whole && only_releases(node)) {
      releases.push_back(node);
    } else {
      all_found &= node.kind() != Kind::call_expression_ || !is_release_call(node);
    }
  });
  if (!all_found) return false;
  for (const Node own : releases) {
    const Path way = code_.way(own);
    const Node block = way[way.size() - 2];
    const std::vector<Node> all = is_block(block) ? statements(block) : std::vector<Node>();
    if (all.empty() || !leaves(all.back()) || !code_.owns_lines(own)) return false;
    const auto at = std::ranges::find(all, own);
    if (!std::all_of(at, all.end() - 1, [&](Node each) { return only_releases(each); })) return false;
    dropped_.push_back(own);
  }
  return true;
}

/// What else is done with the handle: nothing, or the one write that replaces the file's content.
bool Section::judge_uses() {
  if (variable_.empty()) return true;
  for (const Node name : code_.names(function_, variable_)) {
    if (removes(name)) continue;
    if (package_) return false;
    const auto statement =
        std::ranges::find_if(kept_, [&](Node each) { return covers(each, name.begin(), name.end()); });
    if (statement == kept_.end() || creates_ || !truncates_ || write_) return false;
    const Node call = statement->kind() == Kind::expression_statement_ ? call_of(*statement) : Node{};
    const std::string_view what = call ? plain_name(callee(call)) : std::string_view();
    if (what != "write" && what != "writeFile") return false;
    const std::vector<Node> given = arguments(call);
    const Node object = receiver(call);
    const bool method = object && object.text() == variable_;
    const std::size_t place = method ? 0 : 1;
    if (given.size() != place + 1 || (!method && given[0].text() != variable_) || path_.has_effect())
      return false;
    write_ = *statement;
    content_ = given[place].text();
  }
  // Without a write the file is the lock's own.
  return true;
}

/// `path` for `${path}.lock`: the name that the library itself gives the lock file.
void Section::find_target() {
  Node named = path_;
  target_ = path_.text();
  if (package_) return;
  if (!truncates_ && named.kind() == Kind::identifier_) {
    Node binding;
    std::size_t bindings = 0;
    each_node(code_.syntax(), function_, [&](Node node) {
      if (node.kind() != Kind::variable_declarator_) return;
      const Node name = node.child(Field::name_);
      if (!name || name.text() != path_.text()) return;
      binding = node;
      ++bindings;
    });
    if (bindings == 1 && binding.child(Field::value_) && binding.end() <= acquire_.begin) {
      const Path way = code_.way(binding);
      named_ = way[way.size() - 2];
      named = binding.child(Field::value_);
    }
  }
  const std::string_view text = named.text();
  const std::string_view quoted = text.empty() ? text : text.substr(0, text.size() - 1);
  const std::size_t dot = quoted.rfind('.');
  const bool written = named.kind() == Kind::template_string_ || named.kind() == Kind::string_ ||
                       named.kind() == Kind::binary_expression_;
  if (written && dot != std::string_view::npos && !has(quoted.substr(dot), "}")) ending_ = quoted.substr(dot);
  if (ending_ == ".lock" && named.kind() == Kind::template_string_) {
    const std::string_view inside = text.substr(1, text.size() - 7);
    const bool only = inside.starts_with("${") && inside.find('}') == inside.size() - 1;
    if (!inside.empty())
      target_ = only ? std::string(inside.substr(2, inside.size() - 3)) : fmt::format("`{}`", inside);
    same_protocol_ = !inside.empty();
  } else if (ending_ == ".lock" && named.kind() == Kind::string_ && text.size() > 7) {
    target_ = fmt::format("{}{}", text.substr(0, text.size() - 6), text.back());
    same_protocol_ = true;
  } else if (ending_ == ".lock" && named.kind() == Kind::binary_expression_ && text.size() > 7 &&
             named.child(Field::right_) && named.child(Field::right_).text().size() == 7) {
    target_ = named.child(Field::left_).text();
    same_protocol_ = true;
  }
  if (!same_protocol_) named_ = {};
  if (!named_) return;
  const bool idle = std::ranges::all_of(code_.names(function_, path_.text()), [&](Node name) {
    return covers(named_, name.begin(), name.end()) || removes(name);
  });
  if (!idle || !code_.owns_lines(named_)) named_ = {};
}

bool Section::move(Edits& edits, std::string_view hold, bool reentrant) const {
  const Text& text = code_.text();
  const std::string indent(text.indent(first_.begin()));
  const std::string unit = text.unit(first_.begin());
  const std::string_view semicolon = code_.semicolon();
  std::string options = shared_ ? "shared: true" : "";
  if (reentrant) options += options.empty() ? "reentrant: true" : ", reentrant: true";
  if (!options.empty()) options = fmt::format(", {{ {} }}", options);
  const std::string target = write_ ? std::string(path_.text()) : target_;
  edits.replace(first_.begin(), first_.end(),
                fmt::format("const {} = await new FileLock({}{}).acquire({}){}", hold, target, options,
                            once_ ? "{ timeout: 0 }" : "", semicolon));
  edits.add_lines_after(first_.end(), indent, std::array<std::string, 1>{"try {"});
  if (named_) edits.remove_lines(named_.begin(), named_.end());
  // Lines that go.
  std::vector<Span> gone;
  for (const Node each : dropped_) {
    if (each != first_) gone.push_back({text.line_begin(each.begin()), text.next_line(each.end())});
  }
  for (const Node each : dissolved_) {
    const Node body = each.child(Field::body_);
    gone.push_back({text.line_begin(each.begin()), text.next_line(body.begin())});
    gone.push_back({text.line_begin(body.end() - 1), text.next_line(each.end())});
  }
  if (write_) {
    edits.replace(write_.begin(), write_.end(),
                  fmt::format("await replaceFile({}, {}){}", path_.text(), content_, semicolon));
  }
  const std::vector<Span> fixed = code_.fixed_lines(function_);
  const auto inside = [](const std::vector<Span>& spans, std::size_t at, bool at_begin) {
    return std::ranges::any_of(spans, [&](const Span& span) {
      return (at_begin ? span.begin <= at : span.begin < at) && at < span.end;
    });
  };
  std::size_t blank_from = 0;  // blank lines that may set apart what is gone
  for (std::size_t line = text.next_line(first_.end()); line < last_.end(); line = text.next_line(line)) {
    const std::size_t past = text.next_line(line);
    const bool blank = text.indent(line).size() == text.line_end(line) - line;
    if (blank) {
      if (blank_from == 0) blank_from = line;
      if (text.next_line(line) == line) break;
      continue;
    }
    const bool removed = inside(gone, line, true);
    // Blank lines before what stays, and not first in the try, stay.
    if (blank_from != 0 && (removed || blank_from == text.next_line(first_.end())))
      edits.replace(blank_from, line, "");
    blank_from = 0;
    if (removed) {
      edits.replace(line, past, "");
    } else if (!inside(fixed, line, false)) {
      const bool dissolved = std::ranges::any_of(
          dissolved_, [&](Node each) { return each.begin() < line && line < each.end(); });
      if (!dissolved) edits.insert(line, unit);
    }
    if (past == line) break;
  }
  edits.add_lines_after(
      last_.end(), indent,
      std::array<std::string, 3>{"} finally {", fmt::format("{}{}.release(){}", unit, hold, semicolon), "}"});
  return true;
}

}  // namespace lockwright::fixes::typescript
