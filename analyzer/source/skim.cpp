// One pass over the text with a few words of state: what bracket contexts are open, and what the current
// statement's lines are. Strings and comments are jumped over as a whole, each by the rules of its language.
// A quote that is not closed on its line is taken for closed there, so that whatever fooled the scanner (an
// apostrophe in prose, say) is over with the line.
#include "analyzer/source/skim.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "analyzer/source/identifiers.h"
#include "analyzer/source/line_map.h"
#include "analyzer/source/utf8.h"

namespace lockwright::source {
namespace {

/// C++: what makes the string after it a raw one.
bool is_raw_prefix(std::string_view word) {
  return word == "R" || word == "LR" || word == "uR" || word == "UR" || word == "u8R";
}

class Skimmer {
 public:
  Skimmer(std::string_view text, Language language) : text_(text), language_(language) {}

  Skim run();

 private:
  /// Brackets that join lines, within one `{`. Python has but one context: its `{` joins lines too.
  struct Context {
    unsigned depth = 0;
    bool in_template = false;  ///< this `{` is a `${` of a template literal, which goes on at the `}`
  };

  [[nodiscard]] bool at(std::string_view expected) const { return text_.substr(at_).starts_with(expected); }
  [[nodiscard]] char previous() const { return at_ > 0 ? text_[at_ - 1] : '\n'; }

  void step();
  void newline(std::size_t length);
  void code();
  void end_statement();
  void line_comment();
  void block_comment();
  void add_comment(std::size_t begin, std::uint32_t first_line);
  void advance_over_lines(std::size_t end);
  void quoted(char quote);
  void python_string(char quote);
  void template_literal();
  void raw_string();
  void word();
  void regular_expression();
  void open(char bracket);
  void close(char bracket);
  [[nodiscard]] bool regular_expression_may_start() const;

