// LW302: the registry entry of a held lock is erased, and the lock itself is given up only after a point
// where others may run: an acquirer that asks the registry in between finds nobody, and a lock that is still
// there.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace lockwright::rules {
namespace {

using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::Path;
using paths::Step;

constexpr int weaknesses[] = {362, 367};  // race condition; time-of-check to time-of-use

bool takes_file_lock(const Step& step) {
  const Mechanism mechanism = lock_attempt(step);
  return mechanism != Mechanism::none && mechanism != Mechanism::mutex && !step.operation.refused;
}

/// A map of held locks: filled and asked by functions that take file locks.
struct Registry {
  bool filled = false;
  bool asked = false;
  bool is_cache = true;               ///< of what is read from files: all that is put into it is data
  std::set<std::string_view> fields;  ///< of its entries: those that hold the lock's handle or file
  std::set<std::string> variables;    ///< that acquirers share with closures, and hold the same
};
using Registries = std::map<std::string, Registry>;

/// The fields of `entry`, and the variables shared with closures, in which the path keeps what one of its
/// locks is known by.
void collect_lock_fields(const Analysis& analysis, const FunctionPaths& function, const Path& path,
                         Term entry, Registry& registry) {
  const ir::TermTable& terms = analysis.terms();
  std::set<std::string_view>& fields = registry.fields;
  std::set<Term> locks;
  for (const Step& step : path.steps) {
    if (takes_file_lock(step)) locks.insert({step.operation.handle, lock_file_of(step)});
  }
  locks.erase(Term::none);
  if (terms.kind(entry) == TermKind::make) {
    for (const Term operand : terms.operands(entry)) {
      if (terms.kind(operand) == TermKind::keyword && locks.contains(terms.operands(operand)[0]))
        fields.insert(terms.text(operand));
    }
  }
  for (const auto& [place, value] : path.effects) {
    if (terms.kind(place) == TermKind::field && terms.operands(place)[0] == entry && locks.contains(value))
      fields.insert(terms.text(place));
    const bool shared =
        terms.kind(place) == TermKind::field && terms.kind(terms.operands(place)[0]) == TermKind::activation;
    if (shared && locks.contains(value)) registry.variables.insert(analysis.place(*function.function, place));
  }
}

/// Whether an entry is a record of data: it has named members, none of them called like what a lock is held
/// by, and at least one whose value is given or computed, not a constant, the key, or made by this path (a
/// handle, the time).
bool is_data(const ir::TermTable& terms, const Operation& insert) {
  if (terms.kind(insert.value) != TermKind::make) return false;
  static constexpr std::array handles = {"handle", "fd",     "file", "release",
                                         "owner",  "holder", "pid",  "token"};
  bool result = false;
  for (const Term operand : terms.operands(insert.value)) {
    if (terms.kind(operand) == TermKind::global && speaks_of_locks(terms.text(operand))) return false;
    if (terms.kind(operand) != TermKind::keyword) continue;
    const std::string_view name = terms.text(operand);
    if (speaks_of_locks(name) || std::ranges::find(handles, name) != handles.end()) return false;
    const Term value = terms.operands(operand)[0];
    static constexpr ir::TermKinds plain =
        ir::kinds_of(TermKind::string, TermKind::integer, TermKind::boolean, TermKind::null, TermKind::fresh,
                     TermKind::global);
    result |= (ir::kinds_of(terms.kind(value)) & plain) == 0 && value != insert.key;
  }
  return result;
}

/// The registries of the program that hold locks and that acquirers ask, by place.
Registries lock_registries(const Analysis& analysis) {
  Registries result;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      if (std::none_of(path.steps.begin(), path.steps.end(), takes_file_lock)) continue;
      for (const Step& step : path.steps) {
        const OperationKind kind = step.operation.kind;
        if (kind != OperationKind::insert && kind != OperationKind::look_up) continue;
        const std::string place = analysis.place(*function.function, step.operation.handle);
        if (place.empty()) continue;
        Registry& registry = result[place];
        (kind == OperationKind::insert ? registry.filled : registry.asked) = true;
        if (kind == OperationKind::insert) {
          collect_lock_fields(analysis, function, path, step.operation.value, registry);
          registry.is_cache &= is_data(analysis.terms(), step.operation);
        }
      }
    }
  }
  std::erase_if(result, [](const auto& each) {
    const Registry& registry = each.second;
    const bool holds_locks = !registry.fields.empty() || !registry.variables.empty();
    return !registry.filled || !registry.asked || (registry.is_cache && !holds_locks);
  });
  return result;
}

