// Collecting what is read from files and written to them, with the locks held meanwhile.
#include "rules/state_file.h"

#include <algorithm>

#include "rules/judgement.h"
#include "rules/protocol.h"

namespace lockwright::rules {

using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;

namespace {

/// The step that acquired the oldest of the locks between processes that are held now.
std::size_t oldest_lock(const Analysis& analysis, const FunctionPaths& function, const paths::Path& path,
                        const paths::HeldLocks& held) {
  std::size_t oldest = Access::nowhere;
  for (const paths::HeldLock& lock : held.now()) {
    const bool counts = lock.mechanism != Mechanism::mutex &&
                        (lock.mechanism != Mechanism::lock_file ||
                         analysis.is_lock_file(*function.function, path, lock.acquired));
    if (counts) oldest = std::min(oldest, lock.acquired);
  }
  return oldest;
}

/// Whether the write at `step` goes over what the file held: it was emptied, or opened for changing it. What
/// is added to the end of a file takes nothing away.
bool overwrites(const paths::Path& path, std::size_t step) {
  const Operation& write = path.steps[step].operation;
  bool opened = false;
  bool over = false;
  for (std::size_t index = 0; index < step; ++index) {
    const Operation& operation = path.steps[index].operation;
    const bool same = write.handle != Term::none && operation.handle == write.handle;
    if (!same) continue;
    if (operation.kind == OperationKind::open) {
      opened = true;
      over = operation.truncate || (operation.writable && !operation.create);
    }
    if (operation.kind == OperationKind::truncate) over = true;
  }
  return opened ? over : write.handle == Term::none;
}

/// What this path has written to `file` before `step`; none: it does not say.
Term written_to(const paths::Path& path, Term file, std::size_t step) {
  Term result = Term::none;
  for (std::size_t index = 0; index < step; ++index) {
    const Operation& operation = path.steps[index].operation;
    if (operation.kind == OperationKind::write && operation.file == file) result = operation.value;
  }
  return result;
}

}  // namespace

const std::string& StateFiles::name_of(const FunctionPaths& function, Term file) {
  const auto key = std::make_pair(&function, file);
  const auto known = names_.find(key);
  if (known != names_.end()) return known->second;
  const bool is_lock = analysis_.is_called_lock(*function.function, file) ||
                       analysis_.is_called_pid_file(*function.function, file);
  std::string name = is_lock ? std::string() : lock_name(analysis_, function, file);
  // Many keep a "session.json" somewhere: unless the name begins with a field or a global, or is absolute, it
  // is one file only within a module.
  const bool anchored =
      name.empty() || name[0] == '<' || name[0] == '/' || name.find('|') != std::string::npos;
  if (!anchored) name = analysis_.program().module_of(function.id).name + "|" + name;
  return names_.emplace(key, std::move(name)).first->second;
}

/// A file's name with the fields in which the path leaves the parameters that it is made of: in all other
/// functions that is what it is called.
Term StateFiles::as_kept(const paths::Path& path, Term file) const {
  constexpr ir::TermKinds parameters = ir::kinds_of(TermKind::param);
  ir::TermTable& terms = analysis_.terms();
  return terms.rewrite(file, parameters, [&](Term part) {
    if (terms.kind(part) != TermKind::param) return part;
    for (const auto& [place, value] : path.effects) {
      if (value == part && terms.kind(place) == TermKind::field &&
          terms.kind(terms.operands(place)[0]) == TermKind::self) {
        return place;
      }
    }
    return part;
  });
}

StateFiles::StateFiles(const Analysis& analysis) : analysis_(analysis) {
  for (const FunctionPaths& function : analysis.functions()) {
    for (const paths::Path& path : function.summary->paths) add(function, path);
  }
}

void StateFiles::add(const FunctionPaths& function, const paths::Path& path) {
  paths::HeldLocks held(path.steps);
  for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
    const paths::Step& step = path.steps[index];
    const Operation& operation = step.operation;
    if (operation.refused || step.detached) continue;
    Access access;
    access.function = &function;
    access.path = &path;
    access.step = index;
    Term file = operation.file;
    switch (operation.kind) {
      case OperationKind::read: break;
      case OperationKind::write:
        if (!overwrites(path, index)) continue;
        access.writes = true;
        access.value = operation.value;
        break;
      case OperationKind::rename:
        file = operation.other;
        access.writes = access.replaces = true;
        access.value = written_to(path, operation.file, index);
        break;
      case OperationKind::open:
      case OperationKind::truncate:
        if (operation.kind == OperationKind::open && (!operation.truncate || operation.exclusive)) continue;
        access.writes = true;
        break;
      default: continue;
    }
    if (file == Term::none || is_made_unique(analysis_.terms(), path, file)) continue;
    const std::string& name = name_of(function, as_kept(path, file));
    access.lock = oldest_lock(analysis_, function, path, held);
    if (access.lock != Access::nowhere || name.empty()) guarded_.insert(step.range);
    if (name.empty()) continue;
    StateFile& state = files_[name];
    (access.writes ? state.writes : state.reads).push_back(access);
  }
}

std::vector<std::vector<const Access*>> by_place(const std::vector<Access>& accesses) {
  std::map<source::Range, std::vector<const Access*>> places;
  for (const Access& access : accesses) places[access.at().range].push_back(&access);
  std::vector<std::vector<const Access*>> result;
  for (auto& [range, all] : places) {
    const bool seen_from_outside =
        std::any_of(all.begin(), all.end(), [](const Access* each) { return !each->function->has_callers; });
    if (seen_from_outside) std::erase_if(all, [](const Access* each) { return each->function->has_callers; });
    result.push_back(std::move(all));
  }
  return result;
}

bool is_constant(const ir::TermTable& terms, Term value) {
  const auto all = [&](std::span<const Term> parts) {
    return std::all_of(parts.begin(), parts.end(), [&](Term part) { return is_constant(terms, part); });
  };
  switch (terms.kind(value)) {
    case TermKind::string:
    case TermKind::integer:
    case TermKind::boolean:
    case TermKind::null: return true;
    case TermKind::concat:
    case TermKind::keyword: return all(terms.operands(value));
    case TermKind::make: return all(terms.operands(value).subspan(1));
    case TermKind::apply:
      return terms.kind(terms.operands(value)[0]) == TermKind::global &&
             all(terms.operands(value).subspan(1));
    default: return false;
  }
}

}  // namespace lockwright::rules
