// LW101 when everybody locks by a pair of functions: `fd = acquire(path)`, `release(fd)`.
//
// acquire() returns a hold of the library in place of a descriptor, release() gives it up, and the lock is
// one that its holder may acquire again: who calls the two sees no difference, and all who take part have
// moved.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/python/library.h"

namespace lockwright::fixes::python {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<Node> statements(Node block) {
  std::vector<Node> result;
  for (const Node child : block.children()) result.push_back(child);
  return result;
}

std::vector<Node> calls_in(const Code& code, Node scope) {
  std::vector<Node> result;
  each_node(code.syntax(), scope, [&](Node node) {
    if (node.kind() == Kind::call_) result.push_back(node);
  });
  return result;
}

/// A parameter's name: "fd" of `fd`, `fd: int`, `fd=None`.
Node parameter_name(Node parameter) {
  if (parameter.kind() == Kind::identifier_) return parameter;
  if (parameter.kind() == Kind::typed_parameter_) return parameter.first_child();
  return parameter.child(Field::name_);
}

bool is_docstring(Node statement) {
  return statement.kind() == Kind::expression_statement_ && statement.first_child() &&
         statement.first_child().kind() == Kind::string_;
}

/// The function that acquires.
struct Acquirer {
  Node function;
  Node opening;  ///< the assignment that opens the file
  Node path;
  std::string timeout;  ///< an argument; "": for ever
};

bool read_acquirer(const Code& code, const source::Range& acquire, Acquirer& acquirer) {
  const Node call = code.call_at(acquire);
  acquirer.function = code.function_at(acquire);
  if (!call || acquirer.function.kind() != Kind::function_definition_ || arguments(call).empty() ||
      acquirer.function.text().starts_with("async")) {
    return false;
  }
  const Node body = acquirer.function.child(Field::body_);
  const std::string_view handle = handle_of(arguments(call)[0].text());
  for (const Node statement : body.children()) {
    const Node assignment =
        statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
    if (!assignment || assignment.kind() != Kind::assignment_) continue;
    const Node left = assignment.child(Field::left_);
    const Node right = assignment.child(Field::right_);
    if (!left || !right || left.text() != handle || right.kind() != Kind::call_) continue;
    if ((callee(right) != "os.open" && callee(right) != "open") || arguments(right).empty()) return false;
    acquirer.opening = statement;
    acquirer.path = arguments(right)[0];
  }
  if (!acquirer.opening || !code.owns_lines(acquirer.opening)) return false;
  if (acquirer.path.kind() == Kind::call_ && callee(acquirer.path) == "str" &&
      arguments(acquirer.path).size() == 1)
    acquirer.path = arguments(acquirer.path)[0];
  // It ends with the handle, or with a TimeoutError, as the library's acquire() does.
  bool fine = true;
  bool raises = false;
  bool loops = false;
  each_node(code.syntax(), body, [&](Node node) {
    if (node.kind() == Kind::return_statement_)
      fine &= node.first_child() && node.first_child().text() == handle;
    if (node.kind() == Kind::yield_) fine = false;
    loops |= node.kind() == Kind::while_statement_;
    if (node.kind() != Kind::raise_statement_) return;
    raises = true;
    fine &= node.text().starts_with("raise TimeoutError");
  });
  if (has(call.text(), "LOCK_NB") != loops || raises != loops || has(call.text(), "LOCK_SH")) return false;
  if (loops) {
    for (const Node parameter : acquirer.function.child(Field::parameters_).children()) {
      const Node name = parameter_name(parameter);
      if (name && has(name.text(), "timeout")) acquirer.timeout = name.text();
    }
    if (acquirer.timeout.empty()) return false;
  }
  return fine;
}

/// Whether the function does nothing but release what it is given.
bool is_releaser(const Code& code, Node function) {
  const Node parameters = function.child(Field::parameters_);
  const Node parameter = parameters ? parameters.first_child() : Node{};
  const Node name = parameter && parameter.past() == parameters.past() ? parameter_name(parameter) : Node{};
  const Node body = function.child(Field::body_);
  if (!name || !body) return false;
  bool unlocks = false;
  bool fine = true;
  for (const Node call : calls_in(code, body)) {
    const std::string_view last = last_name(callee(call));
    const bool about = has(call.text(), name.text());
    unlocks |= about && (last == "flock" || last == "lockf") && has(call.text(), "LOCK_UN");
    fine &= about && (last == "flock" || last == "lockf" || last == "close" || last == "fileno");
  }
  each_node(code.syntax(), body, [&](Node node) {
    fine &= node.kind() != Kind::return_statement_ && node.kind() != Kind::raise_statement_ &&
            node.kind() != Kind::yield_;
  });
  return fine && unlocks;
}

/// Whether what the calls of `acquire` return is only ever given to `release`.
bool only_released(const Code& code, std::string_view acquire, std::string_view release) {
  for (const Node call : calls_in(code, code.root())) {
    if (last_name(callee(call)) != acquire) continue;
    const Path way = code.way(call);
    const Node assignment = way[way.size() - 2];
    const Node left = assignment.kind() == Kind::assignment_ ? assignment.child(Field::left_) : Node{};
    if (!left || left.kind() != Kind::identifier_) return false;
    const Node scope = code.function_at({code.file(), call.begin(), call.end()});
    for (const Node use : code.names(scope, left.text())) {
      const Path around = code.way(use);
      const Node parent = around[around.size() - 2];
      if (parent.kind() == Kind::assignment_ && use.field() == Field::left_) continue;
      const Node user = parent.kind() == Kind::argument_list_ ? around[around.size() - 3] : Node{};
      // `fd = None` before a try, and `if fd:` after it.
      const bool asks = parent.kind() == Kind::if_statement_ || parent.kind() == Kind::comparison_operator_;
      if (!asks && (!user || last_name(callee(user)) != release)) return false;
    }
  }
  return true;
}

/// `-> int` and `fd: int` say what it is now.
void retype(const Code& code, Edits& edits, Node type, std::vector<std::string>& names) {
  if (!type) return;
  edits.replace(type.begin(), type.end(), library_prefix(code) + "Hold");
  names.emplace_back("Hold");
}

}  // namespace