/// Whether they are of two elements of one sequence, `s[0][k]` and `s[1][v]`: what a loop over the entries
/// gets in two turns.
bool of_two_turns(const ir::TermTable& terms, Term left, Term right) {
  // The part of a value that a turn's element is, with its sequence and its number.
  struct Turn {
    Term sequence = Term::none;
    std::int64_t number = 0;
  };
  const auto turn_of = [&](Term term) {
    while (terms.kind(term) == TermKind::field || terms.kind(term) == TermKind::index) {
      const Term base = terms.operands(term)[0];
      const bool member = terms.kind(term) == TermKind::index && terms.kind(base) == TermKind::index;
      const Term number = member ? terms.operands(base)[1] : Term::none;
      if (terms.kind(number) == TermKind::integer) return Turn{terms.operands(base)[0], terms.number(number)};
      term = base;
    }
    return Turn{};
  };
  const Turn one = turn_of(left);
  const Turn other = turn_of(right);
  return one.sequence != Term::none && one.sequence == other.sequence && terms.definite(one.sequence) &&
         one.number != other.number;
}

/// Whether the entry is made again: who asks finds it, and what comes after belongs to it.
bool is_made_again(const Step& step, const Operation& erase) {
  return step.operation.kind == OperationKind::insert && step.operation.handle == erase.handle &&
         step.operation.key == erase.key;
}

/// Whether `step` gives up what was opened only after the entry was erased.
bool is_opened_since(const Path& path, std::size_t erased, std::size_t index) {
  const Term handle = path.steps[index].operation.handle;
  const auto opens = [&](const Step& step) {
    return step.operation.kind == OperationKind::open && step.operation.handle == handle;
  };
  return handle != Term::none && std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(erased),
                                             path.steps.begin() + static_cast<std::ptrdiff_t>(index), opens);
}

/// Gives up the lock of the erased entry: acts on what the entry held, on what all entries hold their locks
/// by, or on the file of its key.
bool cleans_up(const Analysis& analysis, const FunctionPaths& function, const Registry& registry,
               const Step& step, Term entry, Term key) {
  const ir::TermTable& terms = analysis.terms();
  const Operation& operation = step.operation;
  const bool gives_up = operation.kind == OperationKind::close || operation.kind == OperationKind::unlink ||
                        (operation.kind == OperationKind::release && operation.mechanism != Mechanism::mutex);
  if (!gives_up || operation.refused) return false;
  const auto of_entry = [&](Term term) {
    if (term == Term::none || of_two_turns(terms, key, term)) return false;
    if (terms.kind(term) == TermKind::field && registry.fields.contains(terms.text(term))) return true;
    const bool captured =
        terms.kind(term) == TermKind::field && terms.kind(terms.operands(term)[0]) == TermKind::frame;
    if (captured && registry.variables.contains(analysis.place(*function.function, term))) return true;
    return terms.contains(term, entry) || (terms.definite(key) && terms.contains(term, key));
  };
  return of_entry(operation.handle) || of_entry(operation.file);
}

