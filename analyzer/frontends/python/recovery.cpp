// Recovery from unclosed brackets and their like.
//
// tree-sitter mends most errors within the statement. An open bracket, though, makes the rest of the file a
// part of one expression, and with it every function that follows. But some words cannot begin a line inside
// of brackets: where one of them (def, return, import, …) does, no deeper than the broken statement, the
// statement must have ended. Its text is then blanked out, and the file parsed again; the attempt counts if
// less of the file is lost than before.
#include "analyzer/frontends/python/recovery.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace lockwright::frontends::python {
namespace {

constexpr std::size_t max_attempts = 12;
constexpr std::size_t max_bytes = std::size_t{4} << 20;  // of all attempts together

constexpr auto statement_words = std::to_array<std::string_view>(
    {"def", "class", "return", "import", "while", "with", "try", "except", "finally", "elif", "raise",
     "assert", "del", "pass", "break", "continue", "global", "nonlocal"});

bool is_blank(char each) {
  return each == ' ' || each == '\t';
}

/// Where the line of `at` begins.
std::uint32_t line_begin(std::string_view text, std::uint32_t at) {
  const std::size_t end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return end == std::string_view::npos ? 0 : static_cast<std::uint32_t>(end + 1);
}

/// The first character of a line that is no blank.
std::uint32_t line_text(std::string_view text, std::uint32_t begin) {
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  return begin;
}

bool begins_statement(std::string_view text, std::uint32_t at) {
  std::string_view rest = text.substr(at, 24);
  if (rest.starts_with("async ")) rest.remove_prefix(6);
  return std::any_of(statement_words.begin(), statement_words.end(), [rest](std::string_view word) {
    if (!rest.starts_with(word)) return false;
    if (rest.size() == word.size()) return true;
    const char next = rest[word.size()];
    return next == ' ' || next == '\t' || next == ':' || next == '\n' || next == '\r' || next == '(';
  });
}

bool is_simple_statement(Kind kind) {
  switch (kind) {
    case Kind::expression_statement_:
    case Kind::return_statement_:
    case Kind::raise_statement_:
    case Kind::assert_statement_:
    case Kind::delete_statement_:
    case Kind::import_statement_:
    case Kind::import_from_statement_:
    case Kind::print_statement_: return true;
    default: return false;
  }
}

/// How many bytes of the text the errors cost.
std::size_t loss(const Syntax& syntax) {
  std::size_t result = 0;
  for (std::uint32_t id = 0; id < syntax.size();) {
    const Node node = syntax.node(id);
    if (!node.has_error()) {
      id = node.past();
      continue;
    }
    const bool lost =
        node.kind() == Kind::error || node.kind() == Kind::missing || is_simple_statement(node.kind());
    if (lost) result += node.end() - node.begin() + 1;
    id = lost ? node.past() : id + 1;
  }
  return result;
}

/// The text to leave out because of the error `node` (perhaps inside of the simple statement `statement`).
std::optional<Blank> blank_for(const Syntax& syntax, Node node, Node statement) {
  const std::string_view text = syntax.text();
  const std::uint32_t first = statement ? std::min(statement.begin(), node.begin()) : node.begin();
  const std::uint32_t last = statement ? std::max(statement.end(), node.end()) : node.end();
  const std::uint32_t begin = line_text(text, line_begin(text, first));
  const std::uint32_t depth = begin - line_begin(text, begin);
  for (std::size_t end = text.find('\n', begin); end != std::string_view::npos && end < last;
       end = text.find('\n', end + 1)) {
    const auto next_line = static_cast<std::uint32_t>(end + 1);
    const std::uint32_t word = line_text(text, next_line);
    if (word - next_line > depth || !begins_statement(text, word)) continue;
    if (end < begin + 4) return std::nullopt;
    return Blank{begin, static_cast<std::uint32_t>(end)};
  }
  return std::nullopt;
}

/// The first error behind `from` that swallows statements.
std::optional<Blank> next_blank(const Syntax& syntax, std::uint32_t from) {
  Node statement;
  for (std::uint32_t id = 0; id < syntax.size();) {
    const Node node = syntax.node(id);
    if (!node.has_error() || node.end() <= from) {
      id = node.past();
      continue;
    }
    if (statement && id >= statement.past()) statement = {};
    if (is_simple_statement(node.kind())) statement = node;
    if (node.kind() == Kind::error && node.begin() >= from) {
      if (const std::optional<Blank> found = blank_for(syntax, node, statement)) return found;
    }
    ++id;
  }
  return std::nullopt;
}

}  // namespace

Syntax parse_with_recovery(std::string_view text, KeptTree* kept) {
  Syntax best = parse_syntax(text, {}, kept);
  if (text.empty() || !best.root().has_error()) return best;
  std::vector<Blank> blanks;
  std::size_t lost = loss(best);
  std::uint32_t from = 0;
  const std::size_t attempts = std::min(max_attempts, max_bytes / text.size());
  for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
    const std::optional<Blank> found = next_blank(best, from);
    if (!found) break;
    from = found->begin + 1;
    blanks.push_back(*found);
    Syntax mended = parse_syntax(text, blanks);
    const std::size_t now = loss(mended);
    if (now < lost) {
      best = std::move(mended);
      lost = now;
      from = found->end;
    } else {
      blanks.pop_back();
    }
  }
  return best;
}

}  // namespace lockwright::frontends::python
