// LW201: write the new content beside the lock file and rename it over.
//
// The removal goes, the creation gets a temporary name that nobody else has, and the rename comes right after
// it: the lock file is never missing. What is left when something fails is the old lock and no temporary
// file.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/common/code_of.h"
#include "analyzer/fixes/python/library.h"

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

/// `self._write(path, record)`: the helper's parameters and what they are given here.
std::vector<std::pair<std::string_view, Node>> given_to(Node helper, Node call) {
  std::vector<std::pair<std::string_view, Node>> result;
  std::vector<std::string_view> parameters;
  for (const Node parameter : helper.child(Field::parameters_).children()) {
    const Node named = parameter.kind() == Kind::identifier_        ? parameter
                       : parameter.kind() == Kind::typed_parameter_ ? parameter.first_child()
                                                                    : Node{};
    if (!named) return {};
    parameters.push_back(named.text());
  }
  if (callee(call).starts_with("self.") && !parameters.empty()) parameters.erase(parameters.begin());
  const std::vector<Node> given = arguments(call);
  const Node list = call.child(Field::arguments_);
  std::size_t all = 0;
  for ([[maybe_unused]] const Node each : list.children()) ++all;
  if (given.size() != parameters.size() || all != given.size()) return {};
  for (std::size_t i = 0; i < given.size(); ++i) result.emplace_back(parameters[i], given[i]);
  return result;
}

/// What a helper removes that does nothing else, as its caller names it; none if it does more.
struct RemovedByHelper {
  Node path;
  bool object = false;  ///< a pathlib.Path
};

RemovedByHelper removed_by_helper(const Code& code, const findings::Place& removal, Node calling) {
  const CodeOf<Code> theirs(code, code.file(), code.files(), removal.range.file);
  if (!theirs) return {};
  const Node call = theirs->call_at(removal.range);
  const Node helper = theirs->function_at(removal.range);
  const Node path = call ? removed_path(call) : Node{};
  const Node body = helper.kind() == Kind::function_definition_ ? helper.child(Field::body_) : Node{};
  if (!path || !body || path.kind() != Kind::identifier_) return {};
  Node only = body.first_child();
  const bool says = only && only.kind() == Kind::expression_statement_ &&
                    only.first_child().kind() == Kind::string_ && only.past() != body.past();
  if (says) only = theirs->syntax().node(only.past());
  if (!only || only.past() != body.past() || !only_removes(only, call)) return {};
  for (const auto& [parameter, given] : given_to(helper, calling)) {
    if (parameter == path.text()) return {given, callee(call) != "os.unlink" && callee(call) != "os.remove"};
  }
  return {};
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

/// The file is made by a helper that says by its result, which nobody asks for, whether it has made it.
bool tells_of_failure(const Code& code, const findings::Place& creation, Node creating) {
  if (creation.through.size() != 1 || creating.kind() != Kind::expression_statement_) return false;
  const CodeOf<Code> theirs(code, code.file(), code.files(), creation.range.file);
  const Node helper = theirs ? theirs->function_at(creation.range) : Node{};
  const Node type = helper.kind() == Kind::function_definition_ ? helper.child(Field::return_type_) : Node{};
  return type && type.text() == "bool" && creating.first_child().kind() == Kind::call_;
}

/// The try whose handlers make the lock file again when the refresh has failed, and pass the failure on:
/// there is nothing to make again when the old one stands. None: the block is another statement's.
Node try_that_recreates(const Code& code, Node block, Node removal, Node creating) {
  const Path way = code.way(block);
  const Node attempt = way.size() > 1 ? way[way.size() - 2] : Node{};
  if (attempt.kind() != Kind::try_statement_ || attempt.child(Field::body_) != block) return {};
  if (block.first_child() != removal || creating.past() != block.past() || !code.owns_lines(attempt))
    return {};
  bool recreates = false;
  for (const Node part : attempt.children()) {
    if (part == block) continue;
    if (part.kind() != Kind::except_clause_) return {};
    const Node body = part.child(Kind::block_);
    if (!body) return {};
    bool raises = false;
    for (const Node each : body.children()) {
      if (each.text() == "raise") {
        raises = true;
      } else if (each.text() == creating.text()) {
        recreates = true;
      } else {
        return {};
      }
    }
    if (!raises) return {};
  }
  return recreates ? attempt : Node{};
}

}  // namespace

