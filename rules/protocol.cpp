// The identity of locks across functions, and the collecting of what is done to each.
#include "rules/protocol.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "rules/judgement.h"

namespace lockwright::rules {

using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::OperationKind;

namespace {

/// Spells a file's name so that every function spells it alike.
class Speller {
 public:
  Speller(const Analysis& analysis, const FunctionPaths& function)
      : analysis_(analysis), terms_(analysis.terms()), function_(*function.function) {}

  std::string spell(Term term) {
    switch (terms_.kind(term)) {
      case TermKind::string: return text(terms_.text(term));
      case TermKind::global: return place(term);
      case TermKind::field: {
        std::optional<std::string> shared = variable(term);
        return shared ? *std::move(shared) : place(term);
      }
      case TermKind::self: anchored_ = true; return "<" + std::string(function_.owner) + ">";
      case TermKind::param: {
        const auto position = static_cast<std::size_t>(terms_.number(term));
        if (position < function_.parameters.size())
          gaps_ += std::string(function_.parameters[position].name) + ",";
        return "{}";
      }
      case TermKind::concat: {
        inside_ = true;
        std::string result;
        for (const Term part : terms_.operands(term)) result += spell(part);
        return result;
      }
      case TermKind::index: return element(term);
      case TermKind::apply: return applied(term);
      default: gaps_ += "?"; return "{}";
    }
  }

  [[nodiscard]] bool anchored() const { return anchored_; }
  [[nodiscard]] const std::string& gaps() const { return gaps_; }

 private:
  std::string text(std::string_view value) {
    // A word of its own ("spec-numbering"); not a bare ending (".lock").
    std::size_t letters = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const bool ending = value[i] == '.' && value.find('/', i) == std::string_view::npos;
      if (ending) break;
      letters += std::isalpha(static_cast<unsigned char>(value[i])) != 0 ? 1 : 0;
    }
    constexpr std::size_t word = 4;
    anchored_ |= letters >= word;
    return std::string(value);
  }

  /// A variable that a closure shares: what it is to the function that declares it.
  std::optional<std::string> variable(Term term) {
    Term frame = terms_.operands(term)[0];
    std::string_view owner = function_.qualified_name;
    owner = ir::enclosing_function(owner).value_or(owner);
    for (; terms_.kind(frame) == TermKind::field && terms_.text(frame) == "^";
         frame = terms_.operands(frame)[0]) {
      owner = ir::enclosing_function(owner).value_or(owner);
    }
    if (terms_.kind(frame) != TermKind::frame) return std::nullopt;
    const auto declares =
        std::find_if(analysis_.functions().begin(), analysis_.functions().end(),
                     [&](const FunctionPaths& each) { return each.function->qualified_name == owner; });
    if (declares == analysis_.functions().end()) return std::nullopt;
    const Term value = value_of(*declares, terms_.text(term));
    if (value == Term::none) return std::nullopt;
    Speller speller(analysis_, *declares);
    speller.inside_ = inside_;
    std::string result = speller.spell(value);
    if (speller.gaps_.find('?') != std::string::npos) return std::nullopt;
    anchored_ |= speller.anchored_;
    gaps_ += speller.gaps_;
    return result;
  }

  /// The one value that a variable has on all ways through its function; none: it has several.
  [[nodiscard]] Term value_of(const FunctionPaths& function, std::string_view variable) const {
    Term result = Term::none;
    for (const paths::Path& path : function.summary->paths) {
      for (const auto& [place, value] : path.effects) {
        const bool same = terms_.kind(place) == TermKind::field && terms_.text(place) == variable &&
                          terms_.kind(terms_.operands(place)[0]) == TermKind::activation;
        if (!same || value == result) continue;
        if (result != Term::none || value == Term::none) return Term::none;
        result = value;
      }
    }
    return result;
  }

  std::string place(Term term) {
    const std::string known = analysis_.place(function_, term);
    if (!known.empty()) {
      anchored_ = true;
      return "<" + known + ">";
    }
    if (terms_.kind(term) != TermKind::field) return "{}";
    if ((terms_.kinds_in(term) & ir::kinds_of(TermKind::fresh)) != 0) gaps_ += "?";
    gaps_ += "." + std::string(terms_.text(term)) + ",";
    return "{}";
  }

