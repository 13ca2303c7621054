// A suppression is a comment that begins with "lockwright:". Most files have none, which a search for that
// word tells without looking at comments at all. Whatever begins with it must be well-formed: a suppression
// with a slip in it must not silence everything, nor nothing without a word.
#include "analyzer/source/suppression.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analyzer/source/utf8.h"

namespace lockwright::source {
namespace {

constexpr std::string_view kMark = "lockwright:";
constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

/// Letters, digits, '-' and '_': what rule ids and names are made of.
bool is_rule_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '-' || character == '_';
}

std::string_view first_word(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_rule_character);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

/// The first word, whatever stands before it: "LW101" for "(LW101)".
std::string_view first_rule_word(std::string_view text) {
  const auto begin = std::find_if(text.begin(), text.end(), is_rule_character);
  return first_word(text.substr(static_cast<std::size_t>(begin - text.begin())));
}

/// "LW101", whatever the case.
bool looks_like_rule_id(std::string_view word) {
  return word.size() > 2 && (word[0] == 'L' || word[0] == 'l') && (word[1] == 'W' || word[1] == 'w') &&
         std::all_of(word.begin() + 2, word.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

/// The reason, without what people put before it: "- why", ": why", "— why".
std::string_view reason_of(std::string_view text) {
  text = trimmed(text);
  text = text.substr(0, text.find_first_of("\r\n"));
  for (const std::string_view dash : {":", "--", "-", "–", "—"}) {
    if (text.starts_with(dash)) return trimmed(text.substr(dash.size()));
  }
  return trimmed(text);
}

/// Parses one directive: the text after a comment's mark.
class DirectiveParser {
 public:
  DirectiveParser(std::string_view text, Range range, Suppressions& result)
      : text_(text), range_(range), result_(result) {}

  /// `body` is the part of the text after "lockwright:".
  void parse(std::string_view body, LineSpan lines);

 private:
  void problem(std::string message) { result_.problems.push_back({range_, std::move(message)}); }
  [[nodiscard]] bool parse_rules(std::string_view list, std::string_view directive, Suppression& suppression);
  [[nodiscard]] Range range_of(std::string_view part) const;

  std::string_view text_;
  Range range_;
  Suppressions& result_;
};

Range DirectiveParser::range_of(std::string_view part) const {
  const auto begin = static_cast<std::uint32_t>(part.data() - text_.data());
  return {range_.file, begin, begin + static_cast<std::uint32_t>(part.size())};
}

void DirectiveParser::parse(std::string_view body, LineSpan lines) {
  body = trimmed(body);
  const std::string_view directive = first_word(body);
  Suppression suppression{range_, directive == "ignore-file", lines, {}, {}};
  if (directive != "ignore" && !suppression.whole_file) {
    return problem(directive.empty()
                       ? "nothing follows \"lockwright:\"; write ignore[RULE] or ignore-file[RULE]"
                       : fmt::format("\"{}\" is not a suppression; write ignore[RULE] or "
                                     "ignore-file[RULE]",
                                     directive));
  }
  std::string_view rest = body.substr(directive.size());
  if (!rest.empty() && kSpace.find(rest[0]) == std::string_view::npos && rest[0] != '[' && rest[0] != ':') {
    return problem(fmt::format("\"{}\" after \"{}\" is neither a list of rules nor a reason; write {}[RULE]",
                               rest.substr(0, utf8_character(rest, 0).bytes), directive, directive));
  }
  rest = trimmed(rest);
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find_first_of("]\r\n");
    if (close == std::string_view::npos || rest[close] != ']') {
      return problem(
          fmt::format("the list of rules after \"{}[\" is not closed; write {}[RULE]", directive, directive));
    }
    if (!parse_rules(rest.substr(1, close - 1), directive, suppression)) return;
    rest.remove_prefix(close + 1);
  } else if (const std::string_view word = first_rule_word(rest); looks_like_rule_id(word)) {
    return problem(fmt::format("the rule must stand in brackets; write {}[{}]", directive, word));
  }
  suppression.reason = reason_of(rest);
  result_.items.push_back(std::move(suppression));
}

bool DirectiveParser::parse_rules(std::string_view list, std::string_view directive,
                                  Suppression& suppression) {
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    more = comma != std::string_view::npos;
    const std::string_view rule = trimmed(list.substr(0, comma));
    if (rule.empty()) {
      problem(fmt::format("a rule is missing in \"{}[…]\"; write {}[RULE], or {} for all rules", directive,
                          directive, directive));
      return false;
    }
    if (first_word(rule) != rule) {
      problem(
          fmt::format("\"{}\" is not the id or the name of a rule; write {}[RULE,RULE]", rule, directive));
      return false;
    }
    suppression.rules.push_back({std::string(rule), range_of(rule)});
    if (more) list.remove_prefix(comma + 1);
  }
  return true;
}

/// Finds the comments of a text that are directives.
class SuppressionFinder {
 public:
  SuppressionFinder(std::string_view text, Language language, FileId file)
      : text_(text), language_(language), file_(file), skim_(skim(text, language)) {}