Proposals replace_by_rename(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file()) || repair.places[0].through.size() > 1)
    return {};
  const Text& text = code.text();
  const bool by_helper = !repair.places[0].through.empty();
  const Node call = code.call_at(repair.places[0].here());
  const Node creation = code.call_at(repair.places[1].here());
  if (!call) return {};
  const RemovedByHelper removed = by_helper ? removed_by_helper(code, repair.places[0], call)
                                            : RemovedByHelper{.path = removed_path(call)};
  const Node path = removed.path;
  if (!creation || !path || (path.kind() != Kind::identifier_ && path.kind() != Kind::attribute_)) return {};
  const Node block = code.common_block(repair.places[0].here(), repair.places[1].here());
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

  const Node scope = code.function_at(repair.places[0].here());
  const std::vector<Node> all = mentions(code, scope, path.text());
  const bool object = removed.object || std::any_of(all.begin(), all.end(), [&](Node node) {
                        const Path way = code.way(node);
                        return way.size() > 1 && way[way.size() - 2].kind() == Kind::attribute_ &&
                               node.field() == Field::object_;
                      });
  const std::string temporary = code.fresh_name("temporary");
  const std::string_view indent = text.indent(creating.begin());
  const std::string unit = text.unit(creating.begin());
  const bool single =
      text.all().find('"') == std::string_view::npos && text.all().find('\'') != std::string_view::npos;
  const std::string_view quote = single ? "'" : "\"";

  const std::string name =
      object ? fmt::format("{} = {}.with_name(f{}{{{}.name}}.{{uuid.uuid4().hex}}.tmp{})", temporary,
                           path.text(), quote, path.text(), quote)
             : fmt::format("{} = f{}{{{}}}.{{uuid.uuid4().hex}}.tmp{}", temporary, quote, path.text(), quote);
  std::string rename = fmt::format("os.replace({}, {})", temporary, path.text());
  std::vector<std::string> discard = {"finally:"};
  if (object) {
    discard.push_back(unit + fmt::format("{}.unlink(missing_ok=True)", temporary));
  } else {
    discard.push_back(unit + fmt::format("if os.path.lexists({}):", temporary));
    discard.push_back(unit + unit + fmt::format("os.unlink({})", temporary));
  }
  Edits edits(code.file(), text);
  edits.remove_lines(removal.begin(), removal.end());
  edits.replace(said[0].begin(), said[0].end(), temporary);
  if (tells_of_failure(code, repair.places[1], creating)) {
    // What is not all there must not replace what is.
    edits.insert(creating.begin(), "if ");
    edits.insert(creating.end(), ":");
    rename = unit + rename;
  }
  if (const Node attempt = try_that_recreates(code, block, removal, creating); attempt && last == creating) {
    const std::string_view outer = text.indent(attempt.begin());
    edits.add_lines_before(attempt.begin(), outer, std::array{name});
    edits.add_lines_after(last.end(), indent, std::array{rename});
    std::string handler;
    for (const std::string& line : discard) {
      if (!handler.empty()) handler += text.newline(attempt.begin()) + std::string(outer);
      handler += line;
    }
    edits.replace(attempt.child(Kind::except_clause_).begin(), attempt.end(), std::move(handler));
  } else {
    edits.add_lines_before(creating.begin(), indent, std::array{name, std::string("try:")});
    edits.indent_lines(creating.begin(), last.end(), unit, code.fixed_lines(block));
    std::vector<std::string> after = {unit + rename};
    after.insert(after.end(), discard.begin(), discard.end());
    edits.add_lines_after(last.end(), indent, after);
  }
  const Node helper = by_helper ? call.child(Field::function_) : Node{};
  if (helper.kind() == Kind::identifier_) code.forget_import(edits, helper);
  code.import_module(edits, "os");
  code.import_module(edits, "uuid");
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*taken)}};
}

