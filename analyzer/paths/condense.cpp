// Condensing paths.
//
// Calls are laid out in place, so a function that calls another at two places, each round of a loop, has its
// steps several times over, and so on at every level: without this the paths of large programs grow to tens
// of thousands of steps that stand at a hundred places.
//
// The steps of one call are a stretch of the path. It is looked at as a whole, then the calls inside of it.
#include "analyzer/paths/condense.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "analyzer/paths/held.h"

namespace lockwright::paths {
namespace {

using ir::Term;
using ir::TermKind;
using models::OperationKind;

constexpr ir::TermKinds made = ir::kinds_of(TermKind::fresh);

void mix(std::size_t& hash, std::size_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 32U;
}

/// What is done where: a step without what tells its repetitions apart.
struct Deed {
  source::Range range;
  models::Operation operation;
  std::size_t held = 0;  ///< which locks are held before
  friend bool operator==(const Deed&, const Deed&) = default;
};

struct DeedHash {
  std::size_t operator()(const Deed& deed) const {
    std::size_t hash = deed.held;
    mix(hash, deed.range.begin);
    mix(hash, static_cast<std::size_t>(deed.range.file));
    mix(hash, static_cast<std::size_t>(deed.operation.kind));
    mix(hash, static_cast<std::size_t>(deed.operation.file));
    mix(hash, static_cast<std::size_t>(deed.operation.handle));
    return hash;
  }
};

class Condenser {
 public:
  Condenser(ir::TermTable& terms, Path& path) : terms_(terms), path_(path) {}

  void run() {
    describe();
    find_last_uses();
    keep_.assign(path_.steps.size(), true);
    for (const Step& step : path_.steps) calls_.push_back(step.through.get());
    go_through(0, path_.steps.size());
    leave_out();
  }

 private:
  /// Of every step: the deed, and which locks are held after it.
  void describe() {
    HeldLocks held(path_.steps);
    std::size_t before = 0;
    for (std::size_t i = 0; i < path_.steps.size(); ++i) {
      const Step& step = path_.steps[i];
      Deed deed{step.range, step.operation, before};
      models::Operation& operation = deed.operation;
      for (Term* term :
           {&operation.file, &operation.other, &operation.handle, &operation.key, &operation.value}) {
        *term = nameable(*term);
      }
      const bool names_entries = operation.kind == OperationKind::look_up ||
                                 operation.kind == OperationKind::insert ||
                                 operation.kind == OperationKind::erase;
      if (names_entries) {
        for (Term* term : {&operation.handle, &operation.key, &operation.value})
          if (!terms_.definite(*term)) *term = Term::none;
      }
      has_detached_ |= step.detached || step.task != Term::none;
      deeds_.push_back(deed);
      held.pass(i);
      before = signature(held);
      held_after_.push_back(before);
    }
  }

  /// `term` with unknowns for what was made on the way.
  Term nameable(Term term) {
    return terms_.rewrite(term, made, [&](Term part) {
      return terms_.kind(part) == TermKind::fresh ? terms_.unknown() : part;
    });
  }

  /// Which locks are held, each told once.
  std::size_t signature(const HeldLocks& held) {
    std::set<std::tuple<models::Mechanism, Term, Term>> locks;
    for (const HeldLock& lock : held.now())
      locks.emplace(lock.mechanism, nameable(lock.file), nameable(lock.handle));
    std::size_t result = 0;
    for (const auto& [mechanism, file, handle] : locks) {
      mix(result, static_cast<std::size_t>(mechanism));
      mix(result, static_cast<std::size_t>(file));
      mix(result, static_cast<std::size_t>(handle));
    }
    return result;
  }

