// Reading a section. Every statement from the open on is one that serves the lock and goes, or one that stays
// as it is; what fits neither makes the section one that is not moved.
#include "analyzer/fixes/cpp/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lockwright::fixes::cpp {
namespace {

bool in(const std::vector<Node>& nodes, Node node) {
  return std::ranges::any_of(nodes, [&](Node each) { return covers(each, node.begin(), node.end()); });
}

/// goto, and the labels it goes to, do not get on with variables that are declared in between.
bool jumps(const Code& code, Node function) {
  bool found = false;
  each_node(code.syntax, function, [&](Node node) { found |= node.kind() == Kind::goto_statement_; });
  return found;
}

bool is_return(Node statement) {
  return statement.kind() == Kind::return_statement_;
}

/// Whether a handle that is named here may outlive the function: returned, kept, given to an owner.
bool escapes(const Path& way, Node call) {
  std::size_t at = way.size() - 1;
  while (at > 0 && (way[at - 1].kind() == Kind::parenthesized_expression_ ||
                    way[at - 1].kind() == Kind::cast_expression_))
    --at;
  const Node parent = at > 0 ? way[at - 1] : Node{};
  switch (parent.kind()) {
    case Kind::argument_list_: {
      if (!call || !covers(call, parent.begin(), parent.end())) return true;  // `Owner owner(fd);`
      const std::string_view name = last_name(callee(call));
      constexpr std::array owners = {"make_", "push_back", "emplace", "insert",
                                     "reset", "fdopen",    "move",    "dup"};
      const bool type = !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
      return way[at - 2] != call || type ||
             std::ranges::any_of(owners, [&](std::string_view each) { return has(callee(call), each); });
    }
    case Kind::binary_expression_:
    case Kind::condition_clause_:
    case Kind::unary_expression_: return false;
    default: return true;
  }
}

}  // namespace

bool Section::read() {
  if (!code_.is_cpp()) return false;
  const Node call = code_.call_at(acquire_);
  function_ = code_.function_at(acquire_);
  if (!function_ || jumps(code_, function_)) return false;
  if (!call || (!read_creation(call) && !read_kernel_lock(call))) return false;
  if (path_.empty() || !read_first() || !judge_content() || !find_region()) return false;
  find_target();
  if (!drop_idle()) return false;
  const Failure* told = failure();
  // A function whose caller expects no exception, and which does not look whether it has the lock.
  const bool silent = told == nullptr || told->throws();
  if (!may_throw() && (silent || content_ == Content::written)) return false;
  if (once_ && !creates_ && told == nullptr) return false;
  if (open_failure_.body && lock_failure_.body && !open_failure_.throws() && !lock_failure_.throws()) {
    const auto last = [](Node body) {
      return body.kind() == Kind::compound_statement_ ? statements(body).back().text() : body.text();
    };
    if (last(open_failure_.body) != last(lock_failure_.body)) return false;
  }
  constexpr std::array reasons = {"EEXIST", "EWOULDBLOCK", "EAGAIN", "EACCES"};
  return told == nullptr || std::ranges::none_of(reasons, [&](std::string_view reason) {
           return has(told->body.text(), reason);
         });
}

const Section::Failure* Section::failure() const {
  if (lock_failure_.body) return &lock_failure_;
  return open_failure_.body ? &open_failure_ : nullptr;
}

bool Section::may_throw() const {
  const Path way = code_.way(function_.begin(), function_.end());
  for (const Node node : way) {
    if (node.kind() == Kind::linkage_specification_) return false;
    if (node == function_) break;
  }
  const Node body = function_.child(Field::body_);
  const std::string_view head = code_.text.part(function_.begin(), body ? body.begin() : function_.end());
  return !has(head, "noexcept") && !has(head, "~") && !has(head, "extern \"C\"");
}

