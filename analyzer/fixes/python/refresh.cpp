// LW201: write the new content beside the lock file and rename it over.
//
// The removal goes, the creation gets a temporary name that nobody else has, and the rename comes right after
// it: the lock file is never missing. What is left when something fails is the old lock and no temporary
// file.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view title = "Write a temporary file and rename it over the lock file";

/// What is removed: `lock_path` in `lock_path.unlink()` and in `os.unlink(lock_path)`.
Node removed_path(Node call) {
  const std::string_view name = callee(call);
  if (name == "os.unlink" || name == "os.remove") {
    const std::vector<Node> given = arguments(call);
    return given.size() == 1 ? given[0] : Node{};
  }
  return last_name(name) == "unlink" ? call.child(Field::function_).child(Field::object_) : Node{};
}

/// The statement of `block` that does the removal and nothing else: the call, be it in a try that swallows
/// its failure, or asked for by a condition on the path.
bool only_removes(Node statement, Node call) {
  if (statement.kind() == Kind::expression_statement_) {
    const Node inner = statement.first_child();
    return inner && inner.begin() == call.begin() && inner.end() == call.end();
  }
  const bool wrapped = statement.kind() == Kind::try_statement_ || statement.kind() == Kind::if_statement_;
  if (!wrapped || statement.child(Kind::else_clause_) || statement.child(Kind::elif_clause_) ||
      statement.child(Kind::finally_clause_)) {
    return false;
  }
  const Node body =
      statement.child(statement.kind() == Kind::try_statement_ ? Field::body_ : Field::consequence_);
  const Node inner = body ? body.first_child() : Node{};
  if (!inner || inner.past() != body.past() || !only_removes(inner, call)) return false;
  const Node handler = statement.child(Kind::except_clause_);
  return !handler || handler.text().find("pass") != std::string_view::npos;
}

/// Nodes below `scope` that say `path`, word for word.
std::vector<Node> mentions(const Code& code, Node scope, std::string_view path) {
  std::vector<Node> result;
  each_node(code.syntax(), scope, [&](Node node) {
    const bool named = node.kind() == Kind::identifier_ || node.kind() == Kind::attribute_;
    if (named && node.text() == path && node.field() != Field::attribute_) result.push_back(node);
  });
  return result;
}

/// Where the file has its content: where the descriptor that the creation has bound is closed; the creation
/// itself when it binds nothing. None: nobody can tell.
Node end_of_creation(Node block, Node creating) {
  const Node assignment = creating.first_child();
  if (creating.kind() != Kind::expression_statement_ || assignment.kind() != Kind::assignment_)
    return creating;
  const Node left = assignment.child(Field::left_);
  if (!left || left.kind() != Kind::identifier_) return {};
  for (const Node statement : block.children()) {
    const Node call = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
    if (statement.begin() <= creating.begin() || call.kind() != Kind::call_) continue;
    const std::vector<Node> given = arguments(call);
    const bool closes = callee(call) == fmt::format("{}.close", left.text()) ||
                        (callee(call) == "os.close" && given.size() == 1 && given[0].text() == left.text());
    if (closes) return statement;
  }
  return {};
}

}  // namespace

Proposals replace_by_rename(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file()) || !repair.places[0].through.empty())
    return {};
  const Text& text = code.text();
  const Node call = code.call_at(repair.places[0].range);
  const Node creation = code.call_at(repair.places[1].here());
  const Node path = call ? removed_path(call) : Node{};
  if (!creation || !path || (path.kind() != Kind::identifier_ && path.kind() != Kind::attribute_)) return {};
  const Node block = code.common_block(repair.places[0].range, repair.places[1].here());
  const Node removal = child_at(block, call.begin(), call.end());
  const Node creating = child_at(block, creation.begin(), creation.end());
  if (!removal || !creating || removal == creating || !only_removes(removal, call)) return {};
  if (!code.owns_lines(removal) || !code.owns_lines(creating)) return {};
  // What comes in between must not depend on the file's being gone.
  for (const Node statement : block.children()) {
    const bool between = statement.begin() > removal.begin() && statement.begin() < creating.begin();
    if (between && !mentions(code, statement, path.text()).empty()) return {};
  }
  if (creating.kind() != Kind::expression_statement_ && creating.kind() != Kind::with_statement_) return {};
  const Node last = end_of_creation(block, creating);
  if (!last || !code.owns_lines(last)) return {};
  const std::vector<Node> said = mentions(code, creation, path.text());
  // The file's name: the receiver, or an argument of its own.
  if (said.size() != 1) return {};
  for (const Node statement : block.children()) {
    const bool inside = statement.begin() >= creating.begin() && statement.end() <= last.end();
    if (inside && mentions(code, statement, path.text()).size() != (statement == creating ? 1U : 0U))
      return {};
  }

  const Node scope = code.function_at(repair.places[0].range);
  const std::vector<Node> all = mentions(code, scope, path.text());
  const bool object = std::any_of(all.begin(), all.end(), [&](Node node) {
    const Path way = code.way(node);
    return way.size() > 1 && way[way.size() - 2].kind() == Kind::attribute_ && node.field() == Field::object_;
  });
  const std::string temporary = code.fresh_name("temporary");
  const std::string_view indent = text.indent(creating.begin());
  const std::string unit = text.unit(creating.begin());
  const std::string_view quote = text.all().find('"') == std::string_view::npos ? "'" : "\"";

  Edits edits(code.file(), text);
  edits.remove_lines(removal.begin(), removal.end());
  std::vector<std::string> before;
  if (object) {
    before.push_back(fmt::format("{} = {}.with_name(f{}{{{}.name}}.{{uuid.uuid4().hex}}.tmp{})", temporary,
                                 path.text(), quote, path.text(), quote));
  } else {
    before.push_back(
        fmt::format("{} = f{}{{{}}}.{{uuid.uuid4().hex}}.tmp{}", temporary, quote, path.text(), quote));
  }
  before.emplace_back("try:");
  edits.add_lines_before(creating.begin(), indent, before);
  const std::vector<Span> fixed = code.fixed_lines(block);
  edits.indent_lines(creating.begin(), last.end(), unit, fixed);
  edits.replace(said[0].begin(), said[0].end(), temporary);
  std::vector<std::string> after = {unit + fmt::format("os.replace({}, {})", temporary, path.text()),
                                    "finally:"};
  if (object) {
    after.push_back(unit + fmt::format("{}.unlink(missing_ok=True)", temporary));
  } else {
    after.push_back(unit + fmt::format("if os.path.lexists({}):", temporary));
    after.push_back(unit + unit + fmt::format("os.unlink({})", temporary));
  }
  edits.add_lines_after(last.end(), indent, after);
  code.import_module(edits, "os");
  code.import_module(edits, "uuid");
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*taken)}};
}

}  // namespace lockwright::fixes::python
