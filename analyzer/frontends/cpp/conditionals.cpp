// One pass over the lines with a stack of open #if: for every branch it is known how its braces and
// parentheses add up and whether it begins and ends where a statement does. At #endif the conditional is
// whole or torn; of a torn one the first branch stays, unless its condition names a system without POSIX.
#include "analyzer/frontends/cpp/conditionals.h"

#include <algorithm>
#include <array>
#include <vector>

namespace lockwright::frontends::cpp {
namespace {

struct Branch {
  std::size_t line = 0;   ///< where its directive begins
  std::size_t begin = 0;  ///< of its text
  std::size_t end = 0;
  std::string_view condition;  ///< "" for #else
  bool torn = false;
};

struct Conditional {
  std::vector<Branch> branches;
  int depth = 0;  ///< of braces and parentheses where it begins
  std::string brackets;
  bool middle = false;  ///< it begins in the middle of a statement
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), result_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') {
        line_start_ = true;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else if (c == '#' && line_start_) {
        directive();
      } else {
        line_start_ = false;
        code(c);
      }
    }
    while (!open_.empty()) close();
    return std::move(result_);
  }

 private:
  void code(char c) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    }
    if (rest.starts_with("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? text_.size() : end + 2;
      return;
    }
    if (rest.starts_with("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
      raw_string();
      return;
    }
    before_ = last_;
    last_ = c;
    if (c == '"' || (c == '\'' && (at_ == 0 || !is_word(text_[at_ - 1])))) {
      quoted(c);
      return;
    }
    if (c == '{' || c == '(') {
      ++depth_;
      brackets_.push_back(c == '(' || before_ == '=' || before_ == ',' || before_ == '(' ? '(' : '{');
    }
    if (c == '}' || c == ')') {
      --depth_;
      if (!brackets_.empty()) brackets_.pop_back();
      if (!open_.empty() && depth_ < open_.back().depth) open_.back().branches.back().torn = true;
    }
    ++at_;
  }

  void raw_string() {
    last_ = '"';
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) {
      at_ += 2;
      return;
    }
    const std::string end = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    const std::size_t found = text_.find(end, open);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  void quoted(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
  }

  void directive() {
    const std::size_t begin = at_;
    std::size_t end = at_;
    for (;;) {
      end = std::min(text_.find('\n', end), text_.size());
      const std::size_t before = end > 0 && text_[end - 1] == '\r' ? end - 1 : end;
      if (end == text_.size() || before == 0 || text_[before - 1] != '\\') break;
      ++end;
    }
    at_ = end;
    const std::string_view line = text_.substr(begin + 1, end - begin - 1);
    const std::size_t word = line.find_first_not_of(" \t");
    if (word == std::string_view::npos) return;
    std::size_t after = word;
    while (after < line.size() && is_word(line[after])) ++after;
    const std::string_view name = line.substr(word, after - word);
    const std::string_view rest = line.substr(after);
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      Conditional made{.depth = depth_, .brackets = brackets_, .middle = !between()};
      made.branches.push_back({.line = begin, .begin = end, .condition = line.substr(word)});
      open_.push_back(std::move(made));
    } else if ((name == "else" || name.starts_with("elif")) && !open_.empty()) {
      end_branch(begin);
      const bool otherwise = name == "else";
      open_.back().branches.push_back(
          {.line = begin, .begin = end, .condition = otherwise ? std::string_view() : rest});
    } else if (name == "endif" && !open_.empty()) {
      end_branch(begin);
      close(begin, end);
    }
  }

  /// Where a statement may begin.
  [[nodiscard]] bool between() const {
    if (!brackets_.empty() && brackets_.back() == '(') return false;
    return last_ == 0 || last_ == ';' || last_ == '{' || last_ == '}' || (last_ == ':' && is_label());
  }

  /// The colon before here ends a label: `case 1:`, `private:`.
  [[nodiscard]] bool is_label() const {
    const std::size_t colon = text_.rfind(':', at_);
    if (colon == std::string_view::npos) return false;
    const std::size_t line = text_.rfind('\n', colon) + 1;
    const std::string_view label = text_.substr(line, colon - line);
    return label.find_first_of("(),\"") == std::string_view::npos &&
           label.find_first_not_of(" \t") != std::string_view::npos;
  }

  void end_branch(std::size_t end) {
    Branch& branch = open_.back().branches.back();
    branch.end = end;
    branch.torn |= depth_ != open_.back().depth || !between() || last_ == '{';
    if (last_ == '{' && depth_ == open_.back().depth) branch.torn = false;
    depth_ = open_.back().depth;
    brackets_ = open_.back().brackets;
  }

  static bool says(std::string_view condition, std::string_view word) {
    for (std::size_t at = condition.find(word); at != std::string_view::npos;
         at = condition.find(word, at + 1)) {
      const bool begins = at == 0 || !is_word(condition[at - 1]);
      if (begins && (at + word.size() == condition.size() || !is_word(condition[at + word.size()])))
        return true;
    }
    return false;
  }

  /// What never compiles, or not on a system with POSIX.
  static bool is_off(std::string_view condition, bool foreign) {
    constexpr std::array systems = {"_WIN32",      "WIN32",      "_WIN64",   "_MSC_VER",
                                    "__MINGW32__", "__CYGWIN__", "_WINDOWS", "OS_WINDOWS",
                                    "OS_WIN",      "Q_OS_WIN",   "__sun",    "__APPLE__"};
    const bool negated = condition.starts_with("ifndef") || condition.find('!') != std::string_view::npos;
    const std::size_t first = condition.find_first_not_of(" \t", condition.find_first_of(" \t"));
    if (first != std::string_view::npos && condition.substr(first, 1) == "0" &&
        condition.substr(first).find_first_not_of("0 \t\r") == std::string_view::npos) {
      return true;
    }
    return foreign && !negated && std::any_of(systems.begin(), systems.end(), [&](const char* word) {
             return says(condition, word);
           });
  }

  void close() {
    end_branch(text_.size());
    close(text_.size(), text_.size());
  }

  void close(std::size_t begin, std::size_t end) {
    const Conditional made = std::move(open_.back());
    open_.pop_back();
    const bool torn = made.middle || std::any_of(made.branches.begin(), made.branches.end(),
                                                 [](const Branch& branch) { return branch.torn; });
    std::size_t kept = 0;
    while (kept + 1 < made.branches.size() && is_off(made.branches[kept].condition, true)) ++kept;
    const bool none = is_off(made.branches[kept].condition, torn);
    for (std::size_t i = 0; i < made.branches.size(); ++i) {
      const Branch& branch = made.branches[i];
      if (torn) blank(branch.line, branch.begin);
      const bool off = is_off(branch.condition, false);
      if ((torn && (i != kept || none)) || off) blank(branch.begin, branch.end);
      // Braces that the kept branch opens stay open.
      if (torn && i == kept && !none) {
        const int added = balance(branch.begin, branch.end);
        depth_ += added;
        for (int each = 0; each < added; ++each) brackets_.push_back('{');
        for (int each = 0; each > added && !brackets_.empty(); --each) brackets_.pop_back();
      }
    }
    if (torn) blank(begin, end);
  }

  /// In what is left of the text; strings have been seen, so a brace in one is an error of no consequence.
  [[nodiscard]] int balance(std::size_t begin, std::size_t end) const {
    int result = 0;
    for (std::size_t at = begin; at < end; ++at) {
      const char c = result_[at];
      if (c == '{' || c == '(') ++result;
      if (c == '}' || c == ')') --result;
    }
    return result;
  }

  void blank(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
      if (result_[at] != '\n' && result_[at] != '\r') result_[at] = ' ';
    }
  }

  std::string_view text_;
  std::string result_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  char last_ = 0;         ///< the last character of code
  char before_ = 0;       ///< the one before that
  std::string brackets_;  ///< open ones: '{' of a block, '(' of all that is no place for a statement
  int depth_ = 0;
  std::vector<Conditional> open_;
};

}  // namespace

std::string without_torn_branches(std::string_view text) {
  return Lines(text).run();
}

}  // namespace lockwright::frontends::cpp
