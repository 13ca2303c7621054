// LW301: a function that is to hand the lock on leaves it behind when it fails after the acquire.
//
// What follows the acquire goes into a try; its handler closes the handle, removes the lock file or directory
// that was made, and raises on.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/fixes/common/on_failure.h"
#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view title = "Give the lock up when what follows fails";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// What is locked, as the code names it.
struct Taken {
  std::string_view handle;   ///< "fd", "self.fd"; "": none
  bool descriptor = false;   ///< a number, from os.open
  std::string_view created;  ///< the lock file or directory that was made; "": none
  bool directory = false;
};

/// `handle = call`: the name it is bound to; "" if it is none.
std::string_view bound_to(const Code& code, Node call) {
  const Path way = code.way(call);
  const Node assignment = way.size() > 1 ? way[way.size() - 2] : Node{};
  if (assignment.kind() != Kind::assignment_) return "";
  const Node left = assignment.child(Field::left_);
  const bool name = left && (left.kind() == Kind::identifier_ || left.kind() == Kind::attribute_);
  return name ? left.text() : std::string_view();
}

bool read_acquire(const Code& code, Node call, Taken& taken) {
  const std::string_view name = callee(call);
  const std::string_view last = last_name(name);
  const std::vector<Node> given = arguments(call);
  if (last == "flock" || last == "lockf") {
    if (given.empty()) return false;
    taken.handle = handle_of(given[0].text());
    each_node(code.syntax(), code.function_at({code.file(), call.begin(), call.end()}), [&](Node node) {
      if (node.kind() == Kind::call_ && callee(node) == "os.open" && bound_to(code, node) == taken.handle)
        taken.descriptor = true;
    });
    return true;
  }
  if (given.empty() || given[0].has_effect()) return false;
  taken.created = given[0].text();
  if (name == "os.mkdir") {
    taken.directory = true;
    return true;
  }
  taken.handle = bound_to(code, call);
  taken.descriptor = name == "os.open";
  return !taken.handle.empty() && ((taken.descriptor && has(call.text(), "O_EXCL")) ||
                                   (name == "open" && given.size() > 1 && has(given[1].text(), "x")));
}

/// Something else in the function gives the lock up, at least sometimes: then it would be given up twice.
bool releases(const Code& code, Node function, const Taken& taken, const Span& close) {
  bool found = false;
  each_node(code.syntax(), function, [&](Node node) {
    if (node.begin() >= close.begin && node.end() <= close.end) return;
    if (node.kind() != Kind::call_ || !speaks_of_release(last_name(callee(node)))) return;
    const std::vector<Node> given = arguments(node);
    const std::string_view name = callee(node);
    const std::string_view subject =
        given.empty() ? name.substr(0, name.rfind('.')) : handle_of(given[0].text());
    found |= !subject.empty() && (subject == taken.created || subject == taken.handle);
  });
  return found;
}

/// `os.close(fd)`, `handle.close()`
bool closes(Node statement, const Taken& taken) {
  const Node call = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
  if (!call || call.kind() != Kind::call_ || taken.handle.empty()) return false;
  const std::vector<Node> given = arguments(call);
  return callee(call) == "os.close" ? !given.empty() && given[0].text() == taken.handle
                                    : callee(call) == fmt::format("{}.close", taken.handle);
}

}  // namespace

Proposals release_on_failure(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (!all_in(repair, code.file()) || !repair.places[0].through.empty()) return {};
  const source::Range& acquire = repair.places[0].range;
  const Node call = code.call_at(acquire);
  Taken taken;
  if (!call || !read_acquire(code, call, taken)) return {};
  std::vector<Node> all;
  for (const Node each : code.common_block(acquire, acquire).children()) all.push_back(each);
  std::size_t first = 0;
  while (first < all.size() && !covers(all[first], call.begin(), call.end())) ++first;
  if (first >= all.size() || all[first].kind() != Kind::expression_statement_) return {};
  ++first;
  std::size_t past = all.size();
  if (first < past && all.back().kind() == Kind::return_statement_ && !all.back().has_effect()) --past;
  if (first >= past) return {};
  const Text& text = code.text();
  Following following{.begin = text.next_line(all[first - 1].end()), .end = all[past - 1].end(), .close = {}};
  // Blank lines stay outside.
  while (following.begin < all[first].begin() &&
         text.indent(following.begin).size() == text.line_end(following.begin) - following.begin)
    following.begin = text.next_line(following.begin);
  bool handed_over = false;
  for (std::size_t i = first; i < past; ++i) {
    if (!code.owns_lines(all[i])) return {};
    if (following.close.end == 0 && closes(all[i], taken)) following.close = {all[i].begin(), all[i].end()};
    // What is in a directory has to go first.
    if (taken.directory && has(all[i].text(), taken.created)) return {};
    handed_over |= has(all[i].text(), "fdopen");
  }
  if (releases(code, code.function_at(acquire), taken, following.close)) return {};
  std::vector<std::string> lines;
  if (!taken.handle.empty() && following.close.end == 0 && !handed_over) {
    lines.push_back(taken.descriptor ? fmt::format("os.close({})", taken.handle)
                                     : fmt::format("{}.close()", taken.handle));
  }
  if (!taken.created.empty())
    lines.push_back(fmt::format("os.{}({})", taken.directory ? "rmdir" : "unlink", taken.created));
  if (lines.empty()) return {};
  lines.emplace_back("raise");
  Edits edits(code.file(), text);
  const TryWords words{.begin = "try:", .finally = "finally:", .handler = "except BaseException:", .end = ""};
  give_up_on_failure(edits, text, following, code.fixed_lines(code.root()), words, lines);
  if (std::ranges::any_of(lines, [](const std::string& line) { return line.starts_with("os."); }))
    code.import_module(edits, "os");
  auto done = edits.take();
  if (!done) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::unsafe,
           .edits = std::move(*done)}};
}

}  // namespace lockwright::fixes::python
