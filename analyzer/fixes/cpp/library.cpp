// Moving what is locked by hand to the lock library, lockwright::runtime.
//
// The library's lock on `path` is a flock on `path.lock`. So whoever locks a file of that name by flock
// already may move alone; any other protocol is left behind by all who take part in it in the file at hand,
// or by none: the old and the new do not exclude each other. C has no way to the library: it throws, and its
// holds end with their scope.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "analyzer/fixes/common/listed.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

using findings::Fix;
using Sections = std::vector<std::unique_ptr<Section>>;

bool goes(const Sections& sections, Node node) {
  return std::ranges::any_of(sections, [&](const auto& each) { return each->removes(node); });
}

bool read_one(const Code& code, const source::Range& acquire, Sections& sections) {
  auto section = std::make_unique<Section>(code, acquire);
  if (!section->read()) return false;
  sections.push_back(std::move(section));
  return true;
}

/// Whether the call takes a lock by the kernel.
bool takes_lock(Node call) {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  if (given.size() < 2) return false;
  if (name == "flock") return !has(given[1].text(), "LOCK_UN");
  if (name == "lockf") return given[1].text() == "F_LOCK" || given[1].text() == "F_TLOCK";
  return name == "fcntl" && has(given[1].text(), "SETLK");
}

/// Whether the call makes, looks for or removes a file that may be the lock file at `path`.
bool about_lock_file(const Code& code, Node call, const Section& section) {
  const std::string_view last = last_name(callee(call));
  const bool makes = has(call.text(), "O_EXCL") || last == "mkdir";
  constexpr std::array words = {"unlink", "remove", "rmdir",  "access", "stat",
                                "lstat",  "exists", "rename", "open",   "fopen"};
  const bool looks = std::ranges::find(words, last) != words.end();
  if (!makes && !looks) return false;
  for (const Node each : arguments(call)) {
    if (without_c_str(each) == section.path()) return true;
  }
  // Under another name, perhaps.
  const bool elsewhere = code.function_at({code.file, call.begin(), call.end()}) != section.function();
  return elsewhere && (makes || last == "unlink" || last == "rmdir");
}

/// Adds the sections of all others who take part in the protocol. False: some of them cannot move.
bool add_others(const Code& code, Sections& sections) {
  if (std::ranges::all_of(sections, [](const auto& each) { return each->same_protocol(); })) return true;
  const bool creates = sections.front()->creates();
  std::vector<Node> calls;
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    if (node.kind() != Kind::call_expression_ || goes(sections, node)) return;
    if (creates ? about_lock_file(code, node, *sections.front()) : takes_lock(node)) calls.push_back(node);
  });
  for (const Node call : calls) {
    if (goes(sections, call)) continue;
    Section other(code, {code.file, call.begin(), call.end()});
    if (!other.read() || other.creates() != creates) return false;
    if (!other.same_protocol() && !read_one(code, {code.file, call.begin(), call.end()}, sections))
      return false;
  }
  return true;
}

/// Whether another file speaks of the same lock: by the name of a constant, or a global, that it is called.
bool known_elsewhere(const Code& code, const Section& section) {
  std::string_view root = section.path();
  root = root.substr(0, root.find_first_of(".([ +-"));
  const bool constant =
      !root.empty() &&
      (root[0] == 'k' || std::isupper(static_cast<unsigned char>(root[0])) != 0 || root.starts_with("g_")) &&
      !code.names(section.function(), root).empty();
  if (!constant) return false;
  for (std::size_t i = 0; i < code.files.size(); ++i) {
    const source::FileId id{static_cast<std::uint32_t>(i)};
    const source::SourceFile* file = code.files.get(id);
    if (id == code.file || file == nullptr || !has(file->text(), root)) continue;
    if (has(file->text(), "flock") || has(file->text(), "fcntl") || has(file->text(), "O_EXCL")) return true;
  }
  return false;
}

std::string listed_functions(const Sections& sections) {
  std::vector<std::string> functions;
  for (const auto& each : sections) {
    const std::string_view name = function_name(each->function());
    std::string shown = name.empty() ? "a lambda" : fmt::format("{}()", name);
    if (std::ranges::find(functions, shown) == functions.end()) functions.push_back(std::move(shown));
  }
  return fixes::listed(functions);
}

std::vector<Fix> move_sections(const Code& code, const std::vector<source::Range>& acquires, bool reentrant) {
  Sections sections;
  for (const source::Range& acquire : acquires) {
    if (acquire.file != code.file) return {};
    const bool known =
        std::ranges::any_of(sections, [&](const auto& each) { return each->acquire() == acquire; });
    if (!known && !read_one(code, acquire, sections)) return {};
  }
  if (!add_others(code, sections)) return {};
  if (std::ranges::any_of(
          sections, [&](const auto& each) { return !each->same_protocol() && known_elsewhere(code, *each); }))
    return {};
  Edits edits(code.file, code.text);
  const std::string hold = code.fresh_name("hold");
  std::vector<std::string> headers;
  std::vector<Node> gone;
  bool replaces = false;
  for (const auto& each : sections) {
    if (!each->move(edits, hold, reentrant, headers)) return {};
    replaces |= each->replaces();
  }
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    if (node.kind() == Kind::identifier_ || node.kind() == Kind::type_identifier_) {
      if (goes(sections, node)) gone.push_back(node);
    }
  });
  std::ranges::sort(headers);
  headers.erase(std::unique(headers.begin(), headers.end()), headers.end());
  code.include_library(edits, headers, gone);
  return library_move(edits, fmt::format("Use lockwright::runtime's FileLock{}{}",
                                         replaces ? " and replace_file()" : "", listed_functions(sections)));
}

}  // namespace

std::vector<Fix> move_to_library(const Code& code, const findings::Repair& repair) {
  switch (repair.kind) {
    case findings::RepairKind::truncate_under_lock:
      if (repair.places.size() != 2 || !repair.places[0].through.empty()) return {};
      if (auto moved = move_sections(code, {repair.places[1].here()}, false); !moved.empty()) return moved;
      return move_guard(code, repair.places[1].here());
    case findings::RepairKind::release_in_finally:
      return move_sections(code, {repair.places[0].here()}, false);
    case findings::RepairKind::leave_out_acquire:
      // Both are to know each other, whoever of them comes first.
      if (auto moved = move_sections(code, {repair.places[0].range, repair.places[1].range}, true);
          !moved.empty())
        return moved;
      return repair.places[0].range == repair.places[1].range
                 ? move_wrapper(code, repair.places[0].range, true)
                 : std::vector<Fix>();
    case findings::RepairKind::replace_by_rename: return replace_by_library(code, repair);
    case findings::RepairKind::erase_after_clean_up: return move_registry(code, repair);
    // The lock outlives the function.
    case findings::RepairKind::release_on_failure: return {};
  }
  return {};
}

}  // namespace lockwright::fixes::cpp
