// LW201: write the new content beside the lock file and rename it over.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {
namespace {

constexpr std::string_view title = "Write a temporary file and rename it over the lock file";

/// Nodes below `scope` that say `path`, word for word.
std::vector<Node> mentions(const Code& code, Node scope, std::string_view path) {
  std::vector<Node> result;
  each_node(code.syntax(), scope, [&](Node node) {
    const bool named = node.kind() == Kind::identifier_ || node.kind() == Kind::member_expression_;
    if (named && node.text() == path) result.push_back(node);
  });
  return result;
}

/// A call, awaited or not, as a statement of its own.
bool is_call_statement(Node statement, Node call) {
  if (statement.kind() != Kind::expression_statement_ || !statement.first_child()) return false;
  const Node inner = frontends::typescript::stripped(statement.first_child());
  return inner == call ||
         (inner.kind() == Kind::await_expression_ && inner.child(Kind::call_expression_) == call);
}

bool removal_is_recursive(const std::vector<Node>& given) {
  return given.size() > 1 && given[1].text().find("recursive") != std::string_view::npos;
}

}  // namespace

Proposals replace_by_rename(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file()) || !repair.places[0].through.empty())
    return {};
  const Text& text = code.text();
  const Node call = code.call_at(repair.places[0].range);
  const Node creation = code.call_at(repair.places[1].here());
  if (!call || !creation) return {};
  const std::string_view name = callee(call);
  const std::string_view last = last_name(name);
  const bool sync = last.ends_with("Sync");
  const std::string_view what = sync ? last.substr(0, last.size() - 4) : last;
  const std::vector<Node> given = arguments(call);
  if ((what != "unlink" && what != "rm") || given.empty()) return {};
  // A directory cannot be renamed over one that is not empty.
  if (last_name(callee(creation)).starts_with("mkdir") || removal_is_recursive(given)) return {};
  const Node path = given[0];
  if (path.kind() != Kind::identifier_ && path.kind() != Kind::member_expression_) return {};
  const Node block = code.common_block(repair.places[0].range, repair.places[1].here());
  const Node removal = child_at(block, call.begin(), call.end());
  const Node creating = child_at(block, creation.begin(), creation.end());
  if (!removal || !creating || removal == creating || !is_call_statement(removal, call) ||
      !is_call_statement(creating, creation)) {
    return {};
  }
  if (!code.owns_lines(removal) || !code.owns_lines(creating)) return {};
  for (const Node statement : block.children()) {
    const bool between = statement.begin() > removal.begin() && statement.begin() < creating.begin();
    if (between && !mentions(code, statement, path.text()).empty()) return {};
  }
  const std::vector<Node> said = mentions(code, creating, path.text());
  if (said.size() != 1 || (!sync && removal.text().find("await") == std::string_view::npos)) return {};

  const std::string_view owner = name.substr(0, name.size() - last.size());
  const std::string_view semicolon = code.semicolon();
  const std::string_view await = sync ? "" : "await ";
  const std::string_view suffix = sync ? "Sync" : "";
  const std::string temporary = code.fresh_name("temporary");
  const std::string_view indent = text.indent(creating.begin());
  const std::string unit = text.unit(creating.begin());
  Edits edits(code.file(), text);
  edits.remove_lines(removal.begin(), removal.end());
  edits.add_lines_before(
      creating.begin(), indent,
      std::array<std::string, 2>{
          fmt::format("const {} = `${{{}}}.${{randomUUID()}}.tmp`{}", temporary, path.text(), semicolon),
          "try {"});
  edits.indent_lines(creating.begin(), creating.end(), unit, code.fixed_lines(creating));
  edits.replace(said[0].begin(), said[0].end(), temporary);
  edits.add_lines_after(creating.end(), indent,
                        std::array<std::string, 4>{fmt::format("{}{}{}rename{}({}, {}){}", unit, await, owner,
                                                               suffix, temporary, path.text(), semicolon),
                                                   "} finally {",
                                                   fmt::format("{}{}{}rm{}({}, {{ force: true }}){}", unit,
                                                               await, owner, suffix, temporary, semicolon),
                                                   "}"});
  if (owner.empty()) {
    for (const char* const each : {"rename", "rm"}) {
      if (!code.import_beside(edits, last, fmt::format("{}{}", each, suffix))) return {};
    }
  }
  if (!code.import_from(edits, "node:crypto", "randomUUID")) return {};
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*taken)}};
}

}  // namespace lockwright::fixes::typescript
