// Why a path removes a lock file. It has looked at the file (read it, asked for its age, been refused by it),
// and then come to a conclusion: a condition on what it saw, a question about a process, a text that did not
// parse. The last conclusion about whose the lock is counts; what was seen before the file was removed or
// made anew on the same path does not.
#include "rules/judgement.h"

#include <algorithm>
#include <cctype>

#include "analyzer/ir/operators.h"
#include "analyzer/paths/held.h"

namespace lockwright::rules {

using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using models::Probe;
using paths::Path;
using paths::Step;

bool any_word(std::string_view name, std::initializer_list<std::string_view> words) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

namespace {

/// Whether the system said so: a process's number, an object's identity.
bool is_probed(const Path& path, Term term) {
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
    return step.operation.kind == OperationKind::probe && step.operation.value == term &&
           (step.operation.probe == Probe::pid || step.operation.probe == Probe::identity ||
            step.operation.probe == Probe::random || step.operation.probe == Probe::weak_random);
  });
}

}  // namespace

bool is_identity(const ir::TermTable& terms, const Path& path, Term term) {
  if (is_probed(path, term)) return true;
  constexpr ir::TermKinds made = ir::kinds_of(TermKind::fresh, TermKind::unknown, TermKind::make);
  constexpr ir::TermKinds given =
      ir::kinds_of(TermKind::param, TermKind::self, TermKind::global, TermKind::frame);
  return (terms.kinds_in(term) & made) == 0 && (terms.kinds_in(term) & given) != 0;
}

namespace {

/// What all processes of a machine have in common.
bool is_machine(const ir::TermTable& terms, Term term) {
  switch (terms.kind(term)) {
    case TermKind::apply: {
      const auto operands = terms.operands(term);
      return any_word(terms.text(operands[0]),
                      {"hostname", "getfqdn", "platform.node", "uname", "boot_id", "getuser"});
    }
    case TermKind::field:
    case TermKind::global: return any_word(terms.text(term), {"hostname", "boot_id"});
    default: return false;
  }
}

}  // namespace

Term compared_identity(const ir::TermTable& terms, const Path& path, Term equality) {
  const Term left = terms.operands(equality)[1];
  const Term right = terms.operands(equality)[2];
  constexpr ir::TermKinds made_up = ir::kinds_of(TermKind::fresh, TermKind::unknown, TermKind::param,
                                                 TermKind::self, TermKind::frame, TermKind::make);
  // What an error says of itself is nobody's identity.
  const auto is_error_code = [&](Term side) {
    return terms.kind(side) == TermKind::field && terms.kind(terms.operands(side)[0]) == TermKind::make;
  };
  if (is_error_code(left) || is_error_code(right)) return Term::none;
  // Nor is a platform compared with a constant.
  if ((terms.kinds_in(left) & made_up) == 0 && (terms.kinds_in(right) & made_up) == 0) return Term::none;
  const bool ours = is_identity(terms, path, left);
  if (ours == is_identity(terms, path, right) || is_machine(terms, ours ? left : right)) return Term::none;
  return ours ? left : right;
}

bool same_file(const ir::TermTable& terms, Term left, Term right) {
  return left == right && left != Term::none && terms.kind(left) != TermKind::unknown;
}

namespace {

/// Reads one path up to the removal.
class Judge {
 public:
  Judge(const ir::TermTable& terms, const models::Models& models, Removal& removal)
      : terms_(terms),
        models_(models),
        removal_(removal),
        path_(*removal.path),
        file_(removal.at().operation.file) {}

  void run() {
    locks();
    for (std::size_t index = 0; index < removal_.step; ++index) {
      if (index >= first_ || is_look_at_handle(path_.steps[index])) look(index);
    }
    for (const paths::Fact& fact : path_.facts) {
      if (fact.at > removal_.step) continue;
      if (is_operator(terms_, fact.term, {"operator.or"})) {
        conclude_either(fact);
      } else {
        conclude(fact);
      }
    }
    if (conclusion_.unreadable && last_read_ > unreadable_at_) removal_.graced = true;
    if (conclusion_.own) {
      removal_.basis = Basis::own;
    } else if (conclusion_.unreadable) {
      removal_.basis = Basis::unreadable;
    } else if (conclusion_.stale && removal_.look != Removal::nowhere) {
      removal_.basis = Basis::stale;
    } else if (idle_) {
      removal_.basis = Basis::idle;
    } else if ((removal_.refused || seen_there_) && taken_anew()) {
      removal_.basis = Basis::waited;
    }
  }

