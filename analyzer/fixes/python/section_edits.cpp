// Writing a section anew: `with FileLock(path):` above, and below it, line by line, what stays.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/python/library.h"

namespace lockwright::fixes::python {
namespace {

/// What happens to a line of the section.
struct Line {
  std::size_t begin = 0;
  bool removed = false;
  bool blank = false;
};

bool within(const std::vector<Span>& spans, std::size_t at) {
  return std::ranges::any_of(spans, [&](const Span& span) { return span.begin < at && at < span.end; });
}

std::string in_parentheses(Node node) {
  switch (node.kind()) {
    case Kind::identifier_:
    case Kind::attribute_:
    case Kind::call_:
    case Kind::subscript_:
    case Kind::string_:
    case Kind::parenthesized_expression_: return std::string(node.text());
    default: return fmt::format("({})", node.text());
  }
}

std::string other_arguments(Node call, Node first, Node second) {
  std::string result;
  for (const Node child : call.child(Field::arguments_).children()) {
    if (child != first && child != second) result += fmt::format(", {}", child.text());
  }
  return result;
}

}  // namespace

std::string written_bytes(Node statement, std::string_view variable, bool binary,
                          const std::string& encoding) {
  const Node call = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
  if (!call || call.kind() != Kind::call_) return "";
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  const Node object = call.child(Field::function_).child(Field::object_);
  const std::string encode = binary ? "" : fmt::format(".encode({})", encoding);
  if (object && object.text() == variable && given.size() == 1) {
    if (last_name(name) == "write")
      return (binary ? std::string(given[0].text()) : in_parentheses(given[0]) + encode);
    if (last_name(name) == "writelines")
      return fmt::format("{}\"\".join({}){}", binary ? "b" : "", given[0].text(), encode);
  }
  if (name == "os.write" && given.size() == 2 && given[0].text() == variable)
    return std::string(given[1].text());
  const bool dumps = name == "json.dump" || name == "pickle.dump" || name == "marshal.dump" ||
                     name == "yaml.safe_dump" || name == "yaml.dump";
  if (!dumps || given.size() < 2 || given[1].text() != variable ||
      binary != (name == "pickle.dump" || name == "marshal.dump"))
    return "";
  // The YAML functions return the text when they are given no file.
  const std::string_view ending = name.starts_with("yaml") ? "" : "s";
  return fmt::format("{}{}({}{}){}", name, ending, given[0].text(), other_arguments(call, given[0], given[1]),
                     encode);
}

bool Section::move(Edits& edits, const LockOptions& options, std::vector<std::string>& names,
                   std::vector<std::string>& modules) const {
  const Text& text = code_.text();
  const std::string base(text.indent(first_.begin()));
  const Node body = with_ ? with_.child(Field::body_) : Node{};
  const std::string inner =
      with_ ? std::string(text.indent(body.first_child().begin())) : base + text.unit(first_.begin());
  const bool on_data = content_ != Content::none;
  if (on_data && path_.has_effect()) return false;
  const std::string prefix = library_prefix(code_);
  std::string lock = fmt::format("{}FileLock({}", prefix, on_data ? path_.text() : std::string_view(target_));
  if (options.shared || found_.shared) lock += ", shared=True";
  if (options.reentrant) lock += ", reentrant=True";
  if ((options.once || found_.once) && !tried_) lock += ", timeout=0";
  lock += ")";
  names.emplace_back("FileLock");

  // Waiting must not stop the event loop.
  const bool async = function_.kind() == Kind::function_definition_ && function_.text().starts_with("async");
  std::string header = (async ? "async with " : "with ") + lock;
  std::string closing;
  if (content_ == Content::written) {
    const std::string replace = async ? "replace_file_async" : "replace_file";
    names.push_back(replace);
    const std::string bytes =
        writes_.size() == 1 ? written_bytes(writes_[0], variable_, binary_, encoding_) : "";
    if (!bytes.empty()) {
      edits.replace(
          writes_[0].begin(), writes_[0].end(),
          fmt::format("{}{}{}({}, {})", async ? "await " : "", prefix, replace, path_.text(), bytes));
    } else if (callee(opened_) == "os.open" || async) {
      return false;
    } else {
      header += fmt::format(", io.{}() as {}", binary_ ? "BytesIO" : "StringIO", variable_);
      closing = fmt::format("{}replace_file({}, {}.getvalue(){})", prefix, path_.text(), variable_,
                            binary_ ? "" : fmt::format(".encode({})", encoding_));
      modules.emplace_back("io");
    }
  } else if (content_ == Content::other) {
    if (async) return false;
    const Node clause = with_.child(Kind::with_clause_);
    header += fmt::format(", {}", clause.text());
  }

  // The head of the section.
  std::size_t from = 0;
  if (with_) {
    std::string before;
    for (const Node each : prepared_)
      before += std::string(each.text()) + text.newline(first_.begin()) + base;
    edits.replace(first_.begin(), with_.child(Kind::with_clause_).end(), before + header);
    from = text.next_line(with_.child(Kind::with_clause_).end());
  } else if (tried_) {
    names.emplace_back("LockTimeout");
    const std::string hold = code_.fresh_name("hold");
    const Node acquiring = tried_.child(Field::body_).first_child();
    const Node caught = handler_.first_child();
    edits.replace(acquiring.begin(), acquiring.end(),
                  async ? fmt::format("{} = await {}.acquire_async(timeout=0)", hold, lock)
                        : fmt::format("{} = {}.acquire(timeout=0)", hold, lock));
    const Node rest = tried_.child(Field::body_);
    if (rest.end() > acquiring.end())
      edits.replace(text.next_line(acquiring.end()), text.next_line(rest.end()), "");
    edits.replace(caught.begin(), caught.end(), prefix + "LockTimeout");
    edits.add_lines_after(tried_.end(), base, std::array<std::string, 1>{fmt::format("with {}:", hold)});
    from = text.next_line(tried_.end());
  } else {
    edits.replace(first_.begin(), first_.end(), header + ":");
    from = text.next_line(first_.end());
  }

  // Its lines.
  std::vector<Line> lines;
  const std::size_t end = last_.end();
  const auto is_dropped = [&](std::size_t begin, std::size_t past) {
    return std::ranges::any_of(dropped_, [&](const Span& span) {
      return text.line_begin(span.begin) <= begin && past <= text.next_line(span.end - 1);
    });
  };
  for (std::size_t at = from; at < end; at = text.next_line(at)) {
    lines.push_back(
        {at, is_dropped(at, text.next_line(at)), text.indent(at).size() == text.line_end(at) - at});
    if (text.next_line(at) == at) break;
  }
  // Blank lines that set apart what is gone.
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].removed) continue;
    std::size_t past = i;
    while (past < lines.size() && lines[past].removed) ++past;
    const bool at_end = past == lines.size();
    if (!at_end && !lines[past].blank) continue;
    for (std::size_t before = i; before > 0 && lines[before - 1].blank; --before)
      lines[before - 1].removed = true;
  }
  for (Line& line : lines) {
    if (!line.blank && !line.removed) break;
    line.removed = true;
  }
  // A last line without an end leaves the one that is the last then without one.
  std::size_t tail = lines.size();
  while (tail > 0 && lines[tail - 1].removed) --tail;
  const bool unterminated = tail > 0 && tail < lines.size() && text.next_line(end) == text.line_end(end);
  const std::vector<Span> fixed = code_.fixed_lines(function_);
  std::size_t closing_at = from;
  for (const Line& line : lines) {
    const std::size_t past = text.next_line(line.begin);
    if (line.removed) {
      // What was said about the lock on its line is still said.
      std::string comment;
      for (const Span& span : dropped_) {
        const std::size_t last = span.end == span.begin + 1 ? text.line_end(span.begin) : span.end;
        const std::size_t hash = text.part(line.begin, text.line_end(line.begin)).find("  #");
        const bool behind = hash != std::string_view::npos && span.end == last && line.begin + hash >= last;
        if (behind && text.line_begin(span.end - 1) == line.begin)
          comment = std::string(text.part(line.begin + hash + 2, text.line_end(line.begin)));
      }
      const bool ends = unterminated && &line == &lines[tail];
      const std::size_t begin = line.begin - (ends ? text.newline(lines[tail - 1].begin).size() : 0);
      edits.replace(begin, past, comment.empty() ? "" : inner + comment + text.newline(line.begin));
      continue;
    }
    if (line.blank || within(fixed, line.begin)) continue;
    std::string_view outer;
    for (const Level& level : levels_) {
      if (level.begin <= line.begin && line.begin < level.end) outer = level.indent;
    }
    const std::string_view indent = text.indent(line.begin);
    closing_at = line.begin;
    if (!indent.starts_with(outer) || outer == inner) continue;
    edits.replace(line.begin, line.begin + outer.size(), inner);
  }
  if (!closing.empty())
    edits.add_lines_after(std::max<std::size_t>(closing_at, kept_.back().end()), inner, std::array{closing});
  if (named_) {
    // The lock file's name, if nobody else asks for it.
    const Node left = named_.child(Field::left_);
    const bool idle = std::ranges::all_of(code_.names(function_, left.text()), [&](Node name) {
      return name == left || removes(name.begin(), name.end());
    });
    const Path way = code_.way(named_);
    const Node statement = way[way.size() - 2];
    if (idle && code_.owns_lines(statement)) edits.remove_lines(statement.begin(), statement.end());
  }
  return true;
}

}  // namespace lockwright::fixes::python
