// Writing a section that has moved.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

bool trivial(Node statement) {
  return statement.kind() == Kind::return_statement_ && !statement.has_effect();
}

/// A comment that speaks of what goes with the statement below it.
bool speaks_of_lock(std::string_view comment) {
  std::string lower;
  for (const char c : comment) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return has(lower, "lock") || has(lower, "clos") || has(lower, "releas");
}

}  // namespace

/// The body of a failing branch, without what gave the file back; from its `{`, or the one statement.
std::string Section::branch(Node body) const {
  std::string result;
  std::size_t from = body.begin();
  std::vector<Span> gone;
  for (const Node each : dropped_) {
    if (!covers(body, each.begin(), each.end()) || each == body) continue;
    if (code_.owns_lines(each)) {
      gone.push_back({code_.text.line_begin(each.begin()), code_.text.next_line(each.end())});
    } else {
      std::size_t past = each.end();
      while (past < body.end() && code_.text.all()[past] == ' ') ++past;
      gone.push_back({each.begin(), past});
    }
  }
  std::ranges::sort(gone, {}, &Span::begin);
  for (const Span& span : gone) {
    if (span.begin < from) continue;
    result += code_.text.part(from, span.begin);
    from = span.end;
  }
  return result + std::string(code_.text.part(from, body.end()));
}

/// The lines that acquire, without the first line's indentation.
std::vector<std::string> Section::hold_lines(std::string_view hold, const std::string& lock, bool optional,
                                             std::vector<std::string>& headers) const {
  const Failure* told = failure();
  const Text& text = code_.text;
  const auto between = [&](Node body) { return std::string(text.part(told->condition.end(), body.begin())); };
  // The branch as it is indented where the lines will stand.
  const auto lines_of = [&](std::string_view head, const std::string& body) {
    std::vector<std::string> lines;
    const std::string all = std::string(head) + body;
    const std::string_view from = text.indent(told->condition.begin());
    for (std::size_t at = 0; at <= all.size();) {
      const std::size_t end = std::min(all.find('\n', at), all.size());
      std::string line = all.substr(at, end - at);
      if (line.ends_with('\r')) line.pop_back();
      if (at > 0 && line.starts_with(from)) line.erase(0, from.size());
      lines.push_back(std::move(line));
      at = end + 1;
    }
    return lines;
  };
  const std::string zero = once_ ? "std::chrono::milliseconds(0)" : "";
  if (told == nullptr || (!once_ && told->throws())) {
    if (once_) headers.emplace_back("chrono");
    return {fmt::format("auto {} = {}.acquire({});", hold, lock, zero)};
  }
  if (!optional) {
    std::vector<std::string> lines = {fmt::format("auto {} = {}.try_acquire();", hold, lock)};
    for (std::string& line :
         lines_of(fmt::format("if (!{}){}", hold, between(told->body)), branch(told->body)))
      lines.push_back(std::move(line));
    return lines;
  }
  headers.emplace_back("optional");
  headers.emplace_back("system_error");
  if (once_) headers.emplace_back("chrono");
  const bool compound = told->body.kind() == Kind::compound_statement_;
  const std::string unit = text.unit(first_.begin());
  const bool own_line = compound && has(between(told->body), "\n");
  const std::string opening = own_line ? "" : " {";
  const std::string said = branch(told->body);
  const bool asks = has(said, "errno") || has(said, "perror") || has(said, "strerror") || has(said, "%m");
  const std::string error = asks ? code_.fresh_name("error") : "";
  std::vector<std::string> lines = {fmt::format("std::optional<lockwright::runtime::Hold> {};", hold),
                                    "try" + opening};
  if (own_line) lines.emplace_back("{");
  lines.push_back(fmt::format("{}{} = {}.acquire({});", unit, hold, lock, zero));
  std::string handler = fmt::format("catch (const std::system_error&{})", asks ? " " + error : "");
  if (own_line) {
    lines.emplace_back("}");
    lines.push_back(handler);
    lines.emplace_back("{");
  } else {
    lines.push_back("} " + handler + " {");
  }
  if (asks) {
    headers.emplace_back("cerrno");
    lines.push_back(fmt::format("{}errno = {}.code().value();", unit, error));
  }
  if (compound) {
    const std::string body = branch(told->body);
    std::vector<std::string> inner = lines_of("", body);
    if (inner.size() == 1) {
      // `{ log(); return -1; }`
      std::string_view all = inner[0];
      all = all.substr(1, all.size() - 2);
      while (!all.empty() && all.front() == ' ') all.remove_prefix(1);
      while (!all.empty() && all.back() == ' ') all.remove_suffix(1);
      lines.push_back(unit + std::string(all));
    } else {
      for (std::size_t i = 1; i + 1 < inner.size(); ++i) lines.push_back(inner[i]);
    }
  } else {
    lines.push_back(unit + std::string(told->body.text()));
  }
  lines.emplace_back("}");
  return lines;
}

