// LW101: do without the second acquire.
//
// Where it is a statement of its own beside the first, it goes. Where it is in a function that is called by
// somebody who holds the lock, that function's other callers need it: what load() does under the lock goes,
// comments and all, into loadUnlocked(), load() becomes the lock around a call of that, and whoever holds the
// lock calls loadUnlocked(). If the file has such a function already, it is called. That the caller holds the
// lock is an agreement from now on: a person has to look.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {
namespace {

using frontends::typescript::has_word;
using frontends::typescript::stripped;

constexpr std::string_view variant_title = "Call a variant that does not lock";
constexpr std::string_view leave_title = "Leave out the second acquire of the lock that is held";

/// A function that locks around the rest of what it does.
struct Locker {
  Node function;
  Node name;
  bool method = false;
  std::vector<Node> before;  ///< its statements before the lock is taken
  Node covered;              ///< what is done under the lock: a block, or an expression
  Node closure;              ///< the function that a helper calls under the lock; none: it is done in a try
  bool returns = false;      ///< it has a result
};

/// `return x`, `await x`, `return await x`, `x`: x, and whether it is returned.
Node result_of(Node statement, bool& returned) {
  returned = statement.kind() == Kind::return_statement_;
  if (!returned && statement.kind() != Kind::expression_statement_) return {};
  Node inner = statement.first_child() ? stripped(statement.first_child()) : Node{};
  if (inner && inner.kind() == Kind::await_expression_) inner = stripped(inner.first_child());
  return inner;
}

bool returns_something(const Code& code, Node block) {
  bool found = false;
  each_node(code.syntax(), block, [&](Node node) {
    if (node.kind() != Kind::return_statement_ || !node.first_child()) return;
    found |= code.function_at({code.file(), node.begin(), node.end()}) ==
             code.function_at({code.file(), block.begin() + 1, block.begin() + 1});
  });
  return found;
}

/// `const handle = await acquire(…); try { … } finally { … }`
bool read_try(const Code& code, const std::vector<Node>& all, std::size_t at, Locker& locker) {
  if (at + 2 != all.size()) return false;
  const Node hold = all.back();
  if (hold.kind() != Kind::try_statement_ || hold.child(Field::handler_) || !hold.child(Field::finalizer_))
    return false;
  locker.covered = hold.child(Field::body_);
  locker.returns = returns_something(code, locker.covered);
  bool needed = false;
  each_node(code.syntax(), all[at], [&](Node node) {
    if (node.kind() != Kind::variable_declarator_) return;
    const Node bound = node.child(Field::name_);
    needed |=
        !bound || bound.kind() != Kind::identifier_ || !code.names(locker.covered, bound.text()).empty();
  });
  return !needed;
}

/// `return withLock(path, async () => { … })`
bool read_helper(const Code& code, Node statement, Node call, Locker& locker) {
  if (result_of(statement, locker.returns) != call) return false;
  const std::vector<Node> given = arguments(call);
  if (given.empty() || given.back().kind() != Kind::arrow_function_) return false;
  locker.closure = given.back();
  const Node parameters = locker.closure.child(Field::parameters_);
  locker.covered = locker.closure.child(Field::body_);
  if (!parameters || parameters.first_child() || locker.closure.child(Field::parameter_) || !locker.covered)
    return false;
  locker.returns |= is_block(locker.covered) && returns_something(code, locker.covered);
  return true;
}

/// The function that takes the lock by the call at `acquire`, if all it does under the lock can stand alone.
bool read_locker(const Code& code, const source::Range& acquire, Locker& locker) {
  const Node call = code.call_at(acquire);
  locker.function = code.function_at(acquire);
  locker.method = locker.function.kind() == Kind::method_definition_;
  if (!call || (!locker.method && locker.function.kind() != Kind::function_declaration_)) return false;
  locker.name = locker.function.child(Field::name_);
  const Node body = locker.function.child(Field::body_);
  if (!locker.name || locker.name.text() == "constructor" || !body || !is_block(body)) return false;
  if (has_word(locker.function, Kind::word_get) || has_word(locker.function, Kind::word_set)) return false;
  const std::vector<Node> all = statements(body);
  const auto at =
      std::ranges::find_if(all, [&](Node each) { return covers(each, call.begin(), call.end()); });
  if (at == all.end()) return false;
  const auto index = static_cast<std::size_t>(at - all.begin());
  const bool helper = index + 1 == all.size() && read_helper(code, *at, call, locker);
  if (!helper && !read_try(code, all, index, locker)) return false;
  locker.before.assign(all.begin(), at);
  bool fine = std::ranges::all_of(all, [&](Node each) { return code.owns_lines(each); });
  for (const Node statement : locker.before) fine &= statement.kind() == Kind::lexical_declaration_;
  each_node(code.syntax(), body, [&](Node node) { fine &= node.kind() != Kind::yield_expression_; });
  return fine;
}

/// "id, path" for a call of the variant; nothing if the parameters are of a kind that is not handed on.
std::optional<std::string> handed_on(Node function) {
  std::string result;
  const Node parameters = function.child(Field::parameters_);
  if (!parameters) return std::nullopt;
  for (const Node parameter : parameters.children()) {
    Node name = parameter;
    if (parameter.kind() == Kind::required_parameter_ || parameter.kind() == Kind::optional_parameter_)
      name = parameter.child(Field::pattern_);
    if (parameter.kind() == Kind::assignment_pattern_) name = parameter.child(Field::left_);
    if (!name || name.kind() != Kind::identifier_) return std::nullopt;
    result += fmt::format("{}{}", result.empty() ? "" : ", ", name.text());
  }
  return result;
}

/// What is done under the lock, as the lines of a function whose statements are indented by `indent`.
std::optional<std::string> covered_lines(const Code& code, const Locker& locker, std::string_view indent) {
  const Text& text = code.text();
  const std::string newline = text.newline(locker.function.begin());
  if (!is_block(locker.covered)) {
    return fmt::format("{}{}{}{}{}", indent, locker.returns ? "return " : "", locker.covered.text(),
                       code.semicolon(), newline);
  }
  const std::size_t begin = text.next_line(locker.covered.begin());
  const std::size_t end = text.line_begin(locker.covered.end() - 1);
  const Node first = locker.covered.first_child();
  if (!first || begin >= end || !text.begins_line(first.begin()) ||
      !text.begins_line(locker.covered.end() - 1))
    return std::nullopt;
  const std::string_view deep = text.indent(first.begin());
  if (!deep.starts_with(indent)) return std::nullopt;
  const std::vector<Span> fixed = code.fixed_lines(locker.covered);
  std::string result;
  for (std::size_t line = begin; line < end; line = text.next_line(line)) {
    const bool inside =
        std::ranges::any_of(fixed, [&](const Span& span) { return span.begin < line && line < span.end; });
    const bool deeper = !inside && text.indent(line).starts_with(deep);
    result += text.part(line + (deeper ? deep.size() - indent.size() : 0), text.next_line(line));
  }
  return result;
}

/// The function without its lock, under another name.
std::optional<std::string> variant_of(const Code& code, const Locker& locker, std::string_view name,
                                      bool exported) {
  const Text& text = code.text();
  const std::string newline = text.newline(locker.function.begin());
  const std::string outer(text.indent(locker.function.begin()));
  const Node body = locker.function.child(Field::body_);
  const std::string indent(text.indent(body.first_child().begin()));
  const auto lines = covered_lines(code, locker, indent);
  if (!lines) return std::nullopt;
  std::string result = fmt::format("{}/** As {}(), for callers that hold the lock. */{}{}{}", outer,
                                   locker.name.text(), newline, outer, exported ? "export " : "");
  std::size_t named = locker.name.begin();
  if (locker.closure && has_word(locker.closure, Kind::word_async) &&
      !has_word(locker.function, Kind::word_async)) {
    // It returned the helper's promise.
    const std::size_t keyword = locker.method ? named : locker.function.begin();
    result += text.part(locker.function.begin(), keyword);
    result += "async ";
    result += text.part(keyword, named);
  } else {
    result += text.part(locker.function.begin(), named);
  }
  result += name;
  result += text.part(locker.name.end(), body.begin() + 1);
  result += newline;
  for (const Node statement : locker.before) {
    bool needed = false;
    each_node(code.syntax(), statement, [&](Node node) {
      if (node.kind() != Kind::variable_declarator_) return;
      each_node(code.syntax(), node.child(Field::name_),
                [&](Node bound) { needed |= !code.names(locker.covered, bound.text()).empty(); });
    });
    if (needed) result += fmt::format("{}{}{}", indent, statement.text(), newline);
  }
  return result + *lines + outer + "}" + newline;
}

bool defines(const Code& code, std::string_view name) {
  bool found = false;
  each_node(code.syntax(), code.root(), [&](Node node) {
    const bool function =
        node.kind() == Kind::function_declaration_ || node.kind() == Kind::method_definition_;
    const Node own = function ? node.child(Field::name_) : Node{};
    found |= own && own.text() == name;
  });
  return found;
}

/// The files that a repair is about, and what it changes in them.
class Files {
 public:
  Files(const Code& own) : own_(own) {}

