// Moving what is locked by hand to the lock library, @lockwright/runtime.
//
// The library's lock on `path` is a flock on `path.lock`. A section whose lock is something else moves only
// when nothing else in its file seems to take part in the old protocol.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "analyzer/fixes/typescript/section.h"

namespace lockwright::fixes::typescript {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

using Sections = std::vector<std::unique_ptr<Section>>;

bool removed(const Sections& sections, Node node) {
  return std::ranges::any_of(sections, [&](const auto& each) { return each->removes(node); });
}

/// Whether code that stays behind takes part in the section's protocol, as far as its words tell.
bool others_take_part(const Code& code, const Section& section, const Sections& sections) {
  if (section.same_protocol()) return false;
  bool found = false;
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (removed(sections, node)) return;
    if (node.kind() == Kind::call_expression_ && !section.creates()) {
      const std::string_view last = last_name(callee(node));
      found |= section.of_package()
                   ? last == "lock" || last == "lockSync" || last == "check" || last == "unlock"
                   : last == "flock" || last == "flockSync" || last == "waitForLock" || last == "tryLock";
    }
    const bool text = node.kind() == Kind::string_ || node.kind() == Kind::template_string_;
    if (text && section.creates() && !section.ending().empty())
      found |= has(node.text(), section.ending() + node.text().back());
  });
  if (found || !section.creates() || !section.ending().empty()) return found;
  // The name comes from outside: whoever else in this file makes or removes files by such a name.
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (node.kind() != Kind::call_expression_ || removed(sections, node)) return;
    const bool elsewhere = code.function_at({code.file(), node.begin(), node.end()}) != section.function();
    const std::string_view last = last_name(callee(node));
    found |= elsewhere && (last.starts_with("unlink") || last.starts_with("rm") || has(node.text(), "wx"));
  });
  return found;
}

/// Whether another file locks by the same package: it is not moved along.
bool others_use_package(const Code& code, const Section& section) {
  const source::FileTable& files = code.files();
  for (std::size_t i = 0; section.of_package() && i < files.size(); ++i) {
    const source::FileId id{static_cast<std::uint32_t>(i)};
    const source::SourceFile* file = files.get(id);
    if (id != code.file() && file != nullptr && has(file->text(), "proper-lockfile")) return true;
  }
  return false;
}

/// Whether somebody in this file waits for the error by which the old lock is refused: the library's is
/// another.
bool refusal_is_handled(const Code& code, const Section& section, const Sections& sections) {
  const std::string_view refusal = section.refusal();
  bool found = false;
  each_node(code.syntax(), code.root(), [&](Node node) {
    found |= !refusal.empty() && node.kind() == Kind::string_ && node.text().size() == refusal.size() + 2 &&
             has(node.text(), refusal) && !removed(sections, node);
  });
  return found;
}

/// Adds the sections of all others in the file that lock by the package. False: one of them cannot move.
bool add_others(const Code& code, Sections& sections) {
  std::vector<Node> calls;
  each_node(code.syntax(), code.root(), [&](Node node) {
    if (node.kind() != Kind::call_expression_) return;
    if (last_name(callee(node)) != "lock" && last_name(callee(node)) != "lockSync") return;
    const bool known = std::ranges::any_of(sections, [&](const auto& each) {
      return covers(node, each->acquire().begin, each->acquire().end) ||
             each->acquire().begin == node.begin();
    });
    if (!known && !removed(sections, node)) calls.push_back(node);
  });
  for (const Node call : calls) {
    sections.push_back(std::make_unique<Section>(code, source::Range{code.file(), call.begin(), call.end()}));
    if (!sections.back()->read()) return false;
  }
  return true;
}

/// LW201: the removal and the creation become one replacement.
Proposals replace_by_library(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file()) || !repair.places[0].through.empty() ||
      !repair.places[1].through.empty()) {
    return {};
  }
  const Node removal = code.call_at(repair.places[0].range);
  const Node creation = code.call_at(repair.places[1].range);
  const Node function = code.function_at(repair.places[0].range);
  if (!removal || !creation) return {};
  const bool synchronous = !frontends::typescript::has_word(function, Kind::word_async);
  const std::string replace = synchronous ? "replaceFileSync" : "replaceFile";
  const std::vector<Node> removed = arguments(removal);
  const std::vector<Node> made = arguments(creation);
  if (removed.empty() || made.size() < 2 || made[0].text() != removed[0].text() || made[0].has_effect())
    return {};
  const std::string_view name = last_name(callee(creation));
  if (name != "writeFile" && name != "writeFileSync") return {};
  const Node block = code.common_block(repair.places[0].range, repair.places[1].range);
  const Node removing = child_at(block, removal.begin(), removal.end());
  const Node creating = child_at(block, creation.begin(), creation.end());
  const auto plain = [&](Node statement, Node call) {
    if (!statement || statement.kind() != Kind::expression_statement_) return false;
    const Node inner = frontends::typescript::stripped(statement.first_child());
    const bool waits = inner.kind() == Kind::await_expression_ && inner.first_child() == call;
    return code.owns_lines(statement) &&
           (waits || (inner == call && last_name(callee(call)).ends_with("Sync")));
  };
  if (removing == creating || !plain(removing, removal) || !plain(creating, creation)) return {};
  Edits edits(code.file(), code.text());
  edits.remove_lines(removing.begin(), removing.end());
  edits.replace(creating.begin(), creating.end(),
                fmt::format("{}{}({}, {}){}", synchronous ? "" : "await ", replace, made[0].text(),
                            made[1].text(), code.semicolon()));
  if (code.syntax().symbol(replace) != frontends::Symbol::none) return {};
  if (!code.import_library(edits, {replace})) return {};
  return library_move(edits, fmt::format("Use @lockwright/runtime's {}()", replace));
}

