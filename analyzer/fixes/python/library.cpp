// Which sections move, and what the file needs for it: the proposal itself.
#include "analyzer/fixes/python/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzer/fixes/common/release_words.h"

namespace lockwright::fixes::python {
namespace {

using Sections = std::vector<std::unique_ptr<Section>>;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool read_one(const Code& code, const source::Range& acquire, Sections& sections) {
  auto section = std::make_unique<Section>(code, acquire);
  if (!section->read()) return false;
  sections.push_back(std::move(section));
  return true;
}

bool covered(const Sections& sections, Node node) {
  return std::ranges::any_of(sections,
                             [&](const auto& each) { return each->covers_range(node.begin(), node.end()); });
}

/// Whether the call takes a kernel lock on what is open, as `model` does.
bool takes_lock(Node call, std::string_view model) {
  const std::string_view last = last_name(callee(call));
  const bool kernel = last == "flock" || last == "lockf";
  return (kernel || callee(call) == model) && !has(call.text(), "LOCK_UN") && !arguments(call).empty();
}

/// Adds the sections of all others who take part in the protocol. False: some of them cannot move.
bool add_others(const Code& code, Sections& sections) {
  const bool creates = sections.front()->creates();
  if (std::ranges::all_of(sections, [](const auto& each) { return each->same_protocol(); })) return true;
  const source::Range& first = sections.front()->acquire();
  const std::string_view model = creates ? std::string_view() : callee(code.call_at(first));
  const std::string_view path = sections.front()->path().text();
  std::vector<Node> calls;
  bool fine = true;
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (node.kind() != Kind::call_ || covered(sections, node)) return;
    if (!creates) {
      if (!takes_lock(node, model)) return;
      // In the function by which the others lock.
      const Node function = code.function_at({code.file(), node.begin(), node.end()});
      const Node own = function.kind() == Kind::function_definition_ ? function.child(Field::name_) : Node{};
      if (!own || own.text() != last_name(model)) calls.push_back(node);
      return;
    }
    // Whoever makes, looks at or removes a lock file of this name.
    const Node object = node.child(Field::function_).child(Field::object_);
    const std::vector<Node> given = arguments(node);
    const bool about = (object && object.text() == path) ||
                       std::ranges::any_of(given, [&](Node each) { return each.text() == path; });
    if (!about) return;
    const Node function = code.function_at({code.file(), node.begin(), node.end()});
    const bool elsewhere = function != sections.front()->function();
    const bool looks =
        has(callee(node), "exists") || has(callee(node), "unlink") || has(callee(node), "remove") ||
        has(callee(node), "open") || has(callee(node), "read") || has(callee(node), "stat") ||
        has(callee(node), "getmtime") || has(callee(node), "mkdir") || has(callee(node), "rmdir");
    if (looks) (elsewhere ? calls : calls).push_back(node);
  });
  for (const Node call : calls) {
    if (covered(sections, call)) continue;
    Section other(code, {code.file(), call.begin(), call.end()});
    if (!other.read()) {
      fine = false;
      break;
    }
    if (other.creates() != creates || other.same_protocol()) continue;
    if (!read_one(code, {code.file(), call.begin(), call.end()}, sections)) return false;
  }
  return fine;
}

/// Whether another file speaks of the same lock: by the name of a global that this file has it in.
bool known_elsewhere(const Code& code, const Section& section) {
  std::string_view root = section.path().text();
  root = root.substr(0, root.find_first_of(".([ +"));
  const bool global = !root.empty() && std::ranges::all_of(root, [](char c) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  if (!global) return false;
  const source::FileTable& files = code.files();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const source::FileId id{static_cast<std::uint32_t>(i)};
    const source::SourceFile* file = files.get(id);
    if (id != code.file() && file != nullptr && has(file->text(), root) && has(file->text(), "lock"))
      return true;
  }
  return false;
}