  /// One of the files that match a pattern is a file of that pattern.
  std::string element(Term term) {
    Term base = terms_.operands(term)[0];
    while (terms_.kind(base) == TermKind::apply && terms_.operands(base).size() > 1)
      base = terms_.operands(base)[1];
    if (terms_.kind(base) != TermKind::make || terms_.operands(base).size() != 2 ||
        terms_.text(terms_.operands(base)[0]) != models::matching_files) {
      gaps_ += "?";
      return "{}";
    }
    const std::string pattern = spell(terms_.operands(base)[1]);
    std::string result;
    for (const char each : pattern) {
      if (each != '*' && each != '?') {
        result += each;
      } else if (!result.ends_with("{}")) {
        result += "{}";
      }
    }
    return result;
  }

  /// What a function of the program says is the same when it is asked the same. What is worked out of a value
  /// and becomes a part of a name (a digest, a safe name) is a gap.
  std::string applied(Term term) {
    const auto operands = terms_.operands(term);
    const Term callee = operands[0];
    const bool method = terms_.kind(callee) == TermKind::field;
    const bool known = method || analysis_.engine().models().function(terms_.text(callee)) != nullptr;
    if (known && inside_) {
      gaps_ += "?";
      return "{}";
    }
    std::string inner = method ? spell(terms_.operands(callee)[0]) : std::string();
    for (const Term operand : operands.subspan(1)) inner += "," + spell(operand);
    if (!known) anchored_ = true;
    return std::string(terms_.text(callee)) + "(" + inner + ")";
  }

  const Analysis& analysis_;
  const ir::TermTable& terms_;
  const ir::Function& function_;
  bool anchored_ = false;
  bool inside_ = false;  ///< of a name put together
  std::string gaps_;
};

bool is_kernel(Mechanism mechanism) {
  return mechanism == Mechanism::flock || mechanism == Mechanism::posix || mechanism == Mechanism::ofd ||
         mechanism == Mechanism::windows;
}

/// Whether the file that step `index` creates then gets a kernel lock: not its existence is the lock.
bool is_locked_later(const paths::Path& path, std::size_t index) {
  const models::Operation& made = path.steps[index].operation;
  return std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(index), path.steps.end(),
                     [&](const paths::Step& step) {
                       const models::Operation& operation = step.operation;
                       return operation.kind == OperationKind::acquire && is_kernel(operation.mechanism) &&
                              (operation.handle == made.handle || operation.file == made.file);
                     });
}

/// Whether step `index` makes a file that is called a lock, by a plain open, after the path has looked
/// whether it is there: a lock in its author's mind.
bool is_plain_creation(const Analysis& analysis, const FunctionPaths& function, const paths::Path& path,
                       std::size_t index) {
  const models::Operation& made = path.steps[index].operation;
  if (made.kind != OperationKind::open || !made.create || made.exclusive || made.refused ||
      is_locked_later(path, index) ||
      (!analysis.is_called_lock(*function.function, made.file) &&
       !analysis.is_called_pid_file(*function.function, made.file))) {
    return false;
  }
  return std::any_of(path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(index),
                     [&](const paths::Step& step) {
                       return step.operation.kind == OperationKind::exists &&
                              same_file(analysis.terms(), step.operation.file, made.file);
                     });
}

bool is_named_lock(const Analysis& analysis, const Deed& made) {
  const ir::Function& function = *made.function->function;
  return analysis.is_lock_by_name(function, *made.path, made.step) ||
         analysis.is_called_lock(function, lock_file_of(made.at())) ||
         analysis.is_called_pid_file(function, lock_file_of(made.at()));
}

/// Whether more is written into the file than who made it and when: then it is made for what it holds.
bool holds_data(const ir::TermTable& terms, const Deed& made) {
  constexpr ir::TermKinds data =
      ir::kinds_of(TermKind::param, TermKind::unknown, TermKind::self, TermKind::frame);
  const models::Operation& creation = made.at().operation;
  return std::any_of(made.path->steps.begin() + static_cast<std::ptrdiff_t>(made.step),
                     made.path->steps.end(), [&](const paths::Step& step) {
                       const models::Operation& operation = step.operation;
                       return operation.kind == OperationKind::write && creation.handle != Term::none &&
                              operation.handle == creation.handle &&
                              (terms.kinds_in(operation.value) & data) != 0;
                     });
}

