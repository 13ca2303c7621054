// One pass over the text, word by word, outside of comments and strings. Only spellings are judged: what a
// macro is defined as is mostly not at hand.
#include "analyzer/frontends/cpp/shown_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "analyzer/frontends/cpp/conditionals.h"

namespace lockwright::frontends::cpp {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// LIKE_THIS, at least three letters long.
bool is_loud(std::string_view word) {
  return word.size() > 2 && (word[0] == '_' || (word[0] >= 'A' && word[0] <= 'Z')) &&
         std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool names_deferring(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array names = {"defer",     "scope_exit", "on_exit", "finally",
                                "scopeexit", "at_exit",    "cleanup"};
  return std::any_of(names.begin(), names.end(),
                     [&](const char* each) { return lower.find(each) != std::string::npos; });
}

class Pass {
 public:
  explicit Pass(std::string text) : text_(std::move(text)) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#' && line_start()) {
        skip_directive();
      } else if (c == '/' && at_ + 1 < text_.size() && (text_[at_ + 1] == '/' || text_[at_ + 1] == '*')) {
        skip_comment();
      } else if (c == '"' || c == '\'') {
        skip_quoted(c);
        last_ = c;
      } else if (is_word(c)) {
        word();
      } else {
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') last_ = c;
        ++at_;
      }
    }
    return std::move(text_);
  }

 private:
  [[nodiscard]] bool line_start() const {
    std::size_t before = at_;
    while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
    return before == 0 || text_[before - 1] == '\n';
  }

  void skip_directive() {
    while (at_ < text_.size() && text_[at_] != '\n') at_ += text_[at_] == '\\' ? 2 : 1;
  }

  void skip_comment() {
    const bool line = text_[at_ + 1] == '/';
    const std::size_t end = text_.find(line ? "\n" : "*/", at_ + 2);
    at_ = end == std::string::npos ? text_.size() : end + (line ? 0 : 2);
  }

  void skip_quoted(char quote) {
    if (quote == '"' && at_ > 0 && text_[at_ - 1] == 'R') {
      const std::size_t open = text_.find('(', at_);
      if (open != std::string::npos && open - at_ < 18) {
        const std::string end = ")" + text_.substr(at_ + 1, open - at_ - 1) + "\"";
        const std::size_t found = text_.find(end, open);
        at_ = found == std::string::npos ? text_.size() : found + end.size();
        return;
      }
    }
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ < text_.size()) ++at_;
  }

  [[nodiscard]] std::size_t next_code(std::size_t at) const {
    const std::size_t found = text_.find_first_not_of(" \t\r\n", at);
    return found == std::string::npos ? text_.size() : found;
  }
  [[nodiscard]] char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }

  /// Behind the parenthesis that closes the one at `open`.
  [[nodiscard]] std::size_t closed(std::size_t open) {
    const std::size_t before = at_;
    int depth = 0;
    std::size_t result = std::string::npos;
    for (at_ = open; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"' || (c == '\'' && !is_word(at_ > 0 ? text_[at_ - 1] : ' '))) {
        skip_quoted(c);
        continue;
      }
      if (c == '/' && (at(at_ + 1) == '/' || at(at_ + 1) == '*')) {
        skip_comment();
        continue;
      }
      if (c == '(' || c == '{' || c == '[') ++depth;
      if ((c == ')' || c == '}' || c == ']') && --depth == 0) {
        result = at_ + 1;
        break;
      }
      ++at_;
    }
    at_ = before;
    return result;
  }

  void blank(std::size_t begin, std::size_t end) {
    for (std::size_t place = begin; place < end; ++place) {
      if (text_[place] != '\n' && text_[place] != '\r') text_[place] = ' ';
    }
  }

  [[nodiscard]] bool between() const { return last_ == 0 || last_ == ';' || last_ == '{' || last_ == '}'; }

  void word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view here = std::string_view(text_).substr(begin, at_ - begin);
    const std::size_t next = next_code(at_);
    const bool was_class = in_class_;
    in_class_ = here == "class" || here == "struct";
    if (here == "__attribute__" || here == "__declspec" || here == "alignas") {
      if (at(next) == '(') erase(begin, next);
      return;
    }
    // `promise{std::move(promise)}` in a capture list is not in the grammar.
    if (last_ == ')' && old_style(begin)) return;
    if (was_class && is_loud(here)) {
      // A macro between the word and the name.
      const std::size_t end = at(next) == '(' ? closed(next) : at_;
      if (end != std::string::npos && is_word(at(next_code(end))) && at(next) != ':') {
        blank(begin, end);
        at_ = end;
        in_class_ = true;
        return;
      }
    }
    if (between() && names_deferring(here) && (at(next) == '{' || at(next) == '(') && here.size() > 2) {
      if (defer(begin, next)) return;
    }
    if (between() && is_loud(here) && at(next) == '(') {
      if (assignment(begin, next)) return;
    }
    if (last_ == '"' && here.size() > 1) {
      // Text put together with a macro's, which the grammar takes in front of a string only.
      text_[begin] = '"';
      text_[at_ - 1] = '"';
      return;
    }
    // An annotation behind a declarator: what it is about is none of ours.
    if (is_loud(here) && (last_ == ')' || last_ == 'w') && at(next) == '(') {
      const std::size_t end = closed(next);
      const char after = end == std::string::npos ? '\0' : at(next_code(end));
      if (after == ';' || after == '{' || (after == '=' && last_ == 'w')) {
        blank(begin, end);
        at_ = end;
        return;
      }
    }
    last_ =
        here == "return" || here == "else" || here == "case" || here == "new" || here == "throw" ? 'r' : 'w';
    if (here == "else" || here == "do") last_ = ';';
  }

  /// `int f(a) int a; {`: what stands between the parentheses and the brace are declarations and nothing
  /// else.
  bool old_style(std::size_t begin) {
    const std::size_t brace = text_.find('{', begin);
    if (brace == std::string::npos || brace - begin > 2000) return false;
    const std::string_view between = std::string_view(text_).substr(begin, brace - begin);
    const std::size_t last = between.find_last_not_of(" \t\r\n");
    const bool plain = std::all_of(between.begin(), between.end(), [](char c) {
      return is_word(c) || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '*' || c == ',' ||
             c == ';' || c == '[' || c == ']';
    });
    if (!plain || last == std::string_view::npos || between[last] != ';') return false;
    blank(begin, brace);
    at_ = brace;
    return true;
  }

  void erase(std::size_t begin, std::size_t open) {
    const std::size_t end = closed(open);
    if (end == std::string::npos) return;
    blank(begin, end);
    at_ = end;
  }

  bool defer(std::size_t begin, std::size_t open) {
    const std::size_t end = closed(open);
    if (end == std::string::npos || open - begin < 3) return false;
    const std::string_view inside = std::string_view(text_).substr(open + 1, end - open - 2);
    const std::size_t first = inside.find_first_not_of(" \t\r\n");
    // A lambda is passed: as it is written.
    if (text_[open] == '(' && (first == std::string_view::npos || inside[first] == '[')) return false;
    if (at(next_code(end)) != ';' && text_[open] == '(') return false;
    blank(begin, open);
    text_.replace(begin, 3, "[&]");
    if (text_[open] == '(') {
      text_[open] = '{';
      text_[end - 1] = '}';
      // The last statement may have no semicolon of its own.
      const std::size_t last = text_.find_last_not_of(" \t\r\n", end - 2);
      if (last != std::string::npos && text_[last] != ';' && text_[last] != '}' && last + 1 < end - 1)
        text_[last + 1] = ';';
      else if (last != std::string::npos && text_[last] != ';' && text_[last] != '}')
        return restore(end);
    }
    at_ = open + 1;
    last_ = '{';
    return true;
  }

  /// `DEFER(f())` without room for a semicolon: the one behind the macro moves in.
  bool restore(std::size_t end) {
    const std::size_t semicolon = next_code(end);
    text_[end - 1] = ';';
    if (semicolon < text_.size() && text_[semicolon] == ';') text_[semicolon] = '}';
    at_ = end - 1;
    last_ = ';';
    return true;
  }

  /// NAME(auto x, value);
  bool assignment(std::size_t begin, std::size_t open) {
    const std::size_t end = closed(open);
    if (end == std::string::npos || at(next_code(end)) != ';') return false;
    const std::size_t first = next_code(open + 1);
    const std::string_view inside = std::string_view(text_).substr(first, end - 1 - std::min(first, end - 1));
    if (!inside.starts_with("auto ") && !inside.starts_with("auto&") && !inside.starts_with("const auto"))
      return false;
    const std::size_t comma = text_.find(',', first);
    if (comma == std::string::npos || comma >= end) return false;
    blank(begin, open + 1);
    text_[comma] = '=';
    text_[end - 1] = ' ';
    at_ = first;
    last_ = ';';
    return true;
  }

  std::string text_;
  std::size_t at_ = 0;
  char last_ = 0;  ///< the last character of code; 'w' a word, 'r' one that a value follows
  bool in_class_ = false;
};

}  // namespace

std::string shown_text(std::string_view text) {
  return Pass(without_torn_branches(text)).run();
}

bool is_deferring(std::string_view lambda_as_written) {
  return !lambda_as_written.starts_with('[') && names_deferring(lambda_as_written.substr(0, 40));
}

}  // namespace lockwright::frontends::cpp
