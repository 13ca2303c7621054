// LW204: what is saved under a lock was loaded before the lock was taken. Two processes load the same state,
// each changes its copy, and they save one after the other: the first one's change is lost.
//
// On one path it is seen from the order of read, acquire and write. More often load and save are two methods
// of one object, and the state waits in its fields meanwhile.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analyzer/ir/operators.h"
#include "rules/judgement.h"
#include "rules/state_file.h"

namespace lockwright::rules {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Operation;
using models::OperationKind;

constexpr int weaknesses[] = {362, 367};  // race condition; time-of-check to time-of-use
constexpr std::string_view help =
    "Acquire the lock first, read the file again under it, apply the change, write, then release.";

using Places = std::set<std::string>;

/// The last read of the file on the path of `write` before it; null: none.
const Access* last_read(const StateFile& file, const Access& write) {
  const Access* last = nullptr;
  for (const Access& read : file.reads) {
    if (read.path == write.path && read.step < write.step && (last == nullptr || read.step > last->step))
      last = &read;
  }
  return last;
}

/// Whether the path looks for the file under the lock, and finds none: then there is nothing to read again.
bool finds_none(const ir::TermTable& terms, const Access& write) {
  const Term file = write.file();
  const auto begin = write.path->steps.begin();
  return std::any_of(begin + static_cast<std::ptrdiff_t>(write.lock),
                     begin + static_cast<std::ptrdiff_t>(write.step), [&](const paths::Step& step) {
                       const Operation& operation = step.operation;
                       const bool looks = operation.kind == OperationKind::exists ||
                                          (operation.kind == OperationKind::open && operation.refused) ||
                                          (operation.kind == OperationKind::read && operation.refused);
                       return looks && same_file(terms, operation.file, file);
                     });
}

/// Whether the path compares, under the lock, something it asks the system about the file: its version.
bool compares_version(const ir::TermTable& terms, const Access& write) {
  const Term file = write.file();
  for (std::size_t index = write.lock; index < write.step; ++index) {
    const Operation& operation = write.path->steps[index].operation;
    if (operation.kind != OperationKind::exists || !same_file(terms, operation.file, file)) continue;
    const bool compared =
        std::any_of(write.path->facts.begin(), write.path->facts.end(), [&](const paths::Fact& fact) {
          return fact.at > index && fact.at <= write.step &&
                 is_operator(terms, fact.term,
                             {"operator.eq", "operator.ne", "operator.lt", "operator.gt", "operator.le",
                              "operator.ge", "operator.is_"});
        });
    if (compared) return true;
  }
  return false;
}

class Check {
 public:
  Check(const Analysis& analysis, Reporter& reporter)
      : analysis_(analysis), terms_(analysis.terms()), reporter_(reporter) {}

  void run() {
    for (const auto& [name, file] : analysis_.state_files().all()) {
      for (const auto& place : by_place(file.writes)) {
        for (const Access* write : place) check(file, *write);
      }
    }
  }

 private:
  void check(const StateFile& file, const Access& write) {
    const OperationKind kind = write.at().operation.kind;
    const bool saves = kind == OperationKind::write || kind == OperationKind::rename;
    if (!saves || write.lock == Access::nowhere || compares_version(terms_, write)) return;
    if (const Access* read = last_read(file, write)) {
      const bool before = read->step < write.lock;
      if (before && terms_.contains(write.value, read->result())) report_path(*read, write);
      return;
    }
    if (finds_none(terms_, write)) return;
    for (const Access& read : file.reads) {
      if (read.path->exit != paths::Exit::returns || keeps_lock(read)) continue;
      const Places& kept = kept_by(read);
      if (kept.empty() || starts_afresh(kept, write)) continue;
      const std::size_t user = user_of(kept, write);
      if (user != Interleaving::innermost) report_pair(read, write, user);
    }
  }

  /// Whether the lock that was held at the read is held when the function is left.
  static bool keeps_lock(const Access& read) {
    if (read.lock == Access::nowhere) return false;
    return std::ranges::any_of(paths::held_at_end(*read.path),
                               [&](const paths::HeldLock& lock) { return lock.acquired == read.lock; });
  }

  /// The fields and globals in which the path of `read` leaves what it has read.
  const Places& kept_by(const Access& read) {
    const auto [entry, added] = kept_.try_emplace({read.path, read.step});
    if (!added) return entry->second;
    for (const auto& [place, value] : read.path->effects) {
      if (!comes_from(value, read)) continue;
      Term object = place;
      while (terms_.kind(object) == TermKind::index) object = terms_.operands(object)[0];
      std::string name = analysis_.place(*read.function->function, object);
      if (!name.empty()) entry->second.insert(std::move(name));
    }
    return entry->second;
  }

  /// Whether the path that writes has put a first, an empty state in one of `places`.
  [[nodiscard]] bool starts_afresh(const Places& places, const Access& write) const {
    return std::any_of(write.path->effects.begin(), write.path->effects.end(), [&](const auto& effect) {
      return is_constant(terms_, effect.second) &&
             places.contains(analysis_.place(*write.function->function, effect.first));
    });
  }