  const Code& code(source::FileId file) {
    if (file == own_.file()) return own_;
    std::unique_ptr<Code>& code = others_[file];
    if (!code) code = std::make_unique<Code>(own_.files(), file);
    return *code;
  }
  Edits& edits(source::FileId file) {
    return edits_.try_emplace(file, file, code(file).text()).first->second;
  }
  std::optional<std::vector<findings::Edit>> take() {
    std::vector<findings::Edit> result;
    for (auto& [file, edits] : edits_) {
      auto taken = edits.take();
      if (!taken) return std::nullopt;
      result.insert(result.end(), taken->begin(), taken->end());
    }
    return result;
  }

 private:
  const Code& own_;
  std::map<source::FileId, std::unique_ptr<Code>> others_;
  std::map<source::FileId, Edits> edits_;
};

/// load() is taken apart. False: it cannot be said in edits.
bool add_variant(const Code& code, Edits& edits, const Locker& locker, const std::string& name,
                 bool exported) {
  const Text& text = code.text();
  const auto given = handed_on(locker.function);
  const Path way = code.way(locker.function);
  const Node around = way.size() > 1 ? way[way.size() - 2] : Node{};
  const bool is_exported = around.kind() == Kind::export_statement_;
  if (!given || (is_exported && has_word(around, Kind::word_default))) return false;
  if (!locker.method && around.kind() != Kind::program_ && !is_exported) return false;
  const Node whole = is_exported ? around : locker.function;
  const auto variant = variant_of(code, locker, name, exported);
  if (!variant || !code.owns_lines(whole) || text.next_line(whole.end()) == whole.end()) return false;
  const bool asynchronous = has_word(locker.function, Kind::word_async);
  const std::string call = fmt::format("{}{}({})", locker.method ? "this." : "", name, *given);
  if (locker.closure) {
    edits.replace(locker.closure.begin(), locker.closure.end(), fmt::format("() => {}", call));
  } else {
    const Node first = locker.covered.first_child();
    edits.replace(
        text.next_line(locker.covered.begin()), text.line_begin(locker.covered.end() - 1),
        fmt::format("{}{}{}{}{}{}", text.indent(first.begin()), locker.returns ? "return " : "",
                    asynchronous ? "await " : "", call, code.semicolon(), text.newline(first.begin())));
  }
  edits.insert(text.next_line(whole.end()), text.newline(whole.begin()) + *variant);
  return true;
}

/// The caller calls the variant from now on, which is imported where the function itself is.
bool call_other(const Code& code, Edits& edits, Node call, std::string_view old, const std::string& name,
                bool elsewhere) {
  const Node function = call.child(Field::function_);
  const bool member = function.kind() == Kind::member_expression_;
  const Node last = member ? function.child(Field::property_) : function;
  if (!last || last.text() != old) return false;
  edits.replace(last.begin(), last.end(), name);
  return !elsewhere || member || code.import_beside(edits, old, name);
}

Proposals call_variant(const Code& code, const findings::Place& inner) {
  for (std::size_t i = 0; i < inner.through.size(); ++i) {
    const source::Range& calls = inner.through[i];
    const source::Range& acquires = i + 1 < inner.through.size() ? inner.through[i + 1] : inner.range;
    Files files(code);
    if (code.files().get(calls.file) == nullptr || code.files().get(acquires.file) == nullptr) return {};
    const Code& caller = files.code(calls.file);
    const Code& theirs = files.code(acquires.file);
    const Node call = caller.call_at(calls);
    Locker locker;
    if (!call || !read_locker(theirs, acquires, locker)) continue;
    const std::string name = fmt::format("{}Unlocked", locker.name.text());
    const bool elsewhere = calls.file != acquires.file;
    if (!call_other(caller, files.edits(calls.file), call, locker.name.text(), name, elsewhere)) continue;
    if (!defines(theirs, name) &&
        !add_variant(theirs, files.edits(acquires.file), locker, name, elsewhere && !locker.method)) {
      continue;
    }
    auto edits = files.take();
    if (!edits) continue;
    return {{.title = std::string(variant_title),
             .applicability = findings::Applicability::unsafe,
             .edits = std::move(*edits)}};
  }
  return {};
}

/// `flockSync(second, "sh");`
Proposals leave_out(const Code& code, const source::Range& outer, const source::Range& inner) {
  const Node call = code.call_at(inner);
  if (!call || code.function_at(outer) != code.function_at(inner)) return {};
  const std::string_view name = last_name(callee(call));
  const Path way = code.way(call);
  const bool plain = way.size() > 2 && (name == "flockSync" || name == "flock") &&
                     way[way.size() - 2].kind() == Kind::expression_statement_ &&
                     is_block(way[way.size() - 3]);
  if (!plain || !code.owns_lines(way[way.size() - 2])) return {};
  Edits edits(code.file(), code.text());
  edits.remove_lines(way[way.size() - 2].begin(), way[way.size() - 2].end());
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::string(leave_title),
           .applicability = findings::Applicability::unsafe,
           .edits = std::move(*taken)}};
}

}  // namespace

Proposals leave_out_acquire(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2) return {};
  const findings::Place& inner = repair.places[1];
  if (!inner.through.empty()) return call_variant(code, inner);
  if (!all_in(repair, code.file())) return {};
  return leave_out(code, repair.places[0].here(), inner.range);
}

}  // namespace lockwright::fixes::typescript
