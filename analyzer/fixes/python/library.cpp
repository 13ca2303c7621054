// Which sections move, and what the file needs for it: the proposal itself.
#include "analyzer/fixes/python/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzer/fixes/common/listed.h"
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

/// Whether the call is one of those that go when the sections move.
bool goes(const Sections& sections, Node call) {
  return std::ranges::any_of(sections,
                             [&](const auto& each) { return each->removes(call.begin(), call.end()); });
}

/// Whether the call takes a kernel lock on what is open, as `model` does.
bool takes_lock(Node call, std::string_view model) {
  const std::string_view last = last_name(callee(call));
  const bool kernel = last == "flock" || last == "lockf";
  return (kernel || callee(call) == model) && !has(call.text(), "LOCK_UN") && !arguments(call).empty();
}

/// Whether yet another file locks by the function `name`, which some file of the program defines.
bool serves_others(const Code& code, std::string_view name) {
  const std::string call = fmt::format("{}(", name);
  const std::string definition = fmt::format("def {}(", name);
  const source::FileTable& files = code.files();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const source::FileId id{static_cast<std::uint32_t>(i)};
    const source::SourceFile* file = files.get(id);
    if (id != code.file() && file != nullptr && has(file->text(), call) && !has(file->text(), definition))
      return true;
  }
  return false;
}

/// Adds the sections of all others who take part in the protocol. False: some of them cannot move.
bool add_others(const Code& code, Sections& sections) {
  const bool creates = sections.front()->creates();
  if (std::ranges::all_of(sections, [](const auto& each) { return each->same_protocol(); })) return true;
  const source::Range& first = sections.front()->acquire();
  const std::string_view model = creates ? std::string_view() : callee(code.call_at(first));
  const std::string_view path = sections.front()->path().text();
  if (!model.empty() && last_name(model) != "flock" && last_name(model) != "lockf" &&
      model.find('.') == std::string_view::npos && serves_others(code, model)) {
    return false;
  }
  std::vector<Node> calls;
  bool fine = true;
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (node.kind() != Kind::call_ || goes(sections, node)) return;
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
    const bool looks =
        has(callee(node), "exists") || has(callee(node), "unlink") || has(callee(node), "remove") ||
        has(callee(node), "open") || has(callee(node), "read") || has(callee(node), "stat") ||
        has(callee(node), "getmtime") || has(callee(node), "mkdir") || has(callee(node), "rmdir");
    if (looks) calls.push_back(node);
  });
  for (const Node call : calls) {
    if (goes(sections, call)) continue;
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

/// Whether somebody waits for the error that making the lock file ends in when there is one: the library's is
/// another.
bool refusal_is_handled(const Code& code, const Section& section) {
  if (!section.refuses_otherwise()) return false;
  for (const Node name : code.names(code.root(), "FileExistsError")) {
    if (!section.removes(name.begin(), name.end())) return true;
  }
  const Node function = section.function();
  const Node called = function.kind() == Kind::function_definition_ ? function.child(Field::name_) : Node{};
  const source::FileTable& files = code.files();
  for (std::size_t i = 0; called && i < files.size(); ++i) {
    const source::FileId id{static_cast<std::uint32_t>(i)};
    const source::SourceFile* file = files.get(id);
    if (id != code.file() && file != nullptr && has(file->text(), "FileExistsError") &&
        has(file->text(), called.text()))
      return true;
  }
  return false;
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

std::string listed_functions(const Sections& sections) {
  std::vector<std::string> functions;
  for (const auto& each : sections) {
    const Node function = each->function();
    const Node name = function.kind() == Kind::function_definition_ ? function.child(Field::name_) : Node{};
    std::string shown = name ? fmt::format("{}()", name.text()) : "the module";
    if (std::ranges::find(functions, shown) == functions.end()) functions.push_back(std::move(shown));
  }
  return fixes::listed(functions);
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
    if (refusal_is_handled(code, *each)) return {};
  }
  Edits edits(code.file(), code.text());
  std::vector<std::string> names;
  std::vector<std::string> modules;
  for (const auto& each : sections) {
    if (!each->move(edits, options, names, modules)) return {};
  }
  const std::vector<Node> idle = idle_imports(code, [&](Node node) {
    return std::ranges::any_of(sections,
                               [&](const auto& each) { return each->removes(node.begin(), node.end()); });
  });
  code.import_library(edits, names, idle, modules);
  const bool replaces = std::ranges::find(names, "replace_file") != names.end();
  return library_move(edits, fmt::format("Use lockwright_runtime's FileLock{}{}",
                                         replaces ? " and replace_file()" : "", listed_functions(sections)));
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
      if (Proposals moved =
              move_sections(code, {repair.places[0].range, repair.places[1].range}, {.reentrant = true});
          !moved.empty())
        return moved;
      return repair.places[0].range == repair.places[1].range ? move_helpers(code, repair.places[0].range)
                                                              : Proposals();
    case findings::RepairKind::replace_by_rename: return replace_by_library(code, finding);
    case findings::RepairKind::erase_after_clean_up: return move_registry(code, finding);
    // The lock outlives the function.
    case findings::RepairKind::release_on_failure: return {};
  }
  return {};
}

}  // namespace lockwright::fixes::python