/// Whether a name is taken away; by whom, and for what reason, is another question.
bool is_removal(const paths::Step& step) {
  const models::Operation& operation = step.operation;
  return (operation.kind == OperationKind::unlink || operation.kind == OperationKind::rename) &&
         !operation.refused && !step.detached;
}

}  // namespace

std::string lock_name(const Analysis& analysis, const FunctionPaths& function, Term file) {
  if (file == Term::none) return {};
  Speller speller(analysis, function);
  std::string name = speller.spell(file);
  if (speller.anchored()) return name;
  const std::string& module = analysis.program().module_of(function.id).name;
  const bool says_something =
      std::any_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
  if (says_something) return module + "|" + name;
  if (name != "{}") return {};
  // Nothing but a gap: one lock where it goes by one name.
  if (speller.gaps().empty() || speller.gaps().find('?') != std::string::npos) return {};
  return module + "|" + speller.gaps();
}

const std::string& Protocols::name_of_lock(const FunctionPaths& function, Term file) {
  const auto key = std::make_pair(&function, file);
  const auto known = names_.find(key);
  if (known != names_.end()) return known->second;
  return names_.emplace(key, lock_name(analysis_, function, file)).first->second;
}

Protocols::Protocols(const Analysis& analysis) : analysis_(analysis) {
  for (const FunctionPaths& function : analysis.functions()) {
    for (const paths::Path& path : function.summary->paths) add(function, path);
  }
  add_strays();
  // Whatever lies in a directory: what is done to it is done to the locks that are kept there.
  for (const auto& [name, all] : protocols_) {
    if (!name.ends_with("/{}") || all.has_acquirers()) continue;
    const std::string directory = name.substr(0, name.size() - 2);
    for (auto& [other, kept] : protocols_) {
      const bool inside =
          other.starts_with(directory) && other.find('/', directory.size()) == std::string::npos;
      if (inside && kept.has_acquirers()) {
        kept.removals.insert(kept.removals.end(), all.removals.begin(), all.removals.end());
      }
    }
  }
  // Made exclusively, but it is not the file's existence that is the lock: it gets a kernel lock, or it is
  // not called a lock and holds data. Seen on one way, it is so on all.
  std::set<source::Range> others;
  for (const auto& [name, protocol] : protocols_) {
    for (const Deed& made : protocol.creations) {
      if (is_locked_later(*made.path, made.step) ||
          (holds_data(analysis_.terms(), made) && !is_named_lock(analysis_, made))) {
        others.insert(made.at().range);
      }
    }
  }
  for (auto& [name, protocol] : protocols_) {
    std::erase_if(protocol.creations, [&](const Deed& made) { return others.contains(made.at().range); });
  }
}

void Protocols::add(const FunctionPaths& function, const paths::Path& path) {
  for (std::size_t index = 0; index < path.steps.size(); ++index) {
    const paths::Step& step = path.steps[index];
    const Mechanism mechanism = lock_attempt(step);
    const bool acquires = mechanism != Mechanism::none && mechanism != Mechanism::mutex &&
                          !step.operation.refused && !step.detached;
    if (is_plain_creation(analysis_, function, path, index)) {
      const std::string& made = name_of_lock(function, step.operation.file);
      if (!made.empty()) protocols_[made].plain.push_back({&function, &path, index});
      continue;
    }
    if (!acquires && !is_removal(step)) continue;
    const Term file = acquires ? lock_file_of(step) : step.operation.file;
    if (is_made_unique(analysis_.terms(), path, file)) continue;
    if (!acquires) {
      add_removal(function, path, index);
      continue;
    }
    const std::string& name = name_of_lock(function, file);
    if (name.empty()) continue;
    if (mechanism == Mechanism::lock_file && !analysis_.is_lock_file(*function.function, path, index) &&
        !is_named_lock(analysis_, {&function, &path, index})) {
      continue;
    }
    Protocol& protocol = protocols_[name];
    auto& deeds = mechanism == Mechanism::lock_file ? protocol.creations
                  : is_kernel(mechanism)            ? protocol.kernel_locks
                                                    : protocol.libraries;
    deeds.push_back({&function, &path, index});
    if (mechanism == Mechanism::lock_file) find_fields(function, path, file);
  }
}

