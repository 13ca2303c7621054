// LW403: who owns a lock, or which lock it is, is told by something that several processes can have alike: an
// object's address, whole seconds, a number of a random generator that is seeded alike.
//
// Weakness is a property of how a value came to be. It is followed into fields (a token is made by the
// constructor and used by methods), and judged where it is used: as a part of a lock's name, or as what a
// lock file says of its owner, if somebody compares that.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "analyzer/ir/operators.h"

namespace lockwright::rules {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using models::Probe;
using paths::Path;
using paths::Step;

constexpr int weaknesses[] = {340, 341};  // predictable numbers; predictable from observable state

/// Where a weak value is made.
struct Origin {
  const FunctionPaths* function = nullptr;
  const Path* path = nullptr;
  std::size_t step = 0;
};

/// Fields and globals that hold weak values, by place; and what asks the system the same each time, by its
/// value: a method knows the field that the constructor has stored as `id(self)`.
struct WeakPlaces : std::map<std::string, Origin> {
  std::map<Term, Origin> questions;
};

bool is_weak(Probe probe) {
  return probe == Probe::identity || probe == Probe::clock || probe == Probe::weak_random;
}

/// Looks into one value: what of it is weak, and whether anything else tells processes apart.
class Inspection {
 public:
  Inspection(const Analysis& analysis, const FunctionPaths& function, const Path& path,
             const WeakPlaces& weak)
      : analysis_(analysis), function_(function), path_(path), weak_(weak) {}

  void look(Term term) {
    const ir::TermTable& terms = analysis_.terms();
    for (std::size_t index = 0; index < path_.steps.size(); ++index) {
      const Operation& operation = path_.steps[index].operation;
      if (operation.kind != OperationKind::probe || operation.value != term || term == Term::none) continue;
      judge(operation.probe, Origin{&function_, &path_, index});
      return;
    }
    if (const auto asked = weak_.questions.find(term); asked != weak_.questions.end()) {
      judge(asked->second.path->steps[asked->second.step].operation.probe, asked->second);
      return;
    }
    switch (terms.kind(term)) {
      case TermKind::string:
      case TermKind::integer:
      case TermKind::boolean:
      case TermKind::null:
      case TermKind::global: return;
      case TermKind::field:
        if (const auto found = weak_.find(analysis_.place(*function_.function, term)); found != weak_.end()) {
          if (!origin) origin = found->second;
          return;
        }
        break;
      case TermKind::concat:
      case TermKind::make:
      case TermKind::apply:
      case TermKind::keyword:
        for (const Term operand : terms.operands(term)) look_into(operand);
        return;
      default: break;
    }
    unknown = true;
  }

  std::optional<Origin> origin;
  bool distinct = false;  ///< a pid, something random
  bool unknown = false;   ///< a parameter, something read: it may be anything

 private:
  void judge(Probe probe, const Origin& place) {
    if (is_weak(probe)) {
      if (!origin) origin = place;
    } else if (probe != Probe::host) {
      distinct = true;
    }
  }

  /// The method of a value is the value: str(uuid4()).hex.
  void look_into(Term operand) {
    const ir::TermTable& terms = analysis_.terms();
    look(terms.kind(operand) == TermKind::field &&
                 !weak_.contains(analysis_.place(*function_.function, operand))
             ? terms.operands(operand)[0]
             : operand);
  }

