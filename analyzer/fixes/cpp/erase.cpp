// LW302: give the lock up before its entry is erased, under the mutex that guards the registry.
//
//   {                                          {
//     std::lock_guard hold(mutex_);              std::lock_guard hold(mutex_);
//     fd = held_[path];                          fd = held_[path];
//     held_.erase(path);                         close(fd);
//   }                                            held_.erase(path);
//   close(fd);                                 }
//
// Acquirers take the mutex to ask the registry, so that nobody sees the entry gone and the lock still there;
// and two that release cannot both find the entry. The clean-up moves, not the erase, so that iterators stay
// good. It moves only where it is system calls, which neither wait nor ask for the mutex, and only across the
// mutex's release.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/code.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view title = "Give the lock up before its entry is erased, under the mutex";

bool is_one_of(std::string_view name, std::span<const std::string_view> all) {
  return std::ranges::find(all, name) != all.end();
}

/// Lets the mutex go, or wakes those who wait for it.
bool drops_mutex_by(Node call) {
  constexpr std::array<std::string_view, 6> names = {
      "unlock", "pthread_mutex_unlock", "mtx_unlock", "notify_one", "notify_all", "pthread_cond_broadcast"};
  return is_one_of(last_name(callee(call)), names);
}
bool drops_mutex(Node statement) {
  const Node call = call_of(statement);
  return call && drops_mutex_by(call);
}

class Reorder {
 public:
  Reorder(const Code& code, const findings::Repair& repair) : code_(code), repair_(repair) {}

  std::vector<findings::Fix> propose() {
    if (!code_.is_cpp() || !read()) return {};
    Edits edits(code_.file, code_.text);
    if (!move(edits)) return {};
    auto taken = edits.take();
    if (!taken) return {};
    return {{.title = std::string(title),
             .applicability = throws_ ? findings::Applicability::unsafe : findings::Applicability::safe,
             .edits = std::move(*taken)}};
  }

 private:
  bool read() {
    const source::Range& erase = repair_.places[0].range;
    const Node call = code_.call_at(erase);
    if (repair_.places.size() < 2 || !repair_.places[0].through.empty() || !call) return false;
    erase_ = code_.statement_of(call);
    if (!erase_ || call_of(erase_) != call || !code_.owns_lines(erase_)) return false;
    const Node function = code_.function_at(erase);
    source::Range all = erase;
    for (std::size_t i = 1; i < repair_.places.size(); ++i) {
      const source::Range& here = repair_.places[i].here();
      if (here.file != code_.file || here.begin < erase.end || code_.function_at(here) != function)
        return false;
      all.end = std::max(all.end, here.end);
    }
    return read_block(code_.way(all.begin, all.end), all.end) && keeps_names();
  }

  /// The block that has them all: what surrounds the erase in it, and the clean-up behind that.
  bool read_block(const Path& way, std::uint32_t end) {
    for (const Node node : way) {
      if (node.kind() == Kind::compound_statement_) block_ = node;
    }
    if (!block_) return false;
    const std::vector<Node> all = statements(block_);
    std::size_t at = 0;
    while (at < all.size() && !covers(all[at], erase_.begin(), erase_.end())) ++at;
    if (at >= all.size() || !ends_there(all[at])) return false;
    std::size_t first = at + 1;
    while (first < all.size() && drops_mutex(all[first])) ++first;
    std::size_t past = first;
    while (past < all.size() && all[past].begin() < end) ++past;
    if (first >= past) return false;
    // What else gives the lock up, by a name that the rule does not know for the entry's.
    const auto releases = [&](Node each) {
      return std::ranges::any_of(code_.calls(each), [](Node call) {
        return speaks_of_release(last_name(callee(call))) && !drops_mutex_by(call);
      });
    };
    while (past < all.size() && releases(all[past]) && code_.owns_lines(all[past]) &&
           gives_up(all[past], true))
      ++past;
    if (std::any_of(all.begin() + static_cast<std::ptrdiff_t>(past), all.end(), releases)) return false;
    before_ = all[first - 1];
    cleaning_.assign(all.begin() + static_cast<std::ptrdiff_t>(first),
                     all.begin() + static_cast<std::ptrdiff_t>(past));
    rest_.assign(all.begin() + static_cast<std::ptrdiff_t>(past), all.end());
    if (conditional_ && !cleans_only_then()) return false;
    return std::ranges::all_of(cleaning_,
                               [&](Node each) { return code_.owns_lines(each) && gives_up(each, true); });
  }

