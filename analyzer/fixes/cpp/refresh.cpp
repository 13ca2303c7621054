// LW201: the removal of a lock file and its creation become one replacement.
//
// What the new file holds is known where it is written by one statement, or into a stream that is made and
// closed right there.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

/// `std::ofstream(path) << text << "\n";`: the stream's construction, and what follows it.
struct Streamed {
  Node made;
  std::string_view operations;  ///< ` << text << "\n"`
};

bool is_stream(std::string_view name) {
  return name == "std::ofstream" || name == "ofstream" || name == "std::fstream";
}

/// `std::ofstream out(path); out << text; out.close();` of one block: the statements, and the variable.
struct Stream {
  std::string_view variable;
  std::vector<Node> writes;
  std::vector<Node> others;  ///< closing, checking that it is open
};

bool read_stream(const Code& code, const std::vector<Node>& all, std::size_t at, std::string_view path,
                 Stream& stream) {
  const Node made = all[at];
  const Node type = made.kind() == Kind::declaration_ ? made.child(Field::type_) : Node{};
  const Node declarator = made.child(Field::declarator_);
  if (!type || !is_stream(type.text()) || !declarator) return false;
  const std::string text = squeezed(declarator.text());
  const std::size_t bracket = text.find_first_of("({");
  if (bracket == std::string::npos || !text.substr(bracket + 1).starts_with(squeezed(path))) return false;
  if (has(text, "ios::app") || has(text, "ios_base::app")) return false;
  each_node(code.syntax, declarator, [&](Node node) {
    if (stream.variable.empty() && node.kind() == Kind::identifier_) stream.variable = node.text();
  });
  for (std::size_t i = at + 1; i < all.size(); ++i) {
    if (code.names(all[i], stream.variable).empty()) continue;
    const Node inner = all[i].kind() == Kind::expression_statement_ ? all[i].first_child() : Node{};
    const Node call = call_of(all[i]);
    if (call && (callee(call) == fmt::format("{}.close", stream.variable) ||
                 callee(call) == fmt::format("{}.flush", stream.variable))) {
      stream.others.push_back(all[i]);
    } else if (inner && inner.kind() == Kind::binary_expression_ &&
               all[i].text().starts_with(stream.variable)) {
      stream.writes.push_back(all[i]);
    } else {
      return false;
    }
  }
  return !stream.writes.empty();
}

}  // namespace

std::vector<findings::Fix> replace_by_library(const Code& code, const findings::Repair& repair) {
  if (!code.is_cpp() || repair.places.size() != 2) return {};
  for (const findings::Place& place : repair.places) {
    if (!place.through.empty() || place.range.file != code.file) return {};
  }
  const Node removal = code.call_at(repair.places[0].range);
  if (!removal || arguments(removal).size() != 1 ||
      arguments(removal)[0].has_effect() != has(arguments(removal)[0].text(), "("))
    return {};
  const std::string_view path = without_c_str(arguments(removal)[0]);
  const Node removing = code.statement_of(removal);
  Node block;
  for (const Node node : code.way(repair.places[0].range.begin, repair.places[1].range.end)) {
    if (node.kind() == Kind::compound_statement_) block = node;
  }
  if (!block || !removing || call_of(removing) != removal || !code.owns_lines(removing)) return {};
  const std::vector<Node> all = statements(block);
  const source::Range& creation = repair.places[1].range;
  const auto creating =
      std::ranges::find_if(all, [&](Node each) { return covers(each, creation.begin, creation.end); });
  const auto first = std::ranges::find(all, removing);
  if (creating == all.end() || first == all.end() || first >= creating || !code.owns_lines(*creating))
    return {};
  // What comes in between must not depend on the file's being gone.
  for (auto each = first + 1; each != creating; ++each) {
    if (has(each->text(), path)) return {};
  }
  Edits edits(code.file, code.text);
  std::vector<std::string> headers;
  Stream stream;
  edits.remove_lines(removing.begin(), removing.end());
  const Node inner = creating->kind() == Kind::expression_statement_ ? creating->first_child() : Node{};
  if (read_stream(code, all, static_cast<std::size_t>(creating - all.begin()), path, stream)) {
    const std::string_view indent = code.text.indent(creating->begin());
    const Node last = stream.others.empty() ? stream.writes.back() : stream.others.back();
    if (last.begin() < stream.writes.back().begin()) return {};
    std::string content = fmt::format("{}.str()", stream.variable);
    if (stream.writes.size() == 1) {
      std::string_view operations = stream.writes[0].text().substr(stream.variable.size());
      operations.remove_suffix(1);
      content = fmt::format("(std::ostringstream(){}).str()", operations);
    }
    const std::string call = fmt::format("lockwright::runtime::replace_file({}, {});", path, content);
    if (stream.writes.size() == 1) {
      edits.remove_lines(creating->begin(), creating->end());
      edits.replace(stream.writes[0].begin(), stream.writes[0].end(), call);
    } else {
      edits.replace(creating->begin(), creating->end(),
                    fmt::format("std::ostringstream {};", stream.variable));
      edits.add_lines_after(stream.writes.back().end(), indent, std::array{call});
    }
    for (const Node each : stream.others) edits.remove_lines(each.begin(), each.end());
  } else if (inner && inner.kind() == Kind::binary_expression_) {
    // `std::ofstream(path) << text;`
    Node made = inner;
    while (made.kind() == Kind::binary_expression_) made = made.child(Field::left_);
    if (made.kind() != Kind::call_expression_ || !is_stream(made.child(Field::function_).text()) ||
        arguments(made).empty() || without_c_str(arguments(made)[0]) != path || has(made.text(), "::app")) {
      return {};
    }
    std::string_view operations = code.text.part(made.end(), inner.end());
    edits.replace(creating->begin(), creating->end(),
                  fmt::format("lockwright::runtime::replace_file({}, (std::ostringstream(){}).str());", path,
                              operations));
  } else {
    return {};
  }
  headers.emplace_back("sstream");
  code.include_library(edits, headers, {removing});
  return library_move(edits, "Use lockwright::runtime's replace_file()");
}

}  // namespace lockwright::fixes::cpp