  Suppressions run();

 private:
  void look_at(const Comment& comment);
  [[nodiscard]] std::optional<std::size_t> mark_before(const Comment& comment, std::size_t word) const;
  [[nodiscard]] LineSpan lines_of(const Comment& comment) const;

  std::string_view text_;
  Language language_;
  FileId file_;
  Skim skim_;
  Suppressions result_;
};

Suppressions SuppressionFinder::run() {
  for (const Comment& comment : skim_.comments) look_at(comment);
  return std::move(result_);
}

/// Where the "#", "//" or "/*" is that stands right before the word at this offset, but for spaces.
std::optional<std::size_t> SuppressionFinder::mark_before(const Comment& comment, std::size_t word) const {
  const std::string_view before = text_.substr(comment.begin, word - comment.begin);
  const std::string_view upto = before.substr(0, before.find_last_not_of(kSpace) + 1);
  const auto marked = [&](std::string_view mark) -> std::optional<std::size_t> {
    if (!upto.ends_with(mark)) return std::nullopt;
    return comment.begin + upto.size() - mark.size();
  };
  if (language_ == Language::python) return marked("#");
  if (const auto line = marked("//")) return line;
  return upto == "/*" || upto == "/**" ? std::optional(comment.begin) : std::nullopt;
}

void SuppressionFinder::look_at(const Comment& comment) {
  const std::string_view text = text_.substr(0, comment.end);
  const bool block = text.substr(comment.begin).starts_with("/*");
  struct Directive {
    std::size_t begin;  // of its mark
    std::size_t body;   // after "lockwright:"
  };
  std::vector<Directive> directives;
  for (std::size_t word = text.find(kMark, comment.begin); word != std::string_view::npos;
       word = text.find(kMark, word + kMark.size())) {
    if (const auto begin = mark_before(comment, word)) directives.push_back({*begin, word + kMark.size()});
  }
  for (std::size_t index = 0; index < directives.size(); ++index) {
    const bool last = index + 1 == directives.size();
    const std::size_t end = last ? comment.end : directives[index + 1].begin;
    std::string_view body = text.substr(directives[index].body, end - directives[index].body);
    if (last && block && body.ends_with("*/")) body.remove_suffix(2);
    const std::string_view all = text.substr(directives[index].begin, end - directives[index].begin);
    const std::size_t size = trimmed(all).size();
    const Range range{file_, static_cast<std::uint32_t>(directives[index].begin),
                      static_cast<std::uint32_t>(directives[index].begin + size)};
    DirectiveParser(text_, range, result_).parse(body, lines_of(comment));
  }
}

LineSpan SuppressionFinder::lines_of(const Comment& comment) const {
  std::uint32_t line = comment.lines.first;
  if (!comment.code_on_line) {
    const auto next = std::ranges::lower_bound(skim_.code_lines, comment.lines.last);
    if (next == skim_.code_lines.end()) return comment.lines;  // there is nothing left to cover
    line = *next;
  }
  const auto statement = std::ranges::lower_bound(skim_.statements, line, {}, &LineSpan::last);
  if (statement == skim_.statements.end() || !statement->contains(line)) return {line, line};
  // On a line of its own within a statement, the comment is about what follows it there.
  const bool within = !comment.code_on_line && statement->first < line;
  return within ? LineSpan{line, line} : *statement;
}

}  // namespace

bool Suppression::names(std::string_view rule_id, std::string_view rule_name) const {
  return rules.empty() || std::ranges::any_of(rules, [&](const SuppressedRule& named) {
           return named.rule == rule_id || named.rule == rule_name;
         });
}

Suppressions find_suppressions(std::string_view text, Language language, FileId file) {
  if (text.find(kMark) == std::string_view::npos) return {};
  return SuppressionFinder(text, language, file).run();
}

Suppressions find_suppressions(const SourceFile& file) {
  return find_suppressions(file.text(), file.language(), file.id());
}

}  // namespace lockwright::source