 private:
  /// Named so that nobody else has it, or on its way to become the file that is judged.
  [[nodiscard]] bool is_temporary(Term file) const {
    return is_private_name(terms_, path_, file) ||
           std::any_of(path_.steps.begin(), path_.steps.end(), [&](const Step& step) {
             const bool published =
                 step.operation.kind == OperationKind::link || step.operation.kind == OperationKind::rename;
             return published && same_file(terms_, step.operation.file, file) && same(step.operation.other);
           });
  }

  /// Which locks the path holds, where what it knows of the file begins, who takes the lock afterwards.
  void locks() {
    paths::HeldLocks held(path_.steps);
    for (std::size_t index = 0; index < removal_.step; held.pass(index), ++index) {
      const Step& step = path_.steps[index];
      const bool gone =
          (step.operation.kind == OperationKind::unlink || step.operation.kind == OperationKind::rename) &&
          !step.operation.refused;
      const bool made = lock_attempt(step) == Mechanism::lock_file && !step.operation.refused;
      if ((gone && same(step.operation.file)) || (made && same(lock_file_of(step)))) first_ = index + 1;
      if (lock_attempt(step) != Mechanism::none && same(lock_file_of(step))) {
        removal_.refused = step.operation.refused;
        if (step.operation.refused && removal_.look == Removal::nowhere) removal_.look = index;
      }
    }
    for (const paths::HeldLock& lock : held.now()) {
      if (lock.mechanism == Mechanism::mutex) continue;
      // A temporary file of one's own keeps nobody out.
      if (lock.mechanism == Mechanism::lock_file && is_temporary(lock.file)) continue;
      (same(lock.file) ? removal_.held : removal_.guarded) = true;
    }
    // Leaving a scope gives up what entering it took, whatever happened to the file in between.
    for (const paths::CallChain& call : paths::Calls(path_.steps[removal_.step].through))
      removal_.held |= models_.is_scope_exit(call.callee.substr(call.callee.rfind('.') + 1));
    for (std::size_t index = removal_.step + 1; index < path_.steps.size(); ++index) {
      const Step& step = path_.steps[index];
      const bool takes = lock_attempt(step) != Mechanism::none ||
                         (step.operation.kind == OperationKind::open && step.operation.create) ||
                         step.operation.kind == OperationKind::rename;
      if (!takes) continue;
      const Term taken =
          step.operation.kind == OperationKind::rename ? step.operation.other : lock_file_of(step);
      if (!same(taken)) continue;
      removal_.recreated = index;
      if (!step.operation.refused) break;
    }
  }

  /// What a handle is open on stays, whatever becomes of the name.
  static bool is_look_at_handle(const Step& step) {
    return step.operation.kind == OperationKind::exists && step.operation.handle != Term::none;
  }

  void look(std::size_t index) {
    const Operation& operation = path_.steps[index].operation;
    switch (operation.kind) {
      case OperationKind::read:
        if (!same(operation.file) || operation.refused) return;
        removal_.look = index;
        last_read_ = index;
        read_.push_back(operation.value);
        read_.push_back(operation.handle);
        return;
      case OperationKind::exists:
        // Not there any more: whatever else, it is not a lock that is just being taken.
        if (operation.refused && same(operation.file) && conclusion_.unreadable) removal_.graced = true;
        if (operation.handle != Term::none) {
          handles_.push_back(operation.value);
        } else if (same(operation.file) && !operation.refused) {
          seen_.emplace_back(operation.value, index);
        }
        return;
      case OperationKind::probe:
        if (operation.probe == Probe::pid_alive) conclusion_.stale = true;
        if (operation.probe == Probe::clock) clocks_.push_back(operation.value);
        if (operation.probe == Probe::content && operation.refused && mentions(operation.key, read_))
          cannot_read(index);
        return;
      case OperationKind::look_up:
        // What should stand in it does not.
        if (!mentions(operation.handle, read_)) return;
        if (operation.refused) cannot_read(index);
        sought_.emplace_back(operation.value, operation.key);
        return;
      case OperationKind::acquire:
        if (!operation.refused && same(operation.file) && operation.mechanism != Mechanism::mutex &&
            !removal_.held && is_probe(index)) {
          idle_ = true;
          removal_.look = index;
        }
        return;
      default: return;
    }
  }

  /// Whether the path goes for the lock itself after it has removed the file.
  [[nodiscard]] bool taken_anew() const {
    if (removal_.recreated == Removal::nowhere) return false;
    return removal_.refused || lock_attempt(path_.steps[removal_.recreated]) == Mechanism::lock_file;
  }

  /// Whether the lock taken at `index` is given back at once, by the code that then removes the file: it was
  /// only tried.
  [[nodiscard]] bool is_probe(std::size_t index) const {
    const Step& taken = path_.steps[index];
    if (taken.operation.wait != models::Wait::attempt || taken.operation.retried) return false;
    if (!paths::is_within(taken.through, removal_.at().through)) return false;
    return std::all_of(path_.steps.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                       path_.steps.begin() + static_cast<std::ptrdiff_t>(removal_.step),
                       [](const Step& step) {
                         const OperationKind kind = step.operation.kind;
                         return kind == OperationKind::release || kind == OperationKind::close ||
                                kind == OperationKind::probe || kind == OperationKind::exists;
                       });
  }