  std::string_view text_;
  Language language_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::vector<Context> contexts_ = {{}};
  std::optional<LineSpan> statement_;  ///< the current one, so far
  std::uint32_t last_code_line_ = 0;   ///< 0: no code yet
  std::size_t comments_on_line_ = 0;   ///< how many of the last comments start on the current line
  std::string_view last_word_;         ///< the last token if it was a word, else empty
  char last_code_ = '\0';              ///< the last byte of code that is no space
  Skim result_;
};

Skim Skimmer::run() {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  while (at_ < text_.size()) step();
  end_statement();
  return std::move(result_);
}

void Skimmer::step() {
  const char character = text_[at_];
  if (const std::size_t length = newline_length(text_, at_)) return newline(length);
  if (character == ' ' || character == '\t' || character == '\f') {
    ++at_;
    return;
  }
  if (character == '\\' && newline_length(text_, at_ + 1) != 0) {  // joins this line with the next
    code();
    return advance_over_lines(at_ + 1 + newline_length(text_, at_ + 1));
  }
  if (language_ == Language::python) {
    if (character == '#') return line_comment();
    if (character == '"' || character == '\'') return python_string(character);
  } else {
    if (at("//")) return line_comment();
    if (at("/*")) return block_comment();
    if (character == '"' || character == '\'') return quoted(character);
    if (language_ == Language::typescript && character == '`') return template_literal();
    if (language_ == Language::typescript && character == '/' && regular_expression_may_start()) {
      return regular_expression();
    }
  }
  if (is_identifier_byte(character)) return word();
  code();
  last_word_ = {};
  last_code_ = character;
  ++at_;
  if (character == '(' || character == '[' || character == '{') return open(character);
  if (character == ')' || character == ']' || character == '}') return close(character);
}

void Skimmer::newline(std::size_t length) {
  at_ += length;
  if (contexts_.back().depth == 0) end_statement();
  ++line_;
  comments_on_line_ = 0;
}

/// There is code on the current line.
void Skimmer::code() {
  if (!statement_) statement_ = {line_, line_};
  statement_->last = line_;
  if (last_code_line_ == line_) return;
  last_code_line_ = line_;
  result_.code_lines.push_back(line_);
  for (std::size_t back = 1; back <= comments_on_line_; ++back) {
    result_.comments[result_.comments.size() - back].code_on_line = true;
  }
}

void Skimmer::end_statement() {
  if (!statement_) return;
  LineSpan span = *statement_;
  statement_.reset();
  const bool unclosed = contexts_.back().depth != 0;
  if (!unclosed) return result_.statements.push_back(span);
  for (std::uint32_t line = span.first; line <= span.last; ++line) result_.statements.push_back({line, line});
}

void Skimmer::add_comment(std::size_t begin, std::uint32_t first_line) {
  result_.comments.push_back({begin, at_, {first_line, line_}, last_code_line_ == first_line});
  comments_on_line_ = first_line == line_ ? comments_on_line_ + 1 : 0;
}

void Skimmer::line_comment() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
  add_comment(begin, line_);
}

void Skimmer::block_comment() {
  const std::size_t begin = at_;
  const std::uint32_t first_line = line_;
  const std::size_t close = text_.find("*/", at_ + 2);
  advance_over_lines(close == std::string_view::npos ? text_.size() : close + 2);
  add_comment(begin, first_line);
}

/// Goes to `end`, counting lines.
void Skimmer::advance_over_lines(std::size_t end) {
  while (at_ < end) {
    const std::size_t length = newline_length(text_, at_);
    line_ += length != 0 ? 1 : 0;
    at_ += std::max<std::size_t>(length, 1);
  }
}

/// A string that ends at its quote, or at the line's end.
void Skimmer::quoted(char quote) {
  code();
  last_word_ = {};
  last_code_ = quote;
  ++at_;
  while (at_ < text_.size() && newline_length(text_, at_) == 0) {
    const char character = text_[at_];
    if (character == '\\' && at_ + 1 < text_.size()) {
      advance_over_lines(at_ + 1 + std::max<std::size_t>(newline_length(text_, at_ + 1), 1));
      code();
      continue;
    }
    ++at_;
    if (character == quote) return;
  }
}

void Skimmer::python_string(char quote) {
  const std::array<char, 3> triple = {quote, quote, quote};
  const std::string_view end_mark(triple.data(), triple.size());
  if (!at(end_mark)) return quoted(quote);
  code();
  std::size_t end = at_ + 3;
  for (;; ++end) {
    end = text_.find_first_of(quote == '"' ? "\"\\" : "'\\", end);
    if (end == std::string_view::npos) break;
    if (text_[end] == '\\') {
      ++end;
    } else if (text_.substr(end).starts_with(end_mark)) {
      break;
    }
  }
  advance_over_lines(end == std::string_view::npos ? text_.size() : end + 3);
  code();
}

/// A template literal, or what follows a `${…}` in it, up to the closing backtick or the next `${`.
void Skimmer::template_literal() {
  code();
  last_word_ = {};
  last_code_ = '`';
  ++at_;
  while (at_ < text_.size()) {
    const char character = text_[at_];
    if (at("${")) {
      at_ += 2;
      contexts_.push_back({0, true});
      last_code_ = '{';
      break;
    }
    const bool escape = character == '\\' && at_ + 1 < text_.size();
    advance_over_lines(at_ + std::max<std::size_t>(newline_length(text_, at_), escape ? 2 : 1));
    if (character == '`') break;
  }
  code();
}

/// C++: R"mark( … )mark". REQUIRES: at the quote.
void Skimmer::raw_string() {
  const std::size_t parenthesis = text_.find('(', at_);
  if (parenthesis == std::string_view::npos || parenthesis - at_ > 17) return quoted('"');
  const std::string end_mark = ")" + std::string(text_.substr(at_ + 1, parenthesis - at_ - 1)) + "\"";
  const std::size_t end = text_.find(end_mark, parenthesis);
  code();
  advance_over_lines(end == std::string_view::npos ? text_.size() : end + end_mark.size());
  code();
}

/// An identifier, a keyword or a number.
void Skimmer::word() {
  code();
  const std::size_t begin = at_;
  const bool number = text_[at_] >= '0' && text_[at_] <= '9';
  while (at_ < text_.size()) {
    const bool separator = number && language_ == Language::cpp && text_[at_] == '\'' &&
                           at_ + 1 < text_.size() && is_identifier_byte(text_[at_ + 1]);
    if (!separator && !is_identifier_byte(text_[at_])) break;
    ++at_;
  }
  last_word_ = text_.substr(begin, at_ - begin);
  last_code_ = text_[at_ - 1];
  if (language_ == Language::cpp && at("\"") && is_raw_prefix(last_word_)) raw_string();
}

bool Skimmer::regular_expression_may_start() const {
  constexpr std::array<std::string_view, 9> kKeywords = {"return", "typeof", "case",  "in",   "of",
                                                         "delete", "void",   "await", "yield"};
  if (!last_word_.empty()) return std::ranges::find(kKeywords, last_word_) != kKeywords.end();
  constexpr std::string_view kEndsOperand = ")]}\"'`<";  // "</" is a tag's end
  return last_code_ == '\0' || kEndsOperand.find(last_code_) == std::string_view::npos;
}

/// TypeScript: /…/, on one line; a `/` within `[…]` does not end it.
void Skimmer::regular_expression() {
  code();
  bool in_class = false;
  ++at_;
  while (at_ < text_.size() && newline_length(text_, at_) == 0) {
    const char character = text_[at_];
    if (character == '\\' && newline_length(text_, at_ + 1) == 0) ++at_;
    if (at_ < text_.size()) ++at_;
    if (character == '[') in_class = true;
    if (character == ']') in_class = false;
    if (character == '/' && !in_class) break;
  }
  last_word_ = {};
  last_code_ = ')';
}

void Skimmer::open(char bracket) {
  if (bracket == '{' && language_ != Language::python) {
    contexts_.push_back({});
  } else {
    ++contexts_.back().depth;
  }
}

void Skimmer::close(char bracket) {
  if (bracket == '}' && language_ != Language::python) {
    if (contexts_.size() == 1) return;
    const bool in_template = contexts_.back().in_template;
    contexts_.pop_back();
    if (!in_template) return;
    --at_;  // the `}` stands where a backtick would
    return template_literal();
  }
  if (contexts_.back().depth > 0) --contexts_.back().depth;
}

}  // namespace

Skim skim(std::string_view text, Language language) {
  return Skimmer(text, language).run();
}

}  // namespace lockwright::source
