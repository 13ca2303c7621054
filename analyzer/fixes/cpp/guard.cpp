// LW102: a file lock of boost::interprocess, with its guard, behind the stream that empties the file.
//
//   std::ofstream out(path);
//   boost::interprocess::file_lock lock(path.c_str());
//   boost::interprocess::scoped_lock<boost::interprocess::file_lock> guard(lock);
//
// The guard becomes a Hold of its name, in front of all that touches the file. All locks of that kind in the
// file move, or none.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

struct Guard {
  Node block;
  Node lock;   ///< the declaration of the file_lock
  Node guard;  ///< that of its guard
  std::string_view variable;
  std::string path;
  bool shared = false;
};

/// `T name(argument);`, of one argument. What is given by its name alone reads like the declaration of a
/// function.
bool read_object(Node declaration, std::string_view& name, std::string_view& argument) {
  const Node declarator = declaration.child(Field::declarator_);
  const std::string_view text = declarator ? declarator.text() : std::string_view();
  const std::size_t bracket = text.find_first_of("({ =");
  if (bracket == std::string_view::npos || bracket == 0 || (text[bracket] != '(' && text[bracket] != '{'))
    return false;
  name = text.substr(0, bracket);
  argument = text.substr(bracket + 1, text.size() - bracket - 2);
  return !argument.empty() && !has(argument, ",");
}

/// How often the word stands below the node, as a variable or as what looks like a type.
std::vector<Node> words(const Code& code, Node scope, std::string_view word) {
  std::vector<Node> result;
  each_node(code.syntax, scope, [&](Node node) {
    const bool name = node.kind() == Kind::identifier_ || node.kind() == Kind::type_identifier_;
    if (name && node.text() == word) result.push_back(node);
  });
  return result;
}

bool is_file_lock(Node declaration) {
  const Node type = declaration.kind() == Kind::declaration_ ? declaration.child(Field::type_) : Node{};
  return type && type.text().ends_with("file_lock");
}

/// The file_lock that is declared here, with its guard in the same block.
bool read(const Code& code, Node declaration, Guard& found) {
  std::string_view name;
  std::string_view path;
  if (!read_object(declaration, name, path) || !code.owns_lines(declaration)) return false;
  const Path way = code.way(declaration.begin(), declaration.end());
  const auto own = std::ranges::find(way, declaration);
  found.block = *(own - 1);
  if (found.block.kind() != Kind::compound_statement_) return false;
  found.lock = declaration;
  found.path = without_c_str(path);
  const std::vector<Node> uses = words(code, found.block, name);
  if (uses.size() != 2) return false;
  found.guard = code.statement_of(uses[1]);
  std::string_view subject;
  const std::string type(found.guard.kind() == Kind::declaration_ ? found.guard.child(Field::type_).text()
                                                                  : std::string_view());
  const bool scoped = has(type, "scoped_lock") || has(type, "unique_lock") || has(type, "lock_guard");
  found.shared = has(type, "sharable_lock") || has(type, "shared_lock");
  return (scoped || found.shared) && read_object(found.guard, found.variable, subject) && subject == name &&
         code.owns_lines(found.guard) && words(code, found.block, found.variable).size() == 1;
}

/// The first statement of the block that opens the file, when that is before its lock.
Node anchor_of(const Guard& guard) {
  for (const Node each : statements(guard.block)) {
    if (each == guard.lock || each == guard.guard) return each;
    const bool opens = has(each.text(), "stream") || has(each.text(), "open(");
    if (opens && has(each.text(), guard.path)) return each;
  }
  return {};
}

}  // namespace

std::vector<findings::Fix> move_guard(const Code& code, const source::Range& acquire) {
  if (!code.is_cpp() || acquire.file != code.file) return {};
  std::vector<Guard> guards;
  bool fine = true;
  bool meant = false;
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    if (node.kind() == Kind::field_declaration_ && has(node.text(), "file_lock")) fine = false;
    if (!is_file_lock(node)) return;
    Guard guard;
    fine &= read(code, node, guard);
    if (!fine) return;
    meant |=
        covers(guard.guard, acquire.begin, acquire.end) || covers(guard.lock, acquire.begin, acquire.end);
    guards.push_back(guard);
  });
  if (!fine || !meant) return {};
  Edits edits(code.file, code.text);
  std::vector<Node> gone;
  for (const Guard& guard : guards) {
    const Node anchor = anchor_of(guard);
    if (!anchor || !code.text.begins_line(anchor.begin())) return {};
    const std::string line =
        fmt::format("auto {} = lockwright::runtime::FileLock({}{}).acquire();", guard.variable, guard.path,
                    guard.shared ? ", {.mode = lockwright::runtime::Mode::shared}" : "");
    if (anchor == guard.lock) {
      edits.replace(anchor.begin(), anchor.end(), line);
    } else {
      edits.add_lines_before(anchor.begin(), code.text.indent(anchor.begin()), std::array{line});
      edits.remove_lines(guard.lock.begin(), guard.lock.end());
    }
    edits.remove_lines(guard.guard.begin(), guard.guard.end());
    gone.push_back(guard.lock);
    gone.push_back(guard.guard);
  }
  code.include_library(edits, {}, gone);
  return library_move(edits, "Use lockwright::runtime's FileLock");
}

}  // namespace lockwright::fixes::cpp