  const Analysis& analysis_;
  const FunctionPaths& function_;
  const Path& path_;
  const WeakPlaces& weak_;
};

/// Made of weak values and constants alone.
std::optional<Origin> weak_origin(const Analysis& analysis, const FunctionPaths& function, const Path& path,
                                  const WeakPlaces& weak, Term term) {
  Inspection inspection(analysis, function, path, weak);
  inspection.look(term);
  return inspection.distinct || inspection.unknown ? std::nullopt : inspection.origin;
}

/// All weak values that are stored somewhere, and the places that hold nothing else.
struct WeakStores {
  std::vector<std::pair<std::string, Origin>> all;
  WeakPlaces places;
};

WeakStores weak_stores(const Analysis& analysis) {
  WeakStores result;
  std::set<std::string> strong;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (std::size_t index = 0; index < path.steps.size(); ++index) {
        const Operation& operation = path.steps[index].operation;
        if (operation.kind == OperationKind::probe &&
            analysis.terms().kind(operation.value) == TermKind::apply)
          result.places.questions.emplace(operation.value, Origin{&function, &path, index});
      }
      for (const auto& [place, value] : path.effects) {
        const TermKind kind = analysis.terms().kind(value);
        if (kind == TermKind::null || kind == TermKind::boolean) continue;
        std::string name = analysis.place(*function.function, place);
        if (name.empty()) continue;
        const auto origin = weak_origin(analysis, function, path, {}, value);
        if (origin) {
          result.all.emplace_back(name, *origin);
          result.places.emplace(std::move(name), *origin);
        } else {
          strong.insert(std::move(name));
        }
      }
    }
  }
  std::erase_if(result.places, [&](const auto& each) { return strong.contains(each.first); });
  return result;
}

/// "session_id", "owner": what tells one from another.
bool names_identity(std::string_view name) {
  for (const std::string_view word : {"id", "uid", "token", "owner", "session", "holder"}) {
    if (!name.ends_with(word)) continue;
    const std::string_view rest = name.substr(0, name.size() - word.size());
    if (rest.empty() || rest.back() == '_') return true;
  }
  return name.ends_with("Id") || name.ends_with("Token");
}

/// Parameters by which functions name locks, as far as they are called an identity: the same word in other
/// files means the same thing, on ways that are not followed.
std::set<std::string_view> naming_parameters(const Analysis& analysis) {
  const ir::TermTable& terms = analysis.terms();
  std::set<std::string_view> result;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (const Step& step : path.steps) {
        const Mechanism mechanism = lock_attempt(step);
        if (mechanism == Mechanism::none || mechanism == Mechanism::mutex) continue;
        const Term file = lock_file_of(step);
        if (!analysis.is_lock(*function.function, path, file)) continue;
        for (std::uint32_t i = 0; i < function.function->parameters.size(); ++i) {
          const std::string_view name = function.function->parameters[i].name;
          if (names_identity(name) && terms.contains(file, analysis.terms().param(i))) result.insert(name);
        }
      }
    }
  }
  return result;
}

/// What lock files are asked for by comparisons: the keys of records, "" for the text as a whole.
std::set<std::string_view> compared_keys(const Analysis& analysis) {
  const ir::TermTable& terms = analysis.terms();
  std::set<std::string_view> result;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (const paths::Fact& fact : path.facts) {
        const auto operands = terms.operands(fact.term);
        if (!is_operator(terms, fact.term, {"operator.eq"})) continue;
        for (const Step& step : path.steps) {
          const Operation& read = step.operation;
          if (read.kind != OperationKind::read || read.value == Term::none ||
              !analysis.is_lock(*function.function, path, read.file)) {
            continue;
          }
          for (const Term side : {operands[1], operands[2]}) {
            const Term other = side == operands[1] ? operands[2] : operands[1];
            const TermKind kind = terms.kind(other);
            const bool constant =
                kind == TermKind::string || kind == TermKind::integer || kind == TermKind::null;
            if (constant || !terms.contains(side, read.value)) continue;
            const auto parts = terms.operands(side);
            const bool keyed = parts.size() == 2 && terms.kind(parts[1]) == TermKind::string;
            result.insert(keyed ? terms.text(parts[1]) : std::string_view());
          }
        }
      }
    }
  }
  return result;
}

/// The parts of what is written into a lock file that are compared.
void collect_tokens(const ir::TermTable& terms, Term written, const std::set<std::string_view>& keys,
                    std::vector<Term>& into) {
  if (terms.kind(written) == TermKind::make) {
    const auto operands = terms.operands(written);
    for (std::size_t i = 1; i < operands.size(); ++i) {
      const TermKind kind = terms.kind(operands[i]);
      if (kind == TermKind::keyword && keys.contains(terms.text(operands[i])))
        into.push_back(terms.operands(operands[i])[0]);
      if (kind == TermKind::string && i + 1 < operands.size() && keys.contains(terms.text(operands[i])))
        into.push_back(operands[i + 1]);
    }
    return;
  }
  if ((terms.kinds_in(written) & ir::kinds_of(TermKind::make)) == 0) {
    if (keys.contains("")) into.push_back(written);
    return;
  }
  for (const Term operand : terms.operands(written)) collect_tokens(terms, operand, keys, into);
}