bool Section::removes(Node node) const {
  const Failure* told = failure();
  if (told != nullptr && covers(told->body, node.begin(), node.end())) {
    return std::ranges::any_of(dropped_, [&](Node each) {
      return covers(told->body, each.begin(), each.end()) && covers(each, node.begin(), node.end());
    });
  }
  return in(dropped_, node) || in(released_, node) || in(returned_, node) ||
         (write_ && covers(write_, node.begin(), node.end()));
}

bool Section::is_unlock(Node call) const {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  if (variable_.empty() || given.size() < 2 || call == call_) return false;
  const std::string handle = squeezed(given[0].text());
  if (handle != variable_ && handle != fmt::format("fileno({})", variable_)) return false;
  if (name == "flock") return has(given[1].text(), "LOCK_UN");
  if (name == "lockf") return given[1].text() == "F_ULOCK";
  return name == "fcntl" && has(given[1].text(), "SETLK");
}

bool Section::is_release_call(Node call) const {
  if (is_unlock(call)) return true;
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  if (given.size() != 1) return false;
  const bool closes = name == "close" || name == "fclose" || name == "std::fclose";
  if (closes) return content_ != Content::other && !variable_.empty() && given[0].text() == variable_;
  const bool removes = name == "unlink" || name == "remove" || name == "std::remove" || name == "rmdir" ||
                       name == "std::filesystem::remove" || name == "fs::remove";
  return creates_ && removes && without_c_str(given[0]) == path_;
}

/// Whether nobody has the lock behind this: a lock file is closed before it is removed.
bool Section::gives_up(Node statement) const {
  return std::ranges::any_of(code_.calls(statement), [&](Node call) {
    if (!creates_) {
      const std::vector<Node> given = arguments(call);
      const bool closes = (callee(call) == "close" || callee(call) == "fclose") && given.size() == 1 &&
                          given[0].text() == variable_;
      return closes || is_release_call(call);
    }
    return is_release_call(call) && callee(call) != "close";
  });
}

bool Section::only_releases(Node statement) const {
  switch (statement.kind()) {
    case Kind::expression_statement_: {
      const Node call = call_of(statement);
      return call && is_release_call(call);
    }
    case Kind::if_statement_: {
      if (statement.child(Field::alternative_)) return false;
      // `if (close(fd) != 0) perror("close");`, `if (fd >= 0) close(fd);`
      const Node condition = statement.child(Field::condition_);
      const std::vector<Node> asked = code_.calls(condition);
      if (asked.size() == 1 && is_release_call(asked[0])) return true;
      return asked.empty() && !variable_.empty() && !code_.names(condition, variable_).empty() &&
             only_releases(statement.child(Field::consequence_));
    }
    case Kind::compound_statement_: {
      const std::vector<Node> all = statements(statement);
      return !all.empty() && std::ranges::all_of(all, [&](Node each) { return only_releases(each); });
    }
    default: return false;
  }
}

/// Noting in the lock file who has it, emptying it, flushing: the library does all of that.
bool Section::is_upkeep(Node statement) const {
  if (variable_.empty() || content_ == Content::other) return false;
  if (statement.kind() != Kind::expression_statement_ && statement.kind() != Kind::if_statement_)
    return false;
  const Node where = statement.kind() == Kind::if_statement_ ? statement.child(Field::condition_) : statement;
  if (!where || (statement.kind() == Kind::if_statement_ && statement.child(Field::alternative_)))
    return false;
  for (const Node call : code_.calls(where)) {
    const std::string_view name = last_name(callee(call));
    const std::vector<Node> given = arguments(call);
    const bool about = !given.empty() && squeezed(given[0].text()).find(variable_) != std::string::npos;
    if (!about) continue;
    if (name == "fsync" || name == "fdatasync" || name == "fflush") return true;
    if (creates_ && (name == "write" || name == "dprintf" || name == "ftruncate" || name == "fchmod"))
      return true;
  }
  return false;
}