/// Which fields of the records that the path makes hold the lock's file.
void Protocols::find_fields(const FunctionPaths& function, const paths::Path& path, Term file) {
  const ir::TermTable& terms = analysis_.terms();
  std::set<std::string_view>& fields = kept_in_[analysis_.program().module_of(function.id).name];
  const auto look_into = [&](Term record) {
    if (record == Term::none || terms.kind(record) != TermKind::make) return;
    for (const Term part : terms.operands(record)) {
      if (terms.kind(part) == TermKind::keyword && terms.operands(part)[0] == file)
        fields.insert(terms.text(part));
    }
  };
  look_into(path.value);
  for (const paths::Step& step : path.steps) look_into(step.operation.value);
  for (const auto& [place, value] : path.effects) {
    look_into(value);
    if (value == file && terms.kind(place) == TermKind::field) fields.insert(terms.text(place));
  }
}

void Protocols::add_removal(const FunctionPaths& function, const paths::Path& path, std::size_t step) {
  const ir::TermTable& terms = analysis_.terms();
  Removal removal;
  removal.function = &function;
  removal.path = &path;
  removal.step = step;
  judge(terms, analysis_.engine().models(), removal);
  const Term file = removal.at().operation.file;
  const std::string& name = name_of_lock(function, file);
  const bool in_field = terms.kind(file) == TermKind::field;
  if (!name.empty() && !(in_field && name.ends_with(','))) {
    protocols_[name].removals.push_back(removal);
  } else if (in_field || (removal.reclaims() && speaks_of_locks(function.function->qualified_name))) {
    strays_.push_back(removal);
  }
}

/// Removals of files whose names say nothing, to the one lock that their module makes: what goes by one name,
/// or is made in one place by whatever name.
void Protocols::add_strays() {
  if (strays_.empty()) return;
  const ir::TermTable& terms = analysis_.terms();
  struct Made {
    std::set<std::string_view> names;
    std::set<source::Range> places;
  };
  std::map<std::uint32_t, Made> made;  // by file
  for (const auto& [name, protocol] : protocols_) {
    for (const Deed& creation : protocol.creations) {
      Made& here = made[static_cast<std::uint32_t>(creation.at().range.file)];
      here.names.insert(name);
      here.places.insert(creation.at().range);
    }
  }
  for (const Removal& removal : strays_) {
    const Term file = removal.at().operation.file;
    const auto found = made.find(static_cast<std::uint32_t>(removal.at().range.file));
    const auto fields = kept_in_.find(analysis_.program().module_of(removal.function->id).name);
    const bool known = terms.kind(file) != TermKind::field ||
                       (fields != kept_in_.end() && fields->second.contains(terms.text(file)));
    if (known && found != made.end() &&
        (found->second.names.size() == 1 || found->second.places.size() == 1)) {
      for (const std::string_view name : found->second.names)
        protocols_[std::string(name)].removals.push_back(removal);
    } else if (const std::string& name = name_of_lock(*removal.function, file); !name.empty()) {
      protocols_[name].removals.push_back(removal);
    }
  }
}

const Removal* Protocol::reclaimer() const {
  const Removal* best = nullptr;
  for (const Removal& removal : removals) {
    if (!removal.reclaims() || removal.guarded) continue;
    if (removal.basis == Basis::unreadable && !removal.or_stale) continue;
    // Where it is written down, rather than where it is called.
    if (best == nullptr || (best->at().through != nullptr && removal.at().through == nullptr))
      best = &removal;
  }
  return best;
}

std::vector<std::vector<const Removal*>> by_place(const std::vector<Removal>& removals) {
  std::map<source::Range, std::vector<const Removal*>> places;
  for (const Removal& removal : removals) places[removal.at().range].push_back(&removal);
  std::vector<std::vector<const Removal*>> result;
  for (auto& [range, all] : places) {
    const bool seen_from_outside =
        std::any_of(all.begin(), all.end(), [](const Removal* each) { return !each->function->has_callers; });
    if (seen_from_outside)
      std::erase_if(all, [](const Removal* each) { return each->function->has_callers; });
    // Where holders give the lock back, those who were refused it are not out of patience: they pass by, too.
    const bool gives_back =
        std::any_of(all.begin(), all.end(), [](const Removal* each) { return each->held; });
    if (gives_back) {
      std::erase_if(all, [](const Removal* each) { return each->basis == Basis::waited && !each->held; });
    }
    result.push_back(std::move(all));
  }
  return result;
}

}  // namespace lockwright::rules