/// A time put into words (a date) is a choice; as a number it is meant to be unique.
bool is_worded(const ir::TermTable& terms, const Origin& origin, Term name) {
  const Term value = origin.path->steps[origin.step].operation.value;
  if (terms.kind(name) == TermKind::apply) {
    const Term function = terms.operands(name)[0];
    if (terms.kind(function) == TermKind::field && terms.contains(function, value)) return true;
  }
  const auto operands = terms.operands(name);
  return std::any_of(operands.begin(), operands.end(),
                     [&](Term operand) { return is_worded(terms, origin, operand); });
}

std::string_view words(Probe probe) {
  switch (probe) {
    case Probe::identity: return "the address of an object, which other processes have, too";
    case Probe::clock: return "the time, which others read at the same moment";
    default: return "a number of a generator that may be seeded alike elsewhere";
  }
}

void report(Reporter& reporter, const Origin& origin, std::size_t used, const Path& path, std::string what) {
  Evidence evidence{.function = origin.function, .path = origin.path, .steps = {origin.step}, .primary = 0};
  const Probe probe = origin.path->steps[origin.step].operation.probe;
  evidence.texts.emplace_back(0, fmt::format("takes {}", words(probe)));
  if (&path == origin.path && used > origin.step) evidence.steps.push_back(used);
  reporter.report(
      evidence,
      fmt::format("{} is made of {}: two owners can have the same, and each takes the other's lock "
                  "for its own",
                  what, words(probe)),
      "Use a random UUID (uuid4, crypto.randomUUID), made once per owner.", findings::Severity::warning);
}

void check(const Analysis& analysis, Reporter& reporter) {
  const WeakStores stores = weak_stores(analysis);
  const WeakPlaces& weak = stores.places;
  const std::set<std::string_view> naming = naming_parameters(analysis);
  for (const auto& [place, origin] : stores.all) {
    const std::string_view name = std::string_view(place).substr(place.rfind('.') + 1);
    if (naming.contains(name))
      report(reporter, origin, origin.step, *origin.path, fmt::format("{}, which names a lock,", name));
  }
  const std::set<std::string_view> keys = compared_keys(analysis);
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (std::size_t index = 0; index < path.steps.size(); ++index) {
        const Step& step = path.steps[index];
        const Mechanism mechanism = lock_attempt(step);
        if (mechanism != Mechanism::none && mechanism != Mechanism::mutex) {
          const Term file = lock_file_of(step);
          if (mechanism == Mechanism::lock_file && !analysis.is_called_lock(*function.function, file))
            continue;
          Inspection inspection(analysis, function, path, weak);
          inspection.look(file);
          // A random name is meant to be another one each time: it is the name of no lock.
          const bool random =
              inspection.origin &&
              inspection.origin->path->steps[inspection.origin->step].operation.probe == Probe::weak_random;
          if (!inspection.origin || random || inspection.distinct ||
              is_worded(analysis.terms(), *inspection.origin, file))
            continue;
          report(reporter, *inspection.origin, index, path, "the name of a lock");
        } else if (step.operation.kind == OperationKind::write &&
                   analysis.is_lock(*function.function, path, step.operation.file)) {
          std::vector<Term> tokens;
          collect_tokens(analysis.terms(), step.operation.value, keys, tokens);
          for (const Term token : tokens) {
            if (const auto origin = weak_origin(analysis, function, path, weak, token))
              report(reporter, *origin, index, path, "what a lock file says of its owner");
          }
        }
      }
    }
  }
}

}  // namespace

extern const Rule weak_lock_identity;
const Rule weak_lock_identity{
    .id = "LW403",
    .name = "weak-lock-identity",
    .summary = "A lock's owner or its name is made of something that several processes can have alike.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