/// `if (fd < 0) return -1;`
bool Section::is_check(Node statement) const {
  if (statement.kind() != Kind::if_statement_ || statement.child(Field::alternative_) || variable_.empty())
    return false;
  const std::string asks = squeezed(statement.child(Field::condition_).text());
  constexpr std::array forms = {"({}<0)", "({}==-1)", "(!{})",      "({}==NULL)",   "({}==nullptr)",
                                "(0>{})", "(-1=={})", "(NULL=={})", "(nullptr=={})"};
  const bool fits = std::ranges::any_of(forms, [&](std::string_view form) {
    std::string wanted(form);
    wanted.replace(wanted.find("{}"), 2, variable_);
    return wanted == asks;
  });
  return fits && ends_by_leaving(statement.child(Field::consequence_));
}

/// What a call writes, as something that is a std::string_view; "": it does something else.
std::string Section::written_bytes(Node call) const {
  const std::string_view name = last_name(callee(call));
  const std::vector<Node> given = arguments(call);
  const auto of = [](Node data, const std::string& size) {
    const std::string plain(without_c_str(data));
    if (plain != data.text() && (size == plain + ".size()" || size == plain + ".length()")) return plain;
    if (size == fmt::format("strlen({})", data.text()) || size == fmt::format("std::strlen({})", data.text()))
      return std::string(data.text());
    return fmt::format("std::string_view({}, {})", data.text(), size);
  };
  if (name == "fputs" && given.size() == 2 && given[1].text() == variable_)
    return std::string(without_c_str(given[0]));
  if (name == "fwrite" && given.size() == 4 && given[3].text() == variable_ && given[1].text() == "1")
    return of(given[0], std::string(given[2].text()));
  if (name == "write" && given.size() == 3 && squeezed(given[0].text()) == variable_)
    return of(given[1], std::string(given[2].text()));
  return "";
}

bool Section::judge_content() {
  if (variable_.empty()) return true;
  std::size_t writes = 0;
  bool general = false;
  for (const Node name : code_.names(function_, variable_)) {
    if (name.begin() < opened_.begin() || covers(first_, name.begin(), name.end())) continue;
    const Path way = code_.way(name.begin(), name.end());
    Node call;
    Node statement;
    bool checks = false;
    for (const Node node : way) {
      if (node.begin() < function_.begin() || node == function_) continue;
      if (node.kind() == Kind::lambda_expression_) return false;  // known elsewhere, maybe later
      if (node.kind() == Kind::call_expression_ && callee(node) != "fileno") call = node;
      if (node.kind() == Kind::expression_statement_ || node.kind() == Kind::if_statement_) statement = node;
      checks |= is_check(node) && covers(node.child(Field::condition_), name.begin(), name.end());
      const Node asked = node.kind() == Kind::if_statement_ ? node.child(Field::condition_) : Node{};
      if (asked && covers(asked, name.begin(), name.end())) {
        checks |= only_releases(node);
        // `if (fd < 0 || flock(fd, LOCK_EX) != 0)`
        checks |= call_ && covers(asked, call_.begin(), call_.end());
      }
    }
    if (checks || (call && (call == call_ || is_release_call(call)))) continue;
    if (call && last_name(callee(call)) == "flock") return false;  // locked again
    if (statement && is_upkeep(statement) && call) continue;
    const bool plain = statement && call && call_of(statement) == call;
    if (plain && truncates_ && !written_bytes(call).empty()) {
      ++writes;
      write_ = statement;
      content_text_ = written_bytes(call);
      continue;
    }
    if (escapes(way, call)) return false;
    general = true;
  }
  if (creates_) return !general && writes == 0;
  if (general || writes > 0) content_ = !general && writes == 1 ? Content::written : Content::other;
  if (content_ != Content::written) write_ = {};
  // Said twice, the path must be one that may be.
  if (content_ != Content::none && path_.find('(') != std::string::npos) return false;
  return true;
}