  /// From the erase to the end of the blocks around it, the mutex is let go and nothing else is done.
  bool ends_there(Node around) {
    if (around == erase_) return true;
    if (around.kind() == Kind::if_statement_) {
      // `if (it != held_.end()) { fd = it->second; held_.erase(it); }`
      const Node body = around.child(Field::consequence_);
      if (conditional_ || around.child(Field::alternative_) || !body ||
          body.kind() != Kind::compound_statement_ || !covers(body, erase_.begin(), erase_.end()))
        return false;
      conditional_ = body;
      return ends_there(body);
    }
    if (around.kind() != Kind::compound_statement_) return false;
    nested_.push_back(around);
    const std::vector<Node> all = statements(around);
    const auto own =
        std::ranges::find_if(all, [&](Node each) { return covers(each, erase_.begin(), erase_.end()); });
    if (own == all.end() || !std::all_of(own + 1, all.end(), drops_mutex)) return false;
    return ends_there(*own);
  }

  /// What is cleaned up is cleaned up only if the erase has been done: `if (fd >= 0) close(fd);`, where the
  /// variable is -1 but for that.
  [[nodiscard]] bool cleans_only_then() const {
    const Node function = code_.function_at(repair_.places[0].range);
    return std::ranges::all_of(cleaning_, [&](Node each) {
      const Node asked = each.kind() == Kind::if_statement_ ? each.child(Field::condition_) : Node{};
      const std::string text = asked ? squeezed(asked.text()) : std::string();
      std::string_view variable;
      for (const std::string_view form : {">=0)", "!=-1)", ">-1)"}) {
        if (text.ends_with(form)) variable = std::string_view(text).substr(1, text.size() - 1 - form.size());
      }
      bool declared = false;
      bool fine = !variable.empty();
      each_node(code_.syntax, function, [&](Node node) {
        if (node.kind() == Kind::init_declarator_ && node.child(Field::declarator_).text() == variable)
          declared |= node.child(Field::value_) && node.child(Field::value_).text() == "-1";
        if (node.kind() == Kind::assignment_expression_ && node.child(Field::left_).text() == variable)
          fine &= covers(conditional_, node.begin(), node.end()) && node.end() < erase_.begin();
        // `read_into(&fd)`
        if (node.kind() == Kind::pointer_expression_ && has(node.text(), "&"))
          fine &= !has(node.text(), variable);
      });
      return declared && fine;
    });
  }

  /// A system call that gives a file up, or a helper of these; and what serves that.
  bool gives_up(Node statement, bool helpers) {
    switch (statement.kind()) {
      case Kind::compound_statement_:
        return std::ranges::all_of(statements(statement), [&](Node each) { return gives_up(each, helpers); });
      case Kind::if_statement_: {
        const Node body = statement.child(Field::consequence_);
        return !statement.child(Field::alternative_) && body && only_calls(statement, helpers, body) &&
               gives_up(body, helpers);
      }
      case Kind::declaration_: {
        // A guard would ask for the mutex that is held.
        const Node type = statement.child(Field::type_);
        const std::string_view name = type ? type.text() : std::string_view();
        return !has(name, "lock") && !has(name, "Lock") && !has(name, "uard") && !has(name, "utex") &&
               only_calls(statement, helpers, {});
      }
      case Kind::expression_statement_: {
        const Node call = call_of(statement);
        return call && only_calls(statement, helpers, {});
      }
      default: return false;
    }
  }

  /// All calls in here, but for those in `apart`, are of that kind.
  bool only_calls(Node scope, bool helpers, Node apart) {
    for (const Node call : code_.calls(scope)) {
      if (apart && covers(apart, call.begin(), call.end())) continue;
      if (!is_plain(call) && !(helpers && is_helper(call))) return false;
    }
    bool fine = true;
    each_node(code_.syntax, scope, [&](Node node) {
      fine &= node.kind() != Kind::lambda_expression_ && node.kind() != Kind::raw_string_literal_ &&
              node.kind() != Kind::co_await_expression_ && node.kind() != Kind::new_expression_;
    });
    return fine;
  }