/// What goes, with the comments that are about it, and without leaving two blank lines behind.
void Section::remove(Edits& edits) const {
  const Text& text = code_.text;
  const auto blank = [&](std::size_t line) { return text.indent(line).size() == text.line_end(line) - line; };
  const auto before = [&](std::size_t line) { return line == 0 ? line : text.line_begin(line - 1); };
  std::vector<Span> lines;
  const bool keeps_first = content_ == Content::other;
  for (const Node each : dropped_) {
    if (each == first_ || (!keeps_first && covers(first_, each.begin(), each.end()))) continue;
    const bool nested = std::ranges::any_of(
        dropped_, [&](Node other) { return other != each && covers(other, each.begin(), each.end()); });
    if (nested) continue;
    if (!code_.owns_lines(each)) {
      std::size_t past = each.end();
      while (past < text.all().size() && text.all()[past] == ' ') ++past;
      const bool last = past == text.line_end(past);
      std::size_t begin = each.begin();
      if (last) past = each.end();
      while (last && begin > 0 && text.all()[begin - 1] == ' ') --begin;
      edits.replace(begin, past, "");
      continue;
    }
    std::size_t begin = text.line_begin(each.begin());
    while (begin > 0) {
      const std::size_t above = before(begin);
      const std::string_view line = text.part(above + text.indent(above).size(), text.line_end(above));
      const bool comment = line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
      if (above == begin || !comment || !speaks_of_lock(line)) break;
      begin = above;
    }
    lines.push_back({begin, text.next_line(each.end())});
  }
  std::ranges::sort(lines, {}, &Span::begin);
  std::vector<Span> merged;
  for (const Span& span : lines) {
    // Blank lines between two that go belong to them.
    std::size_t gap = merged.empty() ? 0 : merged.back().end;
    while (!merged.empty() && gap < span.begin && blank(gap)) gap = text.next_line(gap);
    if (!merged.empty() && gap >= span.begin) {
      merged.back().end = std::max(merged.back().end, span.end);
    } else {
      merged.push_back(span);
    }
  }
  for (Span& span : merged) {
    const std::size_t above = before(span.begin);
    const std::string_view last = text.part(above, text.line_end(above));
    const bool opens = last.ends_with('{') || blank(above);
    const bool closes =
        text.part(span.end, text.line_end(span.end)).find_first_not_of(" \t") != std::string_view::npos &&
        text.all()[span.end + text.indent(span.end).size()] == '}';
    if (opens) {
      while (span.end < text.all().size() && blank(span.end) && text.next_line(span.end) > span.end)
        span.end = text.next_line(span.end);
    }
    if (closes && blank(above) && above < span.begin) span.begin = above;
    edits.replace(span.begin, span.end, "");
  }
}

bool Section::move(Edits& edits, std::string_view hold, bool reentrant,
                   std::vector<std::string>& headers) const {
  const Text& text = code_.text;
  const std::string target = content_ == Content::none ? target_ : path_;
  std::string lock =
      fmt::format("lockwright::runtime::FileLock{}({}", reentrant ? "::reentrant" : "", target);
  if (shared_ && reentrant) lock += ", lockwright::runtime::Mode::shared";
  if (shared_ && !reentrant) lock += ", {.mode = lockwright::runtime::Mode::shared}";
  lock += ")";
  const Failure* told = failure();
  const bool error_told =
      told != nullptr && (has(told->body.text(), "errno") || has(told->body.text(), "perror"));
  const bool both = !creates_ && open_failure_.body && !open_failure_.throws();
  const bool optional = told != nullptr && (!once_ ? !told->throws() : error_told || both || !may_throw());
  const bool pointer = told != nullptr && (once_ || !told->throws());
  const std::vector<std::string> lines = hold_lines(hold, lock, optional, headers);

  const std::string_view indent = text.indent(first_.begin());
  const std::string newline = text.newline(first_.begin());
  if (!text.begins_line(first_.begin())) return false;
  if (content_ == Content::other) {
    edits.add_lines_before(first_.begin(), indent, lines);
  } else {
    std::string all;
    for (const std::string& line : lines) {
      if (!all.empty()) all += newline + (line.empty() ? "" : std::string(indent));
      all += line;
      // A comment on the line stays on the first one.
      if (&line == &lines.front() && lines.size() > 1)
        all += text.part(first_.end(), text.line_end(first_.end()));
    }
    const std::size_t end = lines.size() > 1 ? text.line_end(first_.end()) : first_.end();
    edits.replace(first_.begin(), end, std::move(all));
  }
  if (content_ == Content::written) {
    edits.replace(write_.begin(), write_.end(),
                  fmt::format("lockwright::runtime::replace_file({}, {});", path_, content_text_));
    if (has(content_text_, "std::string_view(")) headers.emplace_back("string_view");
  }
  const std::string release = fmt::format("{}{}release();", hold, pointer ? "->" : ".");
  for (const Node each : released_) edits.replace(each.begin(), each.end(), release);
  for (const Node each : returned_) edits.replace(each.begin(), each.end(), "return 0;");

  // Where other work follows the release, it is not to wait for the block's end.
  const std::vector<Node> all = statements(block_);
  const auto goes = [&](Node each) { return std::ranges::find(dropped_, each) != dropped_.end(); };
  Node end = end_;
  bool works = false;
  if (end) {
    auto at = std::ranges::find(all, end);
    // A stream is flushed when it is closed: that is to happen first.
    while (content_ == Content::other && at + 1 != all.end() && call_of(*(at + 1)) && gives_up(*(at + 1)))
      ++at;
    end = *at;
    works = std::any_of(at + 1, all.end(), [&](Node each) { return !goes(each) && !trivial(each); });
  }
  if (!works || std::ranges::find(returned_, end) != returned_.end()) {
    remove(edits);
    return true;
  }
  if (!goes(end)) {
    edits.add_lines_after(end.end(), text.indent(end.begin()), std::array{release});
    remove(edits);
    return true;
  }
  edits.replace(end.begin(), end.end(), release);
  Section rest = *this;
  std::erase(rest.dropped_, end);
  rest.remove(edits);
  return true;
}

}  // namespace lockwright::fixes::cpp