/// `import fcntl`, when all that used it is gone.
std::vector<Node> idle_imports(const Code& code, const Sections& sections) {
  std::vector<Node> result;
  each_node(code.syntax(), code.root(), [&](Node statement) {
    if (statement.kind() != Kind::import_statement_ || !code.owns_lines(statement)) return;
    const Node name = statement.first_child();
    const bool gone = std::ranges::any_of(
        sections, [&](const auto& each) { return each->removes(statement.begin(), statement.end()); });
    if (!name || name.past() != statement.past() || name.kind() != Kind::dotted_name_ ||
        has(name.text(), ".") || gone)
      return;
    const Path way = code.way(statement);
    if (!is_block(way[way.size() - 2]) ||
        way[way.size() - 2].first_child().past() == way[way.size() - 2].past())
      return;
    std::size_t uses = 0;
    bool needed = false;
    for (const Node use : code.names(code.root(), name.text())) {
      if (covers(statement, use.begin(), use.end())) continue;
      const Path around = code.way(use);
      const bool imports =
          std::ranges::any_of(around, [](Node each) { return each.kind() == Kind::import_statement_; });
      if (imports) continue;
      ++uses;
      needed |= std::ranges::none_of(sections,
                                     [&](const auto& each) { return each->removes(use.begin(), use.end()); });
    }
    if (uses == 0 || needed) return;
    result.push_back(statement);
  });
  return result;
}

std::string listed(const Sections& sections) {
  std::vector<std::string> functions;
  for (const auto& each : sections) {
    const Node function = each->function();
    const Node name = function.kind() == Kind::function_definition_ ? function.child(Field::name_) : Node{};
    std::string shown = name ? fmt::format("{}()", name.text()) : "the module";
    if (std::ranges::find(functions, shown) == functions.end()) functions.push_back(std::move(shown));
  }
  if (functions.size() < 2) return "";
  std::string result = " in ";
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (i > 0) result += i + 1 == functions.size() ? " and " : ", ";
    result += functions[i];
  }
  return result;
}

Proposals move_sections(const Code& code, const std::vector<source::Range>& acquires,
                        const LockOptions& options) {
  Sections sections;
  for (const source::Range& acquire : acquires) {
    if (acquire.file != code.file()) return {};
    const bool known =
        std::ranges::any_of(sections, [&](const auto& each) { return each->acquire() == acquire; });
    if (!known && !read_one(code, acquire, sections)) return {};
  }
  if (!add_others(code, sections)) return {};
  for (const auto& each : sections) {
    if (known_elsewhere(code, *each) && !each->same_protocol()) return {};
  }
  Edits edits(code.file(), code.text());
  std::vector<std::string> names;
  std::vector<std::string> modules;
  for (const auto& each : sections) {
    if (!each->move(edits, options, names, modules)) return {};
  }
  const std::vector<Node> idle = idle_imports(code, sections);
  for (const std::string& module : modules) code.import_module(edits, module);
  code.import_library(edits, names, idle);
  auto taken = edits.take();
  if (!taken) return {};
  const bool replaces = std::ranges::find(names, "replace_file") != names.end();
  return {{.title = fmt::format("Use lockwright_runtime's FileLock{}{}",
                                replaces ? " and replace_file()" : "", listed(sections)),
           .applicability = findings::Applicability::unsafe,
           .edits = std::move(*taken)}};
}

}  // namespace

Proposals move_to_library(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  switch (repair.kind) {
    case findings::RepairKind::truncate_under_lock:
      if (repair.places.size() != 2 || !repair.places[0].through.empty()) return {};
      return move_sections(code, {repair.places[1].here()}, {});
    case findings::RepairKind::release_in_finally: return move_sections(code, {repair.places[0].here()}, {});
    case findings::RepairKind::leave_out_acquire:
      // Both are to know each other, whoever of them comes first.
      return move_sections(code, {repair.places[0].range, repair.places[1].range}, {.reentrant = true});
    case findings::RepairKind::replace_by_rename: return replace_by_library(code, finding);
    // A registry of locks is more than one function's business.
    case findings::RepairKind::erase_after_clean_up: return {};
  }
  return {};
}

}  // namespace lockwright::fixes::python