  /// Whether `value` is made of what was read: as far as can be seen, or, in the function that reads, where
  /// nothing else is known of it.
  [[nodiscard]] bool comes_from(Term value, const Access& read) const {
    if (terms_.contains(value, read.result())) return true;
    constexpr ir::TermKinds made = ir::kinds_of(TermKind::fresh, TermKind::unknown);
    if ((terms_.kinds_in(value) & made) == 0 || read.at().through != nullptr) return false;
    return std::none_of(read.path->steps.begin(), read.path->steps.end(), [&](const paths::Step& step) {
      const Operation& operation = step.operation;
      return operation.handle == value ||
             (operation.kind == OperationKind::probe && operation.value != Term::none &&
              terms_.contains(value, operation.value));
    });
  }

  /// How many calls down from the path's function the function is that works with `places`: the innermost on
  /// the way to the write.
  std::size_t user_of(const Places& places, const Access& write) {
    std::size_t result = Interleaving::innermost;
    if (uses(write.function->id, places)) result = 0;
    std::size_t depth = 0;
    for (const paths::CallChain& call : paths::Calls(write.at().through)) {
      ++depth;
      const paths::FunctionId callee = analysis_.program().function_named(call.callee);
      if (callee != paths::FunctionId::none && uses(callee, places)) result = depth;
    }
    return result;
  }

  bool uses(paths::FunctionId id, const Places& places) {
    const auto [entry, added] = used_.try_emplace(id);
    if (added) {
      const ir::Function& function = analysis_.program().function(id);
      for (const ir::Block& block : function.cfg.blocks) {
        for (const ir::Instruction& each : block.instructions) {
          find_places(function, each.value, entry->second);
          find_places(function, each.callee, entry->second);
          for (const ir::Argument& argument : each.arguments)
            find_places(function, argument.value, entry->second);
        }
        find_places(function, block.end.value, entry->second);
      }
    }
    return std::any_of(places.begin(), places.end(),
                       [&](const std::string& place) { return entry->second.contains(place); });
  }

  void find_places(const ir::Function& function, Term term, Places& result) const {
    if (term == Term::none) return;
    if (std::string name = analysis_.place(function, term); !name.empty()) result.insert(std::move(name));
    for (const Term operand : terms_.operands(term)) find_places(function, operand, result);
  }

  [[nodiscard]] std::string file_of(const Access& access) const {
    return analysis_.name(*access.function->function, access.file());
  }
  [[nodiscard]] static std::string_view lock_of(const Access& access) {
    return name_of(lock_attempt(access.path->steps[access.lock]));
  }

  void report_path(const Access& read, const Access& write) {
    const Evidence evidence{.function = write.function,
                            .path = write.path,
                            .steps = {read.step, write.lock, write.step},
                            .primary = 2};
    const std::string file = file_of(write);
    const std::string_view lock = lock_of(write);
    reporter_.report(
        evidence,
        read.lock == Access::nowhere
            ? fmt::format("{} is read before {} is acquired, and written under it: what another process has "
                          "written in between is lost",
                          file, lock)
            : fmt::format("{} is read under {} and written when it is acquired again: what another process "
                          "has written in between is lost",
                          file, lock),
        std::string(help), findings::Severity::warning);
  }

  void report_pair(const Access& read, const Access& write, std::size_t user) {
    const std::string file = file_of(write);
    const std::string_view lock = lock_of(write);
    const Interleaving interleaving{
        .acts = {{findings::Actor::A, read.deed(), fmt::format("reads {} and keeps what it says", file)},
                 {findings::Actor::B, read.deed(), fmt::format("reads {}, the same state", file)},
                 {findings::Actor::A, write.deed(),
                  fmt::format("saves its change to {} under {}", file, lock)},
                 {findings::Actor::B, write.deed(),
                  fmt::format("saves its own, without reading {} again: A's change is lost", file)}},
        .primary = 3,
        .calls = user};
    reporter_.report(interleaving,
                     fmt::format("{} is saved under {} from what was read of it earlier: what another "
                                 "process has saved since is lost",
                                 file, lock),
                     std::string(help), findings::Severity::warning);
  }

  const Analysis& analysis_;
  const ir::TermTable& terms_;
  Reporter& reporter_;
  std::map<std::pair<const paths::Path*, std::size_t>, Places> kept_;
  std::map<paths::FunctionId, Places> used_;
};

void check(const Analysis& analysis, Reporter& reporter) {
  Check(analysis, reporter).run();
}

}  // namespace

extern const Rule unlocked_read_modify_write;
const Rule unlocked_read_modify_write{
    .id = "LW204",
    .name = "unlocked-read-modify-write",
    .summary =
        "State is saved under a lock from what was loaded before the lock was acquired: updates are lost.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