  /// One of several conditions holds. They come to a conclusion if each of them does: to the mildest.
  void conclude_either(const paths::Fact& fact) {
    const Conclusion before = conclusion_;
    bool any_own = false, any_stale = false, any_unreadable = false, all = true;
    for (Term part : terms_.operands(fact.term).subspan(1)) {
      paths::Fact alone = fact;
      alone.truth = !is_operator(terms_, part, {"operator.not"});
      alone.term = alone.truth ? part : terms_.operands(part)[1];
      conclusion_ = {};
      conclude(alone);
      all = all && (conclusion_.own || conclusion_.stale || conclusion_.unreadable);
      any_own |= conclusion_.own;
      any_stale |= conclusion_.stale;
      any_unreadable |= conclusion_.unreadable;
    }
    conclusion_ = before;
    if (!all) return;
    if (any_own) {
      conclusion_.own = true;
    } else {
      conclusion_.stale |= any_stale;
      removal_.or_stale |= any_stale && removal_.look != Removal::nowhere;
      if (any_unreadable) cannot_read(fact.at);
    }
  }

  void conclude(const paths::Fact& fact) {
    const Term term = fact.term;
    bool of_file = false;
    for (const auto& [value, index] : seen_) {
      // Whether it is there says nothing; its age, size or owner does.
      if (term == value || !mentions(term, {value})) continue;
      of_file = true;
      if (removal_.look == Removal::nowhere || removal_.look < index) removal_.look = index;
    }
    const bool of_content = mentions(term, read_);
    if (fact.truth && mentions(term, handles_)) {
      conclusion_.own = true;
      removal_.identity = Term::none;
    } else if (is_operator(terms_, term, {"operator.eq", "operator.is"})) {
      equal(fact, of_file, of_content);
    } else if (is_operator(terms_, term, {"operator.lt", "operator.gt", "operator.le", "operator.ge"})) {
      if (is_no_number(fact)) cannot_read(fact.at);
      const bool timed = mentions(term, clocks_);
      // A value that nobody could name, compared after the look, is worked out from it.
      const bool vague = !terms_.definite(term) && came_after_look(fact);
      if (of_file || of_content || timed || vague) conclusion_.stale = true;
      if (of_file || (timed && conclusion_.unreadable && fact.at > unreadable_at_)) removal_.graced = true;
    } else if (fact.truth && finds_us(term)) {
      conclusion_.own = true;
    } else if (is_text(term)) {
      if (!fact.truth) cannot_read(fact.at);  // `if not text`, `if not text.isdigit()`
    } else if (terms_.kind(term) == TermKind::apply) {
      ask(fact, of_file || of_content);
    } else if (of_file || of_content) {
      conclusion_.stale |= terms_.kind(term) != TermKind::fresh;
    } else if (fact.truth && there(term)) {
      seen_there_ = true;
    }
  }

  void equal(const paths::Fact& fact, bool of_file, bool of_content) {
    const bool about_it = of_file || of_content;
    const Term left = terms_.operands(fact.term)[1];
    const Term right = terms_.operands(fact.term)[2];
    if (fact.truth && ((is_text(left) && is_empty(right)) || (is_text(right) && is_empty(left)))) {
      cannot_read(fact.at);
      return;
    }
    if (fact.truth && mentions(left, read_) && mentions(right, read_))
      removal_.graced = true;  // looked twice
    // Its age is not known (`stat()?.mtimeMs ?? null`): it is gone.
    if (fact.truth && of_file &&
        (terms_.kind(left) == TermKind::null || terms_.kind(right) == TermKind::null))
      removal_.graced = true;
    const bool constant = is_constant(left) || is_constant(right);
    const Term identity = compared_identity(terms_, path_, fact.term);
    // A reader that found nothing hands back None, and None is nobody's number or token.
    const bool nothing = terms_.kind(left) == TermKind::null || terms_.kind(right) == TermKind::null;
    const bool asked_who = identity != Term::none || is_probed(path_, left) || is_probed(path_, right);
    if (nothing && fact.truth && is_operator(terms_, fact.term, {"operator.eq"}) && asked_who)
      conclusion_.own = true;
    if (!constant && identity != Term::none && (about_it || came_after_look(fact))) {
      conclusion_.own = fact.truth;
      removal_.identity = identity;
      if (!conclusion_.own) conclusion_.stale = true;
    } else if (about_it && !is_machine(terms_, left) && !is_machine(terms_, right)) {
      conclusion_.stale = true;
    }
  }

