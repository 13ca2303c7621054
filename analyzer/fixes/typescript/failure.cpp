// LW301: a function that is to hand the lock on leaves it behind when it fails after the acquire.
//
// What follows the acquire goes into a try; its catch closes the handle, removes the lock file or directory
// that was made, and throws on. The functions for that come from where the acquire's own comes from.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/fixes/common/on_failure.h"
#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {
namespace {

constexpr std::string_view title = "Give the lock up when what follows fails";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The call that makes or opens what is locked, and its variable.
struct Taken {
  Node call;
  std::string_view owner;     ///< "fs." in `fs.openSync`; "" if it is imported by name
  std::string_view function;  ///< "openSync"
  std::string_view variable;  ///< of the handle; "": none
  bool synchronous = false;
  bool creates = false;
};

bool read_call(const Code& code, Node call, Taken& taken) {
  const std::string_view name = callee(call);
  taken.call = call;
  taken.function = last_name(name);
  taken.owner = name.substr(0, name.size() - taken.function.size());
  taken.synchronous = taken.function.ends_with("Sync");
  const Path way = code.way(call);
  const bool awaited = way.size() > 1 && way[way.size() - 2].kind() == Kind::await_expression_;
  if (!taken.synchronous && !awaited) return false;
  const Node bound = way[way.size() - (awaited ? 3 : 2)];
  if (bound.kind() == Kind::variable_declarator_ && bound.child(Field::name_).kind() == Kind::identifier_)
    taken.variable = bound.child(Field::name_).text();
  return !arguments(call).empty() && !arguments(call)[0].has_effect();
}

std::string_view plain(std::string_view function) {
  return function.ends_with("Sync") ? function.substr(0, function.size() - 4) : function;
}

bool read_acquire(const Code& code, Node call, Taken& taken) {
  if (!read_call(code, call, taken)) return false;
  const std::vector<Node> given = arguments(call);
  const std::string_view name = plain(taken.function);
  if (name == "mkdir") {
    taken.creates = given.size() < 2 || !has(given[1].text(), "recursive: true");
    return taken.creates;
  }
  if (name == "open" || name == "writeFile") {
    taken.creates = has(call.text(), "\"wx") || has(call.text(), "'wx") || has(call.text(), "O_EXCL");
    return taken.creates && (name == "writeFile" || !taken.variable.empty());
  }
  if (name != "flock") return false;
  // A kernel lock goes with the descriptor: what opened it tells how it is closed.
  const std::string_view handle = handle_of(given[0].text());
  Node opened;
  each_node(code.syntax(), code.function_at({code.file(), call.begin(), call.end()}), [&](Node node) {
    if (node.kind() != Kind::call_expression_ || plain(last_name(callee(node))) != "open") return;
    Taken other;
    if (read_call(code, node, other) && other.variable == handle) opened = node;
  });
  return opened && read_call(code, opened, taken);
}

/// `fs.closeSync(fd);`, `await handle.close();`
bool closes(Node statement, std::string_view variable) {
  Node call = statement.kind() == Kind::expression_statement_ && statement.first_child()
                  ? frontends::typescript::stripped(statement.first_child())
                  : Node{};
  if (call && call.kind() == Kind::await_expression_)
    call = frontends::typescript::stripped(call.first_child());
  if (!call || call.kind() != Kind::call_expression_ || variable.empty()) return false;
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  return plain(last_name(name)) == "close" &&
         (name.substr(0, name.find('.')) == variable || (!given.empty() && given[0].text() == variable));
}

/// Something else in the function gives the lock up, at least sometimes: then it would be given up twice.
bool releases(const Code& code, Node function, const Taken& taken, const Span& close) {
  const std::string_view path = arguments(taken.call)[0].text();
  bool found = false;
  each_node(code.syntax(), function, [&](Node node) {
    if (node.begin() >= close.begin && node.end() <= close.end) return;
    if (node.kind() != Kind::call_expression_ || !speaks_of_release(last_name(callee(node)))) return;
    const std::vector<Node> given = arguments(node);
    const std::string_view subject = given.empty() ? callee(node) : given[0].text();
    found |= subject == path ||
             (!taken.variable.empty() &&
              (subject == taken.variable || subject.starts_with(fmt::format("{}.", taken.variable))));
  });
  return found;
}

/// Puts "await fs.unlink(path);" together, and sees to the import of what it calls.
bool add_call(const Code& code, Edits& edits, const Taken& taken, std::string_view function,
              std::string_view given, std::vector<std::string>& lines) {
  const std::string name = fmt::format("{}{}", function, taken.synchronous ? "Sync" : "");
  if (taken.owner.empty() && !code.import_beside(edits, taken.function, name)) return false;
  lines.push_back(fmt::format("{}{}{}({}){}", taken.synchronous ? "" : "await ", taken.owner, name, given,
                              code.semicolon()));
  return true;
}

bool give_up(const Code& code, Edits& edits, const Taken& taken, bool close,
             std::vector<std::string>& lines) {
  const std::string_view path = arguments(taken.call)[0].text();
  const bool promise = !taken.variable.empty() && !taken.synchronous;
  if (close && promise) lines.push_back(fmt::format("await {}.close(){}", taken.variable, code.semicolon()));
  if (close && !promise && !add_call(code, edits, taken, "close", taken.variable, lines)) return false;
  if (!taken.creates) return true;
  if (plain(taken.function) != "mkdir") return add_call(code, edits, taken, "unlink", path, lines);
  return add_call(code, edits, taken, "rm", fmt::format("{}, {{ recursive: true, force: true }}", path),
                  lines);
}

}  // namespace

