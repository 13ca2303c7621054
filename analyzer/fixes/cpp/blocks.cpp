// A body that consists of one statement gets braces when it gets a second one: on lines of their own where
// the file has them there.
#include "analyzer/fixes/cpp/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lockwright::fixes::cpp {
namespace {

bool is_conditional(Node node) {
  switch (node.kind()) {
    case Kind::if_statement_:
    case Kind::else_clause_:
    case Kind::while_statement_:
    case Kind::for_statement_:
    case Kind::for_range_loop_: return true;
    default: return false;
  }
}

}  // namespace

bool braces_on_own_line(const Code& code) {
  std::size_t own = 0;
  std::size_t behind = 0;
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    if (node.kind() != Kind::if_statement_) return;
    const Node body = node.child(Field::consequence_);
    if (!body || body.kind() != Kind::compound_statement_) return;
    ++(code.text.begins_line(body.begin()) ? own : behind);
  });
  if (own + behind > 0) return own > behind;
  // No if has braces: loops may, and functions do not tell (they stand apart in styles that do otherwise).
  return false;
}

std::vector<std::string> if_block(const Code& code, std::string_view condition,
                                  std::span<const std::string> lines, std::string_view unit) {
  std::vector<std::string> result;
  if (braces_on_own_line(code)) {
    result = {fmt::format("if ({})", condition), "{"};
  } else {
    result = {fmt::format("if ({}) {{", condition)};
  }
  for (const std::string& line : lines)
    result.push_back(line.empty() ? std::string() : std::string(unit) + line);
  result.emplace_back("}");
  return result;
}

bool add_before(Edits& edits, const Code& code, Node statement, std::span<const std::string> lines) {
  const Text& text = code.text;
  if (!text.ends_line(statement.end())) return false;
  const Path way = code.way(statement.begin(), statement.end());
  const auto own = std::ranges::find(way, statement);
  const Node around = own == way.begin() || own == way.end() ? Node{} : *(own - 1);
  if (!around) return false;
  if (around.kind() == Kind::compound_statement_ || around.kind() == Kind::case_statement_) {
    if (!text.begins_line(statement.begin())) return false;
    edits.add_lines_before(statement.begin(), text.indent(statement.begin()), lines);
    return true;
  }
  if (!is_conditional(around)) return false;
  const std::string newline = text.newline(statement.begin());
  if (!text.begins_line(statement.begin())) {
    // `if (fd < 0) return -1;`
    const std::string outer(text.indent(statement.begin()));
    const std::string inner = outer + text.unit(statement.begin());
    if (text.line_begin(around.begin()) != text.line_begin(statement.begin())) return false;
    std::string head = braces_on_own_line(code) ? fmt::format("{}{}{{{}", newline, outer, newline)
                                                : fmt::format("{{{}", newline);
    for (const std::string& line : lines) {
      if (!line.empty()) head.append(inner).append(line);
      head += newline;
    }
    std::size_t begin = statement.begin();
    if (braces_on_own_line(code)) {
      while (begin > 0 && text.all()[begin - 1] == ' ') --begin;
    }
    edits.replace(begin, statement.begin(), head + inner);
    edits.insert(statement.end(), newline + outer + "}");
    return true;
  }
  const std::size_t before = text.line_begin(statement.begin());
  if (before == 0) return false;
  const std::size_t head_end = text.line_end(text.line_begin(before - 1));
  const std::string_view head = text.part(text.line_begin(before - 1), head_end);
  const std::string_view outer = text.indent(around.begin());
  if (!head.ends_with(')') && !head.ends_with("else")) return false;
  if (braces_on_own_line(code)) {
    edits.add_lines_before(statement.begin(), outer, std::array<std::string, 1>{"{"});
  } else {
    edits.insert(head_end, " {");
  }
  edits.add_lines_before(statement.begin(), text.indent(statement.begin()), lines);
  edits.add_lines_after(statement.end(), outer, std::array<std::string, 1>{"}"});
  return true;
}

std::vector<std::string> lines_of(const Code& code, Node statement) {
  const Text& text = code.text;
  const std::string_view indent = text.indent(statement.begin());
  std::vector<std::string> result;
  std::size_t from = statement.begin();
  while (from < statement.end()) {
    const std::size_t end = std::min<std::size_t>(text.line_end(from), statement.end());
    std::string_view line = text.part(from, end);
    if (from != statement.begin() && line.starts_with(indent)) line.remove_prefix(indent.size());
    result.emplace_back(line);
    from = text.next_line(from);
  }
  return result;
}

std::string text_of(const Code& code, Node statement, std::span<const std::string> lines) {
  std::string result;
  for (const std::string& line : lines) {
    if (!result.empty()) result += code.text.newline(statement.begin());
    if (!result.empty() && !line.empty()) result += code.text.indent(statement.begin());
    result += line;
  }
  return result;
}

std::vector<std::string> keeping_errno(const Code& code, std::string_view name,
                                       std::span<const std::string> lines) {
  std::vector<std::string> result = {fmt::format("int {} = errno;", name)};
  if (!code.is_cpp()) result.emplace_back();
  result.insert(result.end(), lines.begin(), lines.end());
  result.push_back(fmt::format("errno = {};", name));
  return result;
}

std::vector<Node> body_statements(Node body) {
  if (!body) return {};
  return body.kind() == Kind::compound_statement_ ? statements(body) : std::vector{body};
}

}  // namespace lockwright::fixes::cpp