Proposals move_helpers(const Code& code, const source::Range& acquire) {
  if (code.files().get(acquire.file) == nullptr) return {};
  const Code theirs(code.files(), acquire.file);
  Acquirer acquirer;
  if (!read_acquirer(theirs, acquire, acquirer)) return {};
  Node releaser;
  bool fine = true;
  each_node(theirs.syntax(), theirs.root(), [&](Node node) {
    if (node.kind() != Kind::function_definition_ || !is_releaser(theirs, node)) return;
    fine &= !releaser;
    releaser = node;
  });
  if (!releaser || !fine) return {};
  // Nobody takes the lock in another way.
  for (const Node call : calls_in(theirs, theirs.root())) {
    const std::string_view last = last_name(callee(call));
    const bool own =
        covers(acquirer.function, call.begin(), call.end()) || covers(releaser, call.begin(), call.end());
    if (!own && (last == "flock" || last == "lockf")) return {};
  }
  const std::string_view name = acquirer.function.child(Field::name_).text();
  const std::string_view release = releaser.child(Field::name_).text();
  for (std::size_t i = 0; i < code.files().size(); ++i) {
    const source::FileId id{static_cast<std::uint32_t>(i)};
    const source::SourceFile* file = code.files().get(id);
    if (file == nullptr || file->language() != source::Language::python || !has(file->text(), name)) continue;
    if (!only_released(Code(code.files(), id), name, release)) return {};
  }

  Edits edits(theirs.file(), theirs.text());
  std::vector<std::string> names = {"FileLock"};
  const Node body = acquirer.function.child(Field::body_);
  edits.replace(acquirer.opening.begin(), body.end(),
                fmt::format("return {}FileLock({}, reentrant=True).acquire({})", library_prefix(theirs),
                            acquirer.path.text(), acquirer.timeout));
  retype(theirs, edits, acquirer.function.child(Field::return_type_), names);
  const Node parameter = releaser.child(Field::parameters_).first_child();
  if (parameter.kind() == Kind::typed_parameter_) retype(theirs, edits, parameter.child(Field::type_), names);
  const std::vector<Node> releasing = statements(releaser.child(Field::body_));
  const std::size_t first = is_docstring(releasing[0]) && releasing.size() > 1 ? 1 : 0;
  edits.replace(releasing[first].begin(), releasing.back().end(),
                fmt::format("{}.release()", parameter_name(parameter).text()));
  const std::vector<Node> idle = idle_imports(theirs, [&](Node node) {
    return (node.begin() >= acquirer.opening.begin() && node.end() <= body.end() &&
            !covers(acquirer.path, node.begin(), node.end())) ||
           (node.begin() >= releasing[first].begin() && node.end() <= releasing.back().end());
  });
  theirs.import_library(edits, names, idle);
  return library_move(edits,
                      fmt::format("Use lockwright_runtime's FileLock in {}() and {}()", name, release));
}

}  // namespace lockwright::fixes::python