Proposals release_on_failure(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (!all_in(repair, code.file()) || !repair.places[0].through.empty()) return {};
  const source::Range& acquire = repair.places[0].range;
  const Node call = code.call_at(acquire);
  Taken taken;
  if (!call || !read_acquire(code, call, taken)) return {};
  const std::vector<Node> all = statements(code.common_block(acquire, acquire));
  std::size_t first = 0;
  while (first < all.size() && !covers(all[first], call.begin(), call.end())) ++first;
  if (first >= all.size()) return {};
  const bool simple =
      all[first].kind() == Kind::lexical_declaration_ || all[first].kind() == Kind::expression_statement_;
  ++first;
  std::size_t past = all.size();
  if (!simple || first >= past) return {};
  const Node last = all.back();
  if (last.kind() == Kind::return_statement_ && !last.has_effect() &&
      !declares_for(code, all, first, past - 1, last)) {
    --past;
  }
  if (first >= past) return {};
  const Text& text = code.text();
  Following following{.begin = next_content(text, all[first - 1].end(), all[first].begin()),
                      .end = all[past - 1].end(),
                      .close = {}};
  for (std::size_t i = first; i < past; ++i) {
    if (!code.owns_lines(all[i])) return {};
    if (following.close.end == 0 && closes(all[i], taken.variable)) {
      following.close = {all[i].begin(), all[i].end()};
      if (declares_for(code, all, first, i, all[i])) return {};
      for (std::size_t later = i + 1; later < past; ++later) {
        if (declares_for(code, all, first, i, all[later])) return {};
      }
    }
  }
  if (releases(code, code.function_at(acquire), taken, following.close)) return {};
  Edits edits(code.file(), text);
  std::vector<std::string> lines;
  const bool close = !taken.variable.empty() && following.close.end == 0;
  if (!give_up(code, edits, taken, close, lines) || lines.empty()) return {};
  const std::string error = code.fresh_name("error");
  lines.push_back(fmt::format("throw {}{}", error, code.semicolon()));
  const TryWords words{.begin = "try {",
                       .finally = "} finally {",
                       .handler = fmt::format("}} catch ({}) {{", error),
                       .end = "}"};
  give_up_on_failure(edits, text, following, code.fixed_lines(code.root()), words, lines);
  auto done = edits.take();
  if (!done) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::unsafe,
           .edits = std::move(*done)}};
}

}  // namespace lockwright::fixes::typescript