bool Section::find_region() {
  const std::vector<Node> all = statements(block_);
  for (const Node each : all) {
    if (each.begin() < first_.begin()) continue;
    bool serves = each == first_ || covers(each, acquire_.begin, acquire_.end) ||
                  (!variable_.empty() && !code_.names(each, variable_).empty());
    for (const Node call : code_.calls(each)) serves |= is_release_call(call);
    if (serves) last_ = each;
  }
  if (creates_ && last_ == first_) return false;
  bool acquired = creates_;
  for (const Node each : all) {
    if (each.begin() < first_.begin() || each.begin() > last_.begin()) continue;
    if (each == first_) {
      (content_ == Content::other ? kept_ : dropped_).push_back(each);
    } else if (!creates_ && covers(each, acquire_.begin, acquire_.end)) {
      if (!take_acquire(each)) return false;
      acquired = true;
    } else if (!acquired && !is_check(each) && !code_.calls(each).empty() && content_ == Content::none) {
      return false;  // what is done before the lock is taken is not to wait
    } else if (!take(each)) {
      return false;
    }
  }
  // What the failing branch gives back.
  for (const Failure* each : {&open_failure_, &lock_failure_}) {
    if (!each->body) continue;
    each_node(code_.syntax, each->body, [&](Node node) {
      const Node call = node.kind() == Kind::expression_statement_ ? call_of(node) : Node{};
      const bool closes = call && (callee(call) == "close" || callee(call) == "fclose") &&
                          arguments(call).size() == 1 && arguments(call)[0].text() == variable_;
      if (closes || (node.kind() == Kind::if_statement_ && only_releases(node))) dropped_.push_back(node);
      // The loop's own question for EINTR.
      if (node.kind() == Kind::if_statement_ && each->condition &&
          squeezed(node.child(Field::condition_).text()) == "(errno==EINTR)")
        dropped_.push_back(node);
    });
  }
  // A lock that nobody gives up here is for the caller, or for the life of the process.
  return acquired && end_;
}

bool Section::take_acquire(Node statement) {
  dropped_.push_back(statement);
  if (statement.kind() == Kind::expression_statement_) return call_of(statement) == call_;
  if (statement.kind() == Kind::while_statement_)
    return !once_ || has(statement.text(), "sleep") ? read_waiting(statement, call_) : false;
  return read_failure(statement, call_, lock_failure_);
}

bool Section::take(Node statement) {
  const bool other = content_ == Content::other;
  if (is_check(statement)) {
    if (other) {
      kept_.push_back(statement);
      return true;
    }
    if (!open_failure_.body && !(creates_ && lock_failure_.body)) {
      open_failure_ = {.condition = statement.child(Field::condition_),
                       .body = statement.child(Field::consequence_)};
    }
    dropped_.push_back(statement);
    return true;
  }
  if (write_ == statement) {
    kept_.push_back(statement);
    return true;
  }
  if (only_releases(statement) || is_upkeep(statement)) {
    if (!end_ && gives_up(statement)) end_ = statement;
    dropped_.push_back(statement);
    return true;
  }
  if (is_return(statement)) {
    const Node value = frontends::cpp::stripped(statement.first_child());
    if (value && value.kind() == Kind::call_expression_ && is_release_call(value)) {
      returned_.push_back(statement);
      if (!end_) end_ = statement;
      return true;
    }
  }
  kept_.push_back(statement);
  if (other && !end_ && call_of(statement) && gives_up(statement)) end_ = statement;
  return drop_inner_releases(statement);
}