Proposals move_sections(const Code& code, const std::vector<source::Range>& acquires, bool reentrant) {
  Sections sections;
  for (const source::Range& acquire : acquires) {
    if (acquire.file != code.file()) return {};
    if (std::ranges::any_of(sections, [&](const auto& each) { return each->acquire() == acquire; })) continue;
    sections.push_back(std::make_unique<Section>(code, acquire));
    if (!sections.back()->read()) return {};
  }
  if (!sections.empty() && sections.front()->of_package() && !add_others(code, sections)) return {};
  std::vector<std::string> names = {"FileLock"};
  for (const auto& each : sections) {
    if (others_take_part(code, *each, sections) || others_use_package(code, *each) ||
        refusal_is_handled(code, *each, sections)) {
      return {};
    }
    const std::string replace = each->synchronous() ? "replaceFileSync" : "replaceFile";
    if (each->replaces() && std::ranges::find(names, replace) == names.end()) names.push_back(replace);
  }
  const bool taken_name =
      code.syntax().symbol("FileLock") != frontends::Symbol::none && !code.imports_library("FileLock");
  const bool taken_replace = std::any_of(names.begin() + 1, names.end(), [&](const std::string& name) {
    return code.syntax().symbol(name) != frontends::Symbol::none;
  });
  if (taken_name || taken_replace) return {};
  Edits edits(code.file(), code.text());
  const std::string hold = code.fresh_name("hold");
  for (const auto& each : sections) {
    if (!each->move(edits, hold, reentrant)) return {};
  }
  remove_idle_imports(code, edits, [&](Node node) { return removed(sections, node); });
  std::string also;
  for (std::size_t i = 1; i < names.size(); ++i) also += fmt::format(" and {}()", names[i]);
  if (!code.import_library(edits, names)) return {};
  return library_move(edits, fmt::format("Use @lockwright/runtime's FileLock{}", also));
}

}  // namespace

void remove_idle_imports(const Code& code, Edits& edits, const std::function<bool(Node)>& goes) {
  for (const Node statement : code.root().children()) {
    if (statement.kind() != Kind::import_statement_ || !code.owns_lines(statement)) continue;
    bool used = false;
    bool needed = false;
    each_node(code.syntax(), statement, [&](Node name) {
      if (name.kind() != Kind::identifier_) return;
      for (const Node use : code.names(code.root(), name.text())) {
        if (covers(statement, use.begin(), use.end())) continue;
        used = true;
        needed |= !goes(use);
      }
      // A type that is named is in no tree.
      std::size_t mentions = 0;
      for (std::size_t at = code.text().all().find(name.text()); at != std::string_view::npos;
           at = code.text().all().find(name.text(), at + 1)) {
        ++mentions;
      }
      needed |= mentions > 1 + code.names(code.root(), name.text()).size();
    });
    if (used && !needed) edits.remove_lines(statement.begin(), statement.end());
  }
}

Proposals move_to_library(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  switch (repair.kind) {
    case findings::RepairKind::truncate_under_lock:
      if (repair.places.size() != 2 || !repair.places[0].through.empty()) return {};
      return move_sections(code, {repair.places[1].here()}, false);
    case findings::RepairKind::release_in_finally:
      return move_sections(code, {repair.places[0].here()}, false);
    case findings::RepairKind::replace_by_rename: return replace_by_library(code, finding);
    case findings::RepairKind::leave_out_acquire:
      // Both are to know each other, whoever of them comes first.
      return move_sections(code, {repair.places[0].range, repair.places[1].range}, true);
    case findings::RepairKind::erase_after_clean_up: return move_registry(code, finding);
    // The lock outlives the function.
    case findings::RepairKind::release_on_failure: return {};
  }
  return {};
}

}  // namespace lockwright::fixes::typescript