  /// Whether the condition is that who we are stands in what was read: it is asked for there, or a function
  /// is asked about both, or one whose name says so about what was read.
  bool finds_us(Term term) {
    for (const auto& [found, key] : sought_) {
      if (found == term && is_identity(terms_, path_, key)) {
        removal_.identity = key;
        return true;
      }
    }
    if (terms_.kind(term) != TermKind::apply) return false;
    const auto operands = terms_.operands(term);
    if (!mentions(term, read_) && removal_.look == Removal::nowhere) return false;
    if (any_word(terms_.text(operands[0]), {"mine", "ours", "is_own", "owned", "belongs"})) return true;
    if (!mentions(term, read_)) return false;
    for (const Term operand : operands.subspan(1)) {
      if (is_constant(operand) || !is_identity(terms_, path_, operand)) continue;
      removal_.identity = operand;
      return true;
    }
    return false;
  }

  /// Whether the term says that the file is there.
  [[nodiscard]] bool there(Term term) const {
    return std::any_of(seen_.begin(), seen_.end(), [&](const auto& each) { return each.first == term; });
  }

  /// What the file says is none of what it should say. Whoever has looked again since then has waited.
  void cannot_read(std::size_t at) {
    if (!conclusion_.unreadable) unreadable_at_ = at;
    conclusion_.unreadable = true;
  }

  /// What was read, or what a method or a function of the language makes of it: stripped, split, a number.
  [[nodiscard]] bool is_text(Term term) const {
    if (terms_.kind(term) == TermKind::fresh) return mentions(term, read_);
    if (terms_.kind(term) != TermKind::apply) return false;
    const auto operands = terms_.operands(term);
    if (terms_.kind(operands[0]) == TermKind::field) return is_text(terms_.operands(operands[0])[0]);
    return operands.size() > 1 && terms_.kind(operands[0]) == TermKind::global &&
           models_.function(terms_.text(operands[0])) != nullptr && is_text(operands[1]);
  }
  /// `!(text > 0)`: no text but that of a number is greater than one, and an empty one is not.
  [[nodiscard]] bool is_no_number(const paths::Fact& fact) const {
    const auto operands = terms_.operands(fact.term);
    return !fact.truth && is_operator(terms_, fact.term, {"operator.gt", "operator.ge"}) &&
           terms_.kind(operands[1]) == TermKind::fresh && is_text(operands[1]) &&
           terms_.kind(operands[2]) == TermKind::integer;
  }
  [[nodiscard]] bool is_empty(Term term) const {
    return terms_.kind(term) == TermKind::string && terms_.text(term).empty();
  }

  void ask(const paths::Fact& fact, bool about_it) {
    const std::string_view asked = terms_.text(terms_.operands(fact.term)[0]);
    if (any_word(asked, {"stale", "expired", "dead", "orphan", "abandoned"}) && fact.truth)
      conclusion_.stale = true;
    if (any_word(asked, {"alive", "running", "exists", "valid"}) && !fact.truth) conclusion_.stale = true;
    if (about_it || terms_.contains(fact.term, file_)) conclusion_.stale = true;
  }

  [[nodiscard]] bool is_constant(Term term) const {
    const TermKind kind = terms_.kind(term);
    return kind == TermKind::string || kind == TermKind::integer || kind == TermKind::boolean ||
           kind == TermKind::null;
  }

  [[nodiscard]] bool came_after_look(const paths::Fact& fact) const {
    return removal_.look != Removal::nowhere && fact.at > removal_.look;
  }

  [[nodiscard]] bool mentions(Term term, const std::vector<Term>& values) const {
    return std::any_of(values.begin(), values.end(), [&](Term value) {
      return value != Term::none && terms_.kind(value) != TermKind::unknown && terms_.contains(term, value);
    });
  }

  [[nodiscard]] bool same(Term file) const { return same_file(terms_, file, file_); }

  const ir::TermTable& terms_;
  const models::Models& models_;
  Removal& removal_;
  const Path& path_;
  Term file_;
  std::size_t first_ = 0;
  std::size_t unreadable_at_ = 0;
  std::size_t last_read_ = 0;
  std::vector<Term> read_, handles_, clocks_;
  std::vector<std::pair<Term, std::size_t>> seen_;
  std::vector<std::pair<Term, Term>> sought_;  ///< what asking came to, what was asked for
  bool seen_there_ = false;
  struct Conclusion {
    bool own = false, unreadable = false, stale = false;
  };
  Conclusion conclusion_;
  bool idle_ = false;
};

}  // namespace

void judge(const ir::TermTable& terms, const models::Models& models, Removal& removal) {
  Judge(terms, models, removal).run();
}

}  // namespace lockwright::rules