  bool is_plain(Node call) {
    const std::string_view name = callee(call);
    const std::vector<Node> given = arguments(call);
    constexpr std::array<std::string_view, 17> system = {
        "close",      "fclose",       "std::fclose", "unlink",      "remove",      "std::remove",
        "rmdir",      "_close",       "_unlink",     "CloseHandle", "DeleteFileA", "DeleteFileW",
        "UnlockFile", "UnlockFileEx", "perror",      "std::perror", "fileno"};
    if (is_one_of(name, system)) return true;
    if (name == "flock") return given.size() == 2 && has(given[1].text(), "LOCK_UN");
    if (name == "lockf") return given.size() == 3 && given[1].text() == "F_ULOCK";
    if (name == "std::filesystem::remove" || name == "fs::remove" || name == "filesystem::remove") {
      throws_ |= given.size() < 2;
      return true;
    }
    constexpr std::array<std::string_view, 6> asks = {"c_str", "data", "string", "native", "get", "value"};
    return given.empty() && call.child(Field::function_).kind() == Kind::field_expression_ &&
           is_one_of(last_name(name), asks);
  }

  /// The one function of that name in the file does nothing else, either.
  bool is_helper(Node call) {
    const std::string_view name = last_name(callee(call));
    Node body;
    std::size_t count = 0;
    each_node(code_.syntax, code_.syntax.root(), [&](Node node) {
      if (node.kind() != Kind::function_definition_ || last_name(function_name(node)) != name) return;
      body = node.child(Field::body_);
      ++count;
    });
    return count == 1 && body && gives_up(body, false);
  }

  /// Where the clean-up goes, its names mean what they did; and where it was, nobody needs its own.
  [[nodiscard]] bool keeps_names() const {
    bool fine = true;
    if (!nested_.empty()) {
      each_node(code_.syntax, nested_.front(), [&](Node node) {
        for (const std::string_view name : declared_names(node)) {
          for (const Node each : cleaning_) fine &= code_.names(each, name).empty();
        }
      });
    }
    for (const Node each : cleaning_) {
      for (const std::string_view name : declared_names(each)) {
        for (const Node later : rest_) fine &= code_.names(later, name).empty();
      }
    }
    return fine;
  }

  bool move(Edits& edits) const {
    const Text& text = code_.text;
    const auto blank = [&](std::size_t line) {
      return text.indent(line).size() == text.line_end(line) - line;
    };
    const std::size_t gap = text.next_line(before_.end());
    std::size_t begin = gap;
    while (begin < cleaning_.front().begin() && blank(begin)) begin = text.next_line(begin);
    if (begin > text.line_begin(cleaning_.front().begin())) return false;
    const std::size_t end = text.next_line(cleaning_.back().end());
    const std::string_view outer = text.indent(cleaning_.front().begin());
    const std::string_view inner = text.indent(erase_.begin());
    std::string moved;
    for (std::size_t line = begin; line < end; line = text.next_line(line)) {
      std::string_view content = text.part(line, text.next_line(line));
      if (!blank(line)) {
        if (!content.starts_with(outer) || text.all()[line] == '#') return false;
        content.remove_prefix(outer.size());
        moved += inner;
      }
      moved += content;
    }
    const std::string_view behind = text.part(end, text.line_end(end));
    const bool closes = behind.find_first_not_of(" \t") == std::string_view::npos ||
                        behind[behind.find_first_not_of(" \t")] == '}';
    edits.replace(closes ? gap : begin, end, "");
    // A comment above the erase is about the erase.
    std::size_t at = text.line_begin(erase_.begin());
    while (at > 0) {
      const std::size_t above = text.line_begin(at - 1);
      if (!text.part(above + text.indent(above).size(), text.line_end(above)).starts_with("//")) break;
      at = above;
    }
    edits.insert(at, std::move(moved));
    return true;
  }

  const Code& code_;
  const findings::Repair& repair_;
  Node erase_;
  Node block_;
  Node before_;               ///< the statement before the clean-up
  Node conditional_;          ///< the body of an if, in which the erase is; none: no such
  std::vector<Node> nested_;  ///< the blocks around the erase that the clean-up is not in, outermost first
  std::vector<Node> cleaning_;
  std::vector<Node> rest_;
  bool throws_ = false;
};

}  // namespace

std::vector<findings::Fix> erase_after_clean_up(const Code& code, const findings::Repair& repair) {
  return Reorder(code, repair).propose();
}

}  // namespace lockwright::fixes::cpp