namespace {

/// What is written where the file is made: `with path.open("x") as out: json.dump(record, out)`, in bytes.
std::string content_made(const Code& code, Node creation) {
  const Path way = code.way(creation);
  for (std::size_t i = way.size() - 1; i-- > 0;) {
    if (way[i].kind() != Kind::with_statement_) continue;
    const Node body = way[i].child(Field::body_);
    const Node target = way[i + 2].kind() == Kind::with_item_
                            ? way[i + 2].first_child().child(Kind::as_pattern_target_)
                            : Node{};
    const Node only = body ? body.first_child() : Node{};
    if (!target || !only || only.past() != body.past()) return "";
    const Node mode = arguments(creation).empty() ? Node{} : arguments(creation).back();
    const bool binary =
        mode && mode.kind() == Kind::string_ && mode.text().find('b') != std::string_view::npos;
    return written_bytes(only, target.first_child().text(), binary, "");
  }
  return "";
}

}  // namespace

Proposals replace_by_library(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file()) || !repair.places[0].through.empty())
    return {};
  if (repair.places[1].range.file != code.file()) return {};
  const Node call = code.call_at(repair.places[0].range);
  const Node calling = code.call_at(repair.places[1].here());
  const Node creation = code.call_at(repair.places[1].range);
  const Node path = call ? removed_path(call) : Node{};
  if (!creation || !calling || !path || path.has_effect() || repair.places[1].through.size() > 1) return {};
  const Node block = code.common_block(repair.places[0].range, repair.places[1].here());
  const Node removal = child_at(block, call.begin(), call.end());
  const Node creating = child_at(block, calling.begin(), calling.end());
  if (!removal || !creating || removal == creating || !only_removes(removal, call)) return {};
  if (!code.owns_lines(removal) || !code.owns_lines(creating)) return {};
  std::string content = content_made(code, creation);
  if (content.empty()) return {};
  if (creation != calling) {
    // The helper's words, in those of its caller.
    const Node helper = code.function_at(repair.places[1].range);
    const Node inner = creating.kind() == Kind::expression_statement_ ? creating.first_child() : Node{};
    if (helper.kind() != Kind::function_definition_ || inner != calling) return {};
    const auto given = given_to(helper, calling);
    if (given.empty()) return {};
    const std::string text = std::move(content);
    content.clear();
    const auto is_word = [](char c) {
      return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    };
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && is_word(text[end])) ++end;
      if (end == at) {
        content += text[at++];
        continue;
      }
      const std::string_view word = std::string_view(text).substr(at, end - at);
      const bool member = at > 0 && text[at - 1] == '.';
      const bool keyword = end < text.size() && text[end] == '=';
      const auto found =
          std::find_if(given.begin(), given.end(), [&](const auto& each) { return each.first == word; });
      content += !member && !keyword && found != given.end() ? found->second.text() : word;
      at = end;
    }
  } else if (creating.kind() != Kind::with_statement_) {
    return {};
  }
  Edits edits(code.file(), code.text());
  const std::string replacement =
      fmt::format("{}replace_file({}, {})", library_prefix(code), path.text(), content);
  if (const Node attempt = try_that_recreates(code, block, removal, creating)) {
    edits.replace(attempt.begin(), attempt.end(), replacement);
  } else {
    edits.remove_lines(removal.begin(), removal.end());
    edits.replace(creating.begin(), creating.end(), replacement);
  }
  code.import_library(edits, {"replace_file"});
  return library_move(edits, "Use lockwright_runtime's replace_file()");
}

}  // namespace lockwright::fixes::python
