// LW201: write the new content beside the lock file and rename it over.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/fixes/common/code_of.h"
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

/// How a call removes a file: `fs.unlink(path)`, `await rm(path)`, `rmSync(path)`.
struct Removing {
  Node path;               ///< as the text at hand names it
  std::string owner;       ///< "fs.": what `rename` is called by
  std::string_view plain;  ///< "unlink", where it is called by its own name
  bool sync = false;
};

bool removal_is_recursive(const std::vector<Node>& given) {
  return given.size() > 1 && given[1].text().find("recursive") != std::string_view::npos;
}

/// Nothing: it removes something else.
Removing removing(Node call) {
  const std::string_view name = callee(call);
  const std::string_view last = last_name(name);
  const bool sync = last.ends_with("Sync");
  const std::string_view what = sync ? last.substr(0, last.size() - 4) : last;
  const std::vector<Node> given = arguments(call);
  // A directory cannot be renamed over one that is not empty.
  if ((what != "unlink" && what != "rm") || given.empty() || removal_is_recursive(given)) return {};
  const std::string_view owner = name.substr(0, name.size() - last.size());
  return {given[0], std::string(owner), owner.empty() ? last : std::string_view(), sync};
}

/// What this file calls Node's module: "fs." for `import * as fs from "node:fs/promises"`; "": nothing.
std::string owner_here(const Code& code, bool sync) {
  std::string found;
  for (const Node statement : code.root().children()) {
    const Node source =
        statement.kind() == Kind::import_statement_ ? statement.child(Field::source_) : Node{};
    if (!source || source.text().size() < 3) continue;
    std::string_view module = source.text().substr(1, source.text().size() - 2);
    if (module.starts_with("node:")) module.remove_prefix(5);
    if (module != "fs" && (sync || module != "fs/promises")) continue;
    const Node clause = statement.child(Kind::import_clause_);
    if (!clause) continue;
    Node name = clause.first_child();
    if (name.kind() == Kind::namespace_import_) name = name.first_child();
    if (name.kind() != Kind::identifier_) continue;
    found = fmt::format("{}.{}", name.text(), !sync && module == "fs" ? "promises." : "");
  }
  return found;
}

/// The same where a helper does it, and nothing else, for its caller.
Removing removing_by_helper(const Code& code, const findings::Place& removal, Node calling) {
  const CodeOf<Code> theirs(code, code.file(), code.files(), removal.range.file);
  const Node call = theirs ? theirs->call_at(removal.range) : Node{};
  if (!call) return {};
  Removing found = removing(call);
  const Node helper = theirs->function_at(removal.range);
  const Node body = helper.child(Field::body_);
  const Node parameters = helper.child(Field::parameters_);
  if (!found.path || !body || !parameters || found.path.kind() != Kind::identifier_) return {};
  const Node only = is_block(body) ? body.first_child() : Node{};
  if (!only || only.past() != body.past() || !is_call_statement(only, call)) return {};
  const Node path = found.path;
  found.path = {};
  const std::vector<Node> given = arguments(calling);
  std::size_t at = 0;
  for (const Node parameter : parameters.children()) {
    const Node name = parameter.kind() == Kind::identifier_ ? parameter : parameter.first_child();
    if (name && name.text() == path.text() && at < given.size()) found.path = given[at];
    ++at;
  }
  found.plain = {};
  found.owner = owner_here(code, found.sync);
  return found.owner.empty() ? Removing() : found;
}

}  // namespace

Proposals replace_by_rename(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file()) || repair.places[0].through.size() > 1)
    return {};
  const Text& text = code.text();
  const Node call = code.call_at(repair.places[0].here());
  const Node creation = code.call_at(repair.places[1].here());
  if (!call || !creation || last_name(callee(creation)).starts_with("mkdir")) return {};
  const bool by_helper = !repair.places[0].through.empty();
  const Removing removed = by_helper ? removing_by_helper(code, repair.places[0], call) : removing(call);
  const Node path = removed.path;
  if (!path) return {};
  const bool sync = removed.sync;
  if (path.kind() != Kind::identifier_ && path.kind() != Kind::member_expression_) return {};
  const Node block = code.common_block(repair.places[0].here(), repair.places[1].here());
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

  const std::string& owner = removed.owner;
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
      if (!code.import_beside(edits, removed.plain, fmt::format("{}{}", each, suffix))) return {};
    }
  }
  const Node helper = by_helper ? call.child(Field::function_) : Node{};
  if (helper.kind() == Kind::identifier_) code.forget_import(edits, helper);
  if (!code.import_from(edits, "node:crypto", "randomUUID")) return {};
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*taken)}};
}

}  // namespace lockwright::fixes::typescript