/// What gives up the lock whose entry `erased` erases, on all paths of the function, each place once.
std::vector<const Step*> clean_ups(const Analysis& analysis, const FunctionPaths& function,
                                   const Registry& registry, const Step& erased) {
  std::vector<const Step*> result;
  for (const Path& path : function.summary->paths) {
    const Operation* erase = nullptr;
    std::size_t erased_at = 0;
    Term entry = Term::none;
    for (std::size_t index = 0; index < path.steps.size(); ++index) {
      const Step& step = path.steps[index];
      if (step.operation.kind == OperationKind::erase && step.range == erased.range &&
          step.operation.key != Term::none) {
        erase = &step.operation;
        erased_at = index;
        entry = analysis.terms().index(erase->handle, erase->key);
      }
      if (erase != nullptr && is_made_again(step, *erase)) erase = nullptr;
      if (erase == nullptr || is_opened_since(path, erased_at, index) ||
          !cleans_up(analysis, function, registry, step, entry, erase->key))
        continue;
      const bool known = std::any_of(result.begin(), result.end(),
                                     [&](const Step* other) { return other->range == step.range; });
      if (!known) result.push_back(&step);
    }
  }
  return result;
}

void check_erase(const Analysis& analysis, Reporter& reporter, const Registry& registry,
                 const FunctionPaths& function, const Path& path, std::size_t erased, bool under_mutex) {
  ir::TermTable& terms = analysis.terms();
  const Operation& erase = path.steps[erased].operation;
  if (erase.key == Term::none) return;
  const Term entry = terms.index(erase.handle, erase.key);
  std::size_t gap = 0;  // the point where others may run
  bool dropped = false;
  for (std::size_t index = erased + 1; index < path.steps.size(); ++index) {
    const Step& step = path.steps[index];
    const Operation& operation = step.operation;
    if (is_made_again(step, erase)) return;
    const bool others_run =
        operation.kind == OperationKind::await || operation.kind == OperationKind::spawn ||
        (under_mutex && operation.kind == OperationKind::release && operation.mechanism == Mechanism::mutex);
    if (others_run && gap == 0) gap = index;
    if (operation.kind == OperationKind::release && operation.mechanism == Mechanism::mutex) dropped = true;
    if (gap == 0 || is_opened_since(path, erased, index) ||
        !cleans_up(analysis, function, registry, step, entry, erase.key))
      continue;
    // Acquirers wait for the mutex that is still held.
    if (under_mutex && !dropped && !step.detached) return;
    const std::string name = analysis.name(*function.function, erase.handle);
    Evidence evidence{.function = &function, .path = &path, .steps = {erased, gap, index}, .primary = 0};
    evidence.repair = findings::RepairKind::erase_after_clean_up;
    evidence.repair_steps = clean_ups(analysis, function, registry, path.steps[erased]);
    evidence.repair_steps.insert(evidence.repair_steps.begin(), &path.steps[erased]);
    evidence.texts.emplace_back(1, "others run here: an acquirer finds no entry, and the lock still there");
    reporter.report(
        evidence,
        fmt::format("the entry of a held lock is erased from {} before the lock is given up: an acquirer "
                    "that runs in between takes the lock for an orphan, and the clean-up then removes the "
                    "new one",
                    name),
        "Erase the entry after the clean-up has finished.", findings::Severity::error);
    return;
  }
}

void check(const Analysis& analysis, Reporter& reporter) {
  const Registries registries = lock_registries(analysis);
  if (registries.empty()) return;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      paths::HeldLocks held(path.steps);
      for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
        const Operation& operation = path.steps[index].operation;
        if (operation.kind != OperationKind::erase || path.steps[index].detached) continue;
        const auto registry = registries.find(analysis.place(*function.function, operation.handle));
        if (registry == registries.end()) continue;
        const bool under_mutex =
            std::any_of(held.now().begin(), held.now().end(),
                        [](const paths::HeldLock& lock) { return lock.mechanism == Mechanism::mutex; });
        check_erase(analysis, reporter, registry->second, function, path, index, under_mutex);
      }
    }
  }
}

}  // namespace

extern const Rule map_delete_before_async_cleanup;
const Rule map_delete_before_async_cleanup{
    .id = "LW302",
    .name = "map-delete-before-async-cleanup",
    .summary =
        "A held lock's registry entry is erased before its clean-up has finished, while others may run.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
