// LW503: a file is written under a temporary name that all writers share, and renamed to its own, with no
// lock around it: writers write into each other's temporary file, and rename it away under each other.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lockwright::rules {
namespace {

using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::Path;

constexpr int weaknesses[] = {377, 362};  // insecure temporary file; race condition

/// What a name varies by: parameters, fields, variables of modules, values made on the way.
void collect_sources(const ir::TermTable& terms, Term term, std::set<Term>& into) {
  switch (terms.kind(term)) {
    case TermKind::param:
    case TermKind::self:
    case TermKind::frame:
    case TermKind::activation:
    case TermKind::fresh:
    case TermKind::field:
    case TermKind::index: into.insert(term); return;
    default: break;
  }
  const auto operands = terms.operands(term);
  const bool call = terms.kind(term) == TermKind::apply || terms.kind(term) == TermKind::make;
  // The name of a function says nothing; a call without arguments may say anything.
  if (call && operands.size() == 1) into.insert(term);
  for (const Term operand :
       call&& terms.kind(operands[0]) != TermKind::field ? operands.subspan(1) : operands) {
    collect_sources(terms, operand, into);
  }
}

/// A name without its endings: "x.json" of path.with_suffix(".tmp"), path of path + ".tmp".
bool made_of(const ir::TermTable& terms, Term temporary, Term target) {
  std::set<Term> varies;
  std::set<Term> given;
  collect_sources(terms, temporary, varies);
  collect_sources(terms, target, given);
  return std::all_of(varies.begin(), varies.end(), [&](Term each) {
    if (given.contains(each)) return true;
    // A part of what the target is made of: path.parent, where the target is path; and the other way round.
    return std::any_of(given.begin(), given.end(), [&](Term other) {
      return terms.contains(each, other) || terms.contains(other, each);
    });
  });
}

/// Whether every writer of `target` uses this very name for its temporary file.
bool is_shared_name(const ir::TermTable& terms, const Path& path, Term temporary, Term target) {
  if (!terms.definite(temporary) || !terms.definite(target) || temporary == target) return false;
  const TermKind kind = terms.kind(temporary);
  // Put aside under a name that nobody else has: a backup of what lay there.
  if (is_made_unique(terms, path, target)) return false;
  // Whoever chose the name knows more about it.
  if (kind == TermKind::param || kind == TermKind::field || kind == TermKind::index) return false;
  return !is_private_name(terms, path, temporary) && made_of(terms, temporary, target);
}

bool is_file_lock(const paths::HeldLock& lock) {
  return lock.mechanism != Mechanism::none && lock.mechanism != Mechanism::mutex;
}

/// The step before `renamed` that opens the temporary file to fill it; the number of steps when there is
/// none.
std::size_t opened(const Path& path, std::size_t renamed) {
  const Term temporary = path.steps[renamed].operation.file;
  for (std::size_t index = renamed; index-- > 0;) {
    const Operation& operation = path.steps[index].operation;
    if (operation.file != temporary || path.steps[index].detached) continue;
    if (operation.kind == OperationKind::open && operation.create && !operation.refused) return index;
    if (operation.kind == OperationKind::rename || operation.kind == OperationKind::link) break;
  }
  return path.steps.size();
}

/// One way on which a shared name is filled and renamed.
struct Use {
  const FunctionPaths* function;
  const Path* path;
  std::size_t filled;
  std::size_t renamed;
  bool locked;
};

/// Whether `function` puts a name of its own into the variable: made of its pid, or of random values.
bool makes_unique(const Analysis& analysis, paths::FunctionId function, Term variable) {
  bool stores = false;
  for (const ir::Block& block : analysis.program().function(function).cfg.blocks) {
    stores |=
        std::any_of(block.instructions.begin(), block.instructions.end(), [&](const ir::Instruction& each) {
          return each.kind == ir::InstructionKind::store && each.place == variable;
        });
  }
  const auto summary = stores ? analysis.engine().summary(function) : nullptr;
  return summary && std::any_of(summary->paths.begin(), summary->paths.end(), [&](const Path& path) {
           return std::any_of(path.effects.begin(), path.effects.end(), [&](const auto& effect) {
             return effect.first == variable && effect.second != Term::none &&
                    is_made_unique(analysis.terms(), path, effect.second);
           });
         });
}

/// Whether a variable of the module in `name` gets its value from a function that makes it unique.
bool is_unique_elsewhere(const Analysis& analysis, const FunctionPaths& function, Term name) {
  const ir::TermTable& terms = analysis.terms();
  if (terms.kind(name) == TermKind::global) {
    const auto& all = analysis.program().functions_of(analysis.program().module_of(function.id).name);
    return std::any_of(all.begin(), all.end(),
                       [&](paths::FunctionId other) { return makes_unique(analysis, other, name); });
  }
  if (terms.kind(name) != TermKind::concat) return false;
  const auto parts = terms.operands(name);
  return std::any_of(parts.begin(), parts.end(),
                     [&](Term part) { return is_unique_elsewhere(analysis, function, part); });
}

/// The classes of which a method takes a file lock and leaves it held: others may run under it. Not those
/// that write the lock file itself.
std::set<std::string_view> classes_that_keep_a_lock(const Analysis& analysis) {
  std::set<std::string_view> result;
  for (const FunctionPaths& function : analysis.functions()) {
    if (function.function->owner.empty()) continue;
    for (const Path& path : function.summary->paths) {
      if (path.exit != paths::Exit::returns) continue;
      if (std::ranges::any_of(paths::held_at_end(path), is_file_lock))
        result.insert(function.function->owner);
    }
  }
  return result;
}

/// The uses of shared names; into `seen_from_outside` the places of renames of helpers whose callers show
/// what the name is: shared, or made unique by them.
std::vector<Use> uses(const Analysis& analysis, std::set<source::Range>& seen_from_outside) {
  std::vector<Use> result;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (std::size_t index = 0; index < path.steps.size(); ++index) {
        const Operation& rename = path.steps[index].operation;
        if (rename.kind != OperationKind::rename || rename.refused || path.steps[index].detached) continue;
        const bool by_caller = path.steps[index].through && !function.has_callers;
        if (by_caller && is_private_name(analysis.terms(), path, rename.file))
          seen_from_outside.insert(path.steps[index].range);
        if (!is_shared_name(analysis.terms(), path, rename.file, rename.other)) continue;
        if (is_unique_elsewhere(analysis, function, rename.file)) continue;
        const std::size_t filled = opened(path, index);
        if (filled == path.steps.size() || path.steps[filled].operation.exclusive) continue;
        paths::HeldLocks held(path.steps);
        for (std::size_t before = 0; before < filled; ++before) held.pass(before);
        const bool locked = std::any_of(held.now().begin(), held.now().end(), is_file_lock);
        if (by_caller) seen_from_outside.insert(path.steps[index].range);
        result.push_back({&function, &path, filled, index, locked});
      }
    }
  }
  return result;
}