bool Section::drop_inner_releases(Node statement) {
  std::vector<Node> releases;
  bool all_found = true;
  each_node(code_.syntax, statement, [&](Node node) {
    if (in(releases, node) || in(returned_, node)) return;
    const bool whole = node.kind() == Kind::expression_statement_ || node.kind() == Kind::if_statement_;
    if (whole && node != statement && only_releases(node)) {
      releases.push_back(node);
    } else if (is_return(node) &&
               frontends::cpp::stripped(node.first_child()).kind() == Kind::call_expression_ &&
               is_release_call(frontends::cpp::stripped(node.first_child()))) {
      returned_.push_back(node);
    } else {
      all_found &= node.kind() != Kind::call_expression_ || !is_release_call(node);
    }
  });
  if (!all_found) return false;
  for (const Node own : releases) {
    const Path way = code_.way(own.begin(), own.end());
    const auto at = std::ranges::find(way, own);
    for (auto around = at; around != way.begin() && *around != statement; --around) {
      if (around->kind() == Kind::lambda_expression_) return false;
    }
    const Node parent = *(at - 1);
    const bool block = parent.kind() == Kind::compound_statement_;
    const std::vector<Node> all = block ? statements(parent) : std::vector{own};
    const auto here = std::ranges::find(all, own);
    const auto rest = std::find_if(here, all.end(), [&](Node each) { return !only_releases(each); });
    const bool leaving = rest != all.end() && leaves(*rest) && rest->kind() != Kind::break_statement_ &&
                         rest->kind() != Kind::continue_statement_ && !rest->has_effect();
    if (leaving && block) {
      dropped_.push_back(own);
    } else if (gives_up(own)) {
      released_.push_back(own);
    } else if (block) {
      dropped_.push_back(own);
    } else {
      return false;
    }
  }
  return true;
}

/// Variables that served what goes, and nothing else, go as well.
bool Section::drop_idle() {
  const bool renamed = target_ != path_;
  for (bool more = true; more;) {
    more = false;
    std::vector<std::string_view> candidates;
    for (const Node gone : dropped_) {
      each_node(code_.syntax, gone, [&](Node node) {
        if (node.kind() != Kind::identifier_ || !removes(node)) return;
        if (std::ranges::find(candidates, node.text()) == candidates.end()) candidates.push_back(node.text());
      });
    }
    for (const std::string_view each : candidates) {
      if (!renamed && has(path_, each)) continue;
      if (has(target_, each) || has(content_text_, each)) continue;
      Node declaration;
      std::vector<Node> setters;
      bool idle = true;
      for (const Node use : code_.names(function_, each)) {
        if (removes(use)) continue;
        const Node statement = code_.statement_of(use);
        if (!statement || in(setters, statement) || statement == declaration) continue;
        const Path way = code_.way(use.begin(), use.end());
        const Node root = statement.first_child();
        std::size_t declarators = 0;
        for (const Node child : statement.children())
          declarators += child.field() == Field::declarator_ ? 1U : 0U;
        const bool assigns = root && root.kind() == Kind::assignment_expression_;
        const Node given = assigns ? root.child(Field::right_) : statement;
        const bool effect = root && given && given.has_effect();
        const Node called = call_of(statement);
        const std::string_view name = called ? last_name(callee(called)) : std::string_view();
        if (statement.kind() == Kind::declaration_ && declarators == 1 && !declaration &&
            way[way.size() - 2].kind() != Kind::argument_list_ &&
            (!effect || has(statement.text(), "snprintf") || (renamed && each == path_))) {
          declaration = statement;
        } else if (statement.kind() == Kind::expression_statement_ &&
                   root.kind() == Kind::assignment_expression_ && !effect &&
                   covers(root.child(Field::left_), use.begin(), use.end())) {
          setters.push_back(statement);
        } else if (name == "snprintf" || name == "sprintf" || name == "memset") {
          setters.push_back(statement);
        } else {
          idle = false;
        }
      }
      if (!idle || !declaration) continue;
      dropped_.push_back(declaration);
      dropped_.insert(dropped_.end(), setters.begin(), setters.end());
      more = true;
    }
  }
  return true;
}

}  // namespace lockwright::fixes::cpp