  /// Of every step that opens a file, reads, or asks the system: the last one that uses what it got. A file
  /// that the caller gets may be used after the path's end.
  void find_last_uses() {
    std::unordered_map<Term, std::size_t> opened;
    std::unordered_map<Term, std::size_t> learnt;
    last_use_.resize(path_.steps.size());
    const auto use = [&](const std::unordered_map<Term, std::size_t>& known, Term term, std::size_t at) {
      if (const auto found = known.find(term); found != known.end()) last_use_[found->second] = at;
    };
    for (std::size_t i = 0; i < path_.steps.size(); ++i) {
      const models::Operation& operation = path_.steps[i].operation;
      last_use_[i] = i;
      use(opened, operation.handle, i);
      for (const Term file : {operation.file, operation.other}) {
        for (const Term part : made_in(file)) {
          use(opened, part, i);
          use(learnt, part, i);
        }
      }
      for (const Term text : {operation.key, operation.value}) {
        for (const Term part : made_in(text)) use(learnt, part, i);
      }
      if (operation.kind == OperationKind::open || operation.kind == OperationKind::acquire) {
        if (terms_.kind(operation.file) == TermKind::fresh) opened.try_emplace(operation.file, i);
        opened.try_emplace(operation.handle, i);
      } else if (operation.kind == OperationKind::read || operation.kind == OperationKind::probe) {
        for (const Term part : made_in(operation.value)) learnt.try_emplace(part, i);
      } else if (operation.kind == OperationKind::close) {
        opened.erase(operation.handle);
      }
    }
    const auto hand_on = [&](Term term) {
      for (const Term part : made_in(term)) use(opened, part, path_.steps.size());
    };
    hand_on(path_.value);
    for (const auto& [place, value] : path_.effects) hand_on(value);
  }

  /// What was made on the way and is part of `term`.
  const std::vector<Term>& made_in(Term term) {
    const auto [known, added] = made_in_.try_emplace(term);
    if (added && (terms_.kinds_in(term) & made) != 0) {
      std::vector<Term> found;
      terms_.rewrite(term, made, [&](Term part) {
        if (terms_.kind(part) == TermKind::fresh) found.push_back(part);
        return part;
      });
      known->second = std::move(found);
    }
    return known->second;
  }

  /// The steps [begin, end) of one function: its own ones, and its calls. calls_ says of each through which
  /// call it comes, seen from that function.
  void go_through(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end;) {
      const CallChain* call = calls_[i];
      if (call == nullptr) {
        done_.insert(deeds_[i]);
        ++i;
        continue;
      }
      std::size_t past = i + 1;
      while (past < end && calls_[past] != nullptr && calls_[past]->range == call->range &&
             calls_[past]->round == call->round) {
        ++past;
      }
      if (adds_nothing(i, past)) {
        std::fill(keep_.begin() + static_cast<std::ptrdiff_t>(i),
                  keep_.begin() + static_cast<std::ptrdiff_t>(past), false);
      } else {
        for (std::size_t each = i; each < past; ++each) calls_[each] = calls_[each]->inner.get();
        go_through(i, past);
      }
      i = past;
    }
  }

  [[nodiscard]] bool adds_nothing(std::size_t begin, std::size_t end) const {
    if (held_after_[end - 1] != deeds_[begin].held) return false;
    for (std::size_t i = begin; i < end; ++i) {
      const Step& step = path_.steps[i];
      const OperationKind kind = step.operation.kind;
      const bool goes_on =
          has_detached_ && (step.detached || step.task != Term::none || kind == OperationKind::spawn ||
                            kind == OperationKind::join || kind == OperationKind::suspend);
      if (goes_on || last_use_[i] >= end || !done_.contains(deeds_[i])) return false;
    }
    return true;
  }

  void leave_out() {
    std::vector<std::uint32_t> kept_before{0};
    kept_before.reserve(keep_.size() + 1);
    for (const bool kept : keep_) kept_before.push_back(kept_before.back() + (kept ? 1 : 0));
    if (kept_before.back() == keep_.size()) return;
    for (Fact& fact : path_.facts) fact.at = kept_before[std::min<std::size_t>(fact.at, keep_.size())];
    std::size_t kept = 0;
    for (std::size_t i = 0; i < keep_.size(); ++i) {
      if (!keep_[i]) continue;
      if (kept != i) path_.steps[kept] = std::move(path_.steps[i]);
      ++kept;
    }
    path_.steps.resize(kept);
  }

  ir::TermTable& terms_;
  Path& path_;
  std::vector<Deed> deeds_;              ///< by step
  std::vector<std::size_t> held_after_;  ///< by step
  std::vector<std::size_t> last_use_;    ///< by step
  std::vector<const CallChain*> calls_;  ///< by step
  bool has_detached_ = false;
  std::vector<bool> keep_;  ///< by step
  std::unordered_set<Deed, DeedHash> done_;
  std::unordered_map<Term, std::vector<Term>> made_in_;
};

}  // namespace

void condense(ir::TermTable& terms, Path& path) {
  if (path.steps.size() >= condensed_from && path.first_yield < 0) Condenser(terms, path).run();
}

}  // namespace lockwright::paths