void report(const Analysis& analysis, Reporter& reporter, const Use& use) {
  const Operation& rename = use.path->steps[use.renamed].operation;
  const std::string temporary = analysis.name(*use.function->function, rename.file);
  Evidence evidence{
      .function = use.function, .path = use.path, .steps = {use.filled, use.renamed}, .primary = 0};
  evidence.texts.emplace_back(0, fmt::format("opens {}, as every other writer does", temporary));
  reporter.report(
      evidence,
      fmt::format("{} is the temporary file of all who write {}: one empties or renames it while "
                  "another still writes",
                  temporary, analysis.name(*use.function->function, rename.other)),
      "Give each writer a name of its own (mkstemp, or pid and random in the name), or hold a lock.",
      findings::Severity::warning);
}

void check(const Analysis& analysis, Reporter& reporter) {
  // A helper is as safe as its callers: where they are seen, they decide.
  std::set<source::Range> seen_from_outside;
  const std::vector<Use> all = uses(analysis, seen_from_outside);
  const std::set<std::string_view> locking = classes_that_keep_a_lock(analysis);
  for (const Use& use : all) {
    const bool decides =
        !use.function->has_callers || !seen_from_outside.contains(use.path->steps[use.renamed].range);
    const Term target = use.path->steps[use.renamed].operation.other;
    const bool may_be_locked = use.locked || (locking.contains(use.function->function->owner) &&
                                              !analysis.is_lock(*use.function->function, *use.path, target));
    if (!may_be_locked && decides) report(analysis, reporter, use);
  }
}

}  // namespace

extern const Rule fixed_temp_name;
const Rule fixed_temp_name{
    .id = "LW503",
    .name = "fixed-temp-name",
    .summary = "A file is written under a temporary name that all its writers share, with no lock around it.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
