// The analysed program, and what is known of it as a whole.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <utility>

#include "analyzer/models/dependency_lockfiles.h"
#include "rules/protocol.h"
#include "rules/state_file.h"

namespace lockwright::rules {

using ir::Term;
using ir::TermKind;
using models::OperationKind;

namespace {

/// A file's name without what differs between functions: parameters, receivers, values made on the way.
std::string shape(const ir::TermTable& terms, Term term) {
  switch (terms.kind(term)) {
    case TermKind::unknown:
    case TermKind::param:
    case TermKind::fresh:
    case TermKind::local: return "?";
    case TermKind::self: return "self";
    case TermKind::string:
    case TermKind::global: return std::string(terms.text(term));
    default: break;
  }
  std::string result(terms.text(term));
  result += '(';
  for (const Term operand : terms.operands(term)) {
    result += shape(terms, operand);
    result += ',';
  }
  result += ')';
  return result;
}

using WordTest = bool (*)(std::string_view);

/// Whether a text or a name in `term` passes `test`; `known` remembers the answers.
bool any_part(const ir::TermTable& terms, Term term, WordTest test, std::unordered_map<Term, bool>& known) {
  if (const auto found = known.find(term); found != known.end()) return found->second;
  static constexpr ir::TermKinds with_words =
      ir::kinds_of(TermKind::string, TermKind::global, TermKind::field);
  bool result = (ir::kinds_of(terms.kind(term)) & with_words) != 0 && test(terms.text(term));
  for (const Term operand : terms.operands(term)) result = result || any_part(terms, operand, test, known);
  known.emplace(term, result);
  return result;
}

bool speaks_of_pids(std::string_view name) {
  return name.ends_with(".pid") || name.find("pid_file") != std::string_view::npos ||
         name.find("pidfile") != std::string_view::npos || name.find("pid_path") != std::string_view::npos;
}

}  // namespace

namespace {

/// Whether a call that nothing is known of, but that its name speaks for, makes the name unique: "getpid"; or
/// a variable where such a number is kept.
bool calls_for_identity(const ir::TermTable& terms, Term term) {
  if (terms.kind(term) == TermKind::global || terms.kind(term) == TermKind::field) {
    const std::string_view name = terms.text(term);
    const std::string_view last = name.substr(name.rfind('.') + 1);
    static constexpr std::array own = {"current_pid", "my_pid", "mypid", "own_pid"};
    if (std::find(own.begin(), own.end(), last) != own.end()) return true;
  }
  if (terms.kind(term) == TermKind::apply) {
    const std::string_view name = terms.text(terms.operands(term)[0]);
    const std::string_view last = name.substr(name.rfind('.') + 1);
    if (last == "getpid" || last.starts_with("uuid") || last.find("random") != std::string_view::npos)
      return true;
  }
  const auto operands = terms.operands(term);
  return std::any_of(operands.begin(), operands.end(),
                     [&](Term operand) { return calls_for_identity(terms, operand); });
}

/// Whether `step` makes a file under a name that nobody has chosen: a temporary file, that tells its own
/// name.
bool is_named_by_system(const ir::TermTable& terms, const paths::Step& step) {
  const models::Operation& made = step.operation;
  return made.kind == models::OperationKind::open && made.exclusive && made.handle != Term::none &&
         terms.kind(made.handle) == TermKind::fresh && made.file != Term::none &&
         terms.kind(made.file) == TermKind::field && terms.operands(made.file)[0] == made.handle;
}

/// Whether one of the words may be in it, in whatever case; most names are through here fast.
bool may_speak_of_locks(std::string_view name) {
  const auto at = [&](std::size_t i) { return static_cast<char>(name[i] | 0x20); };
  for (std::size_t i = 2; i < name.size(); ++i) {
    if (at(i) == 'k' && at(i - 1) == 'c' && (at(i - 2) == 'l' || at(i - 2) == 'o')) return true;
    if (at(i) == 'x' && at(i - 1) == 'e' && at(i - 2) == 't') return true;
  }
  return false;
}

}  // namespace

bool is_private_name(const ir::TermTable& terms, const paths::Path& path, Term file) {
  return (terms.kinds_in(file) & ir::kinds_of(TermKind::fresh)) != 0 || is_made_unique(terms, path, file);
}

bool is_made_unique(const ir::TermTable& terms, const paths::Path& path, Term file) {
  if (calls_for_identity(terms, file)) return true;
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const paths::Step& step) {
    if (is_named_by_system(terms, step) && terms.contains(file, step.operation.file)) return true;
    const models::Probe probe = step.operation.probe;
    return (probe == models::Probe::pid || probe == models::Probe::random ||
            probe == models::Probe::weak_random || probe == models::Probe::clock) &&
           step.operation.value != Term::none && terms.contains(file, step.operation.value);
  });
}

bool speaks_of_locks(std::string_view name) {
  static constexpr std::array words = {"lock",  "locks",    "locked", "locking", "lockfile", "lockfiles",
                                       "mutex", "filelock", "flock",  "lck",     "dotlock",  "lockdir"};
  if (!may_speak_of_locks(name)) return false;
  std::string word;
  const auto ends = [&] {
    const bool found = std::find(words.begin(), words.end(), word) != words.end();
    word.clear();
    return found;
  };
  char before = 0;
  for (const char letter : name) {
    const auto character = static_cast<unsigned char>(letter);
    const bool hump = std::isupper(character) != 0 && std::islower(static_cast<unsigned char>(before)) != 0;
    if ((std::isalpha(character) == 0 || hump) && ends()) return true;
    if (std::isalpha(character) != 0) word += static_cast<char>(std::tolower(character));
    before = letter;
  }
  return ends();
}

Analysis::Analysis(paths::Engine& engine, paths::Program& program,
                   std::span<const paths::FunctionId> functions)
    : engine_(engine), program_(program) {
  std::set<std::string_view> called;
  const paths::CallChain* last = nullptr;
  const auto add = [&](const paths::CallChain* chain) {
    if (chain == std::exchange(last, chain)) return;
    for (; chain != nullptr; chain = chain->inner.get()) called.insert(chain->callee);
  };
  for (const paths::FunctionId id : functions) {
    const ir::Function& function = program.function(id);
    if (program.function_named(function.qualified_name) != id) continue;  // redefined below
    FunctionPaths entry{id, &function, engine.awaited_summary(id), false};
    if (!entry.summary) continue;
    for (const paths::Path& path : entry.summary->paths) {
      for (const paths::Step& step : path.steps) {
        add(step.through.get());
      }
      add(path.exit_through.get());
    }
    functions_.push_back(std::move(entry));
  }
  for (FunctionPaths& each : functions_) each.has_callers = called.contains(each.function->qualified_name);
  find_lock_files();
}

Analysis::~Analysis() = default;

const Protocols& Analysis::protocols() const {
  if (!protocols_) protocols_ = std::make_unique<Protocols>(*this);
  return *protocols_;
}

const StateFiles& Analysis::state_files() const {
  if (!state_files_) state_files_ = std::make_unique<StateFiles>(*this);
  return *state_files_;
}

namespace {

/// Whether the name of `file` is put together of that of `directory` and what comes after a slash, as far as
/// is known how it is put together.
bool is_inside(const ir::TermTable& terms, Term file, Term directory) {
  if (file == Term::none || !terms.definite(directory) || !terms.contains(file, directory)) return false;
  if (terms.kind(file) != ir::TermKind::concat) return terms.kind(file) == ir::TermKind::apply;
  const auto parts = terms.operands(file);
  const auto whole =
      terms.kind(directory) == ir::TermKind::concat ? terms.operands(directory) : std::span(&directory, 1);
  if (parts.size() <= whole.size() || !std::equal(whole.begin(), whole.end(), parts.begin())) return false;
  const Term next = parts[whole.size()];
  return terms.kind(next) == ir::TermKind::string && terms.text(next).starts_with('/');
}

/// Whether the name of `file` is that of `other` with an ending: "tasks.json.lock" of "tasks.json".
bool is_beside(const ir::TermTable& terms, Term file, Term other) {
  if (file == Term::none || !terms.definite(other) || terms.kind(file) != ir::TermKind::concat) return false;
  const auto parts = terms.operands(file);
  const auto whole = terms.kind(other) == ir::TermKind::concat ? terms.operands(other) : std::span(&other, 1);
  if (parts.size() != whole.size() + 1 || !std::equal(whole.begin(), whole.end(), parts.begin()))
    return false;
  const Term ending = parts.back();
  return terms.kind(ending) == ir::TermKind::string && terms.text(ending).find('/') == std::string_view::npos;
}

/// Where a function makes what a step does: there, or in what it calls there.
source::Range site(const paths::Step& step) {
  return step.through ? step.through->range : step.range;
}

/// Whether what is linked to was made for that: written by this path, or named so that nobody else has it.
bool is_linked_record(const ir::TermTable& terms, const paths::Path& path, std::size_t step) {
  const Term record = path.steps[step].operation.file;
  // What the caller gives is the text of a symbolic link as likely as a file.
  if (terms.kind(record) == TermKind::param || is_made_unique(terms, path, record)) return true;
  return std::any_of(path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(step),
                     [&](const paths::Step& each) {
                       const models::Operation& operation = each.operation;
                       const bool makes = operation.kind == OperationKind::write ||
                                          (operation.kind == OperationKind::open && operation.create);
                       return makes && !operation.refused && operation.file == record;
                     });
}

}  // namespace

/// What is created and then given its real name by a link is written there in peace: nobody waits for it.
/// What is made so that it is there, before the lock that is called after it, is what that lock protects. And
/// a directory in which files are kept is made for them.
void Analysis::find_what_is_no_lock(const ir::Function& function, const paths::Path& path) {
  for (std::size_t made = 0; made < path.steps.size(); ++made) {
    const paths::Step& step = path.steps[made];
    if (lock_attempt(step) != models::Mechanism::lock_file) continue;
    const Term file = lock_file_of(step);
    const bool directory = step.operation.kind == OperationKind::make_directory;
    for (std::size_t later = made + 1; later < path.steps.size(); ++later) {
      const models::Operation& operation = path.steps[later].operation;
      if (operation.kind == OperationKind::link && operation.file == file) drafts_.insert(site(step));
      if (!directory && lock_attempt(path.steps[later]) == models::Mechanism::lock_file &&
          is_beside(terms(), lock_file_of(path.steps[later]), file) &&
          is_called_lock(function, lock_file_of(path.steps[later])))
        drafts_.insert(site(step));
      if (directory && operation.file != file && is_inside(terms(), operation.file, file))
        directories_.insert(site(step));
    }
  }
}

namespace {

/// By what name a file is known to be removed somewhere. What has none, but for that of a parameter, counts
/// where it stands.
std::string removed_name(const ir::TermTable& terms, const ir::Function& function, Term file,
                         const paths::Step& step) {
  std::string name = shape(terms, file);
  if (name.find_first_not_of("?(),") < name.size()) return name;
  if (terms.kind(file) == TermKind::param) {
    const auto position = static_cast<std::size_t>(terms.number(file));
    if (position < function.parameters.size()) name = function.parameters[position].name;
  }
  return fmt::format("{} in {}", name, static_cast<std::uint32_t>(step.range.file));
}

/// What becomes of the file that a step removes.
enum class Fate : std::uint8_t {
  given_up,    ///< it is gone, as far as this function goes
  replaced,    ///< the same call of the function tries to make it again, as what is no lock may be, too
  taken_over,  ///< likewise, after it was refused the file
};

Fate fate_of(const paths::Path& path, const paths::Step& removed) {
  const auto is_attempt = [&](const paths::Step& step) {
    return lock_attempt(step) == models::Mechanism::lock_file && lock_file_of(step) == removed.operation.file;
  };
  const paths::Step* first = path.steps.data();
  const bool refused = std::any_of(
      first, &removed, [&](const paths::Step& step) { return step.operation.refused && is_attempt(step); });
  if (refused) return Fate::taken_over;
  const bool anew = std::any_of(&removed, first + path.steps.size(), [&](const paths::Step& step) {
    return is_attempt(step) && paths::same_calls(step.through, removed.through);
  });
  return anew ? Fate::replaced : Fate::given_up;
}

}  // namespace

void Analysis::find_lock_files() {
  std::set<std::string> locked;
  std::set<std::pair<source::Range, std::string>> removed;
  std::set<std::pair<source::Range, Fate>> fates;
  std::set<std::string> read;
  std::set<Term> files_read;
  for (const FunctionPaths& each : functions_) {
    for (const paths::Path& path : each.summary->paths) {
      find_what_is_no_lock(*each.function, path);
      for (const paths::Step& step : path.steps) {
        const models::Operation& operation = step.operation;
        const bool removes =
            operation.kind == OperationKind::unlink || operation.kind == OperationKind::rename;
        // Refused, and yet the function goes on, tries again or returns: that it exists is news, not a
        // failure.
        const bool contended = operation.retried || (operation.refused && path.exit == paths::Exit::returns);
        if (removes && !operation.refused) {
          removed.emplace(step.range, removed_name(terms(), *each.function, operation.file, step));
          fates.emplace(step.range, fate_of(path, step));
        }
        if (const models::Mechanism mechanism = lock_attempt(step);
            mechanism != models::Mechanism::none && mechanism != models::Mechanism::mutex &&
            (mechanism != models::Mechanism::lock_file || (contended && !operation.parents))) {
          // A bare parameter, or nothing at all, is no name to know a file by.
          if (std::string name = shape(terms(), lock_file_of(step));
              name.find_first_not_of("?(),") < name.size())
            locked.insert(std::move(name));
        }
        if (operation.kind == OperationKind::read && files_read.insert(operation.file).second)
          read.insert(shape(terms(), operation.file));
        // Whoever makes the directories above it too means to put files there.
        if (contended && lock_attempt(step) == models::Mechanism::lock_file && !operation.parents)
          contended_creates_.push_back(step.range);
      }
    }
  }
  locked_.assign(locked.begin(), locked.end());
  // What is only ever replaced, and never given up or taken over, is no lock.
  for (const auto& [place, name] : removed) {
    const bool replaced = fates.contains({place, Fate::replaced});
    if (!replaced || fates.contains({place, Fate::taken_over})) removed_.push_back(name);
  }
  std::sort(removed_.begin(), removed_.end());
  read_.assign(read.begin(), read.end());
  std::sort(contended_creates_.begin(), contended_creates_.end());
}

bool function_speaks_of_locks(std::string_view qualified_name) {
  const std::size_t last = qualified_name.rfind('.');
  if (last == std::string_view::npos) return speaks_of_locks(qualified_name);
  const std::size_t before = last == 0 ? std::string_view::npos : qualified_name.rfind('.', last - 1);
  std::string_view owner = qualified_name.substr(0, last);
  if (before != std::string_view::npos) owner.remove_prefix(before + 1);
  // Modules are called in small letters, classes are not.
  const bool is_class = !owner.empty() && (std::isupper(static_cast<unsigned char>(owner.front())) != 0 ||
                                           owner.front() == '_');
  return speaks_of_locks(qualified_name.substr(last + 1)) || (is_class && speaks_of_locks(owner));
}

namespace {

/// Whether the file is a package manager's, which locks versions.
bool locks_versions(const ir::TermTable& terms, Term file) {
  if (terms.kind(file) == TermKind::concat) file = terms.operands(file).back();
  return terms.kind(file) == TermKind::string && models::is_dependency_lockfile(terms.text(file));
}

}  // namespace

bool Analysis::is_called(const ir::Function& function, Term file, WordTest speaks,
                         std::unordered_map<Term, bool>& known) const {
  if (file == Term::none) return false;
  if (any_part(terms(), file, speaks, known)) return true;
  for (std::uint32_t position = 0; position < function.parameters.size(); ++position) {
    if (speaks(function.parameters[position].name) && terms().contains(file, terms().param(position)))
      return true;
  }
  return false;
}

bool Analysis::is_called_lock(const ir::Function& function, Term file) const {
  return is_called(function, file, speaks_of_locks, says_lock_) && !locks_versions(terms(), file);
}

bool Analysis::is_called_pid_file(const ir::Function& function, Term file) const {
  return is_called(function, file, speaks_of_pids, says_pid_file_);
}

bool Analysis::is_lock(const ir::Function& function, const paths::Path& path, Term file) const {
  if (file == Term::none) return false;
  if (is_called_lock(function, file) ||
      std::binary_search(locked_.begin(), locked_.end(), shape(terms(), file))) {
    return true;
  }
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const paths::Step& step) {
    const models::Mechanism mechanism = lock_attempt(step);
    return mechanism != models::Mechanism::none && mechanism != models::Mechanism::mutex &&
           lock_file_of(step) == file && terms().definite(file) &&
           (mechanism != models::Mechanism::lock_file || step.operation.refused);
  });
}

bool Analysis::is_sentinel(Term file) const {
  return any_part(terms(), file, speaks_of_locks, says_lock_) &&
         !std::binary_search(read_.begin(), read_.end(), shape(terms(), file));
}

std::string Analysis::place(const ir::Function& function, Term term) const {
  switch (terms().kind(term)) {
    case TermKind::global: return program_.resolve(terms().text(term)).name;
    case TermKind::field: {
      const Term base = terms().operands(term)[0];
      std::string owner;
      if (terms().kind(base) == TermKind::frame || terms().kind(base) == TermKind::activation) {
        // A variable that closures share belongs to the function that declares it.
        owner = function.qualified_name;
        if (terms().kind(base) == TermKind::frame)
          owner = ir::enclosing_function(function.qualified_name).value_or(function.qualified_name);
      } else {
        owner = engine_.type_of(base, function.owner, {});
        if (owner.empty()) owner = place(function, base);
      }
      return owner.empty() ? owner : owner + "." + std::string(terms().text(term));
    }
    default: return {};
  }
}

namespace {

/// The functions on whose behalf something is done that comes through these calls. What a closure does is the
/// business of the function that wrote it, and not of those that were given it to call:
/// with_lock(() => mkdir(directory)).
std::vector<std::string_view> whose_business(const ir::Function& function,
                                             const paths::CallChainPtr& through) {
  std::vector<std::string_view> result = {function.qualified_name};
  for (const paths::CallChain& call : paths::Calls(through)) {
    const std::optional<std::string_view> writer = ir::enclosing_function(call.callee);
    const auto found = writer ? std::find(result.rbegin(), result.rend(), *writer) : result.rend();
    if (found != result.rend()) result.erase(found.base(), result.end());
    result.push_back(call.callee);
  }
  return result;
}

}  // namespace

bool Analysis::is_lock_by_name(const ir::Function& function, const paths::Path& path,
                               std::size_t step) const {
  const paths::Step& made = path.steps[step];
  return is_called_lock(function, lock_file_of(made)) ||
         std::ranges::any_of(whose_business(function, made.through), speaks_of_locks);
}

bool Analysis::is_lock_file(const ir::Function& function, const paths::Path& path, std::size_t step) const {
  const paths::Step& made = path.steps[step];
  if (drafts_.contains(site(made)) || locks_versions(terms(), lock_file_of(made)) ||
      is_named_by_system(terms(), made))
    return false;
  if (is_lock_by_name(function, path, step)) return true;
  if (made.operation.kind == OperationKind::link && !is_linked_record(terms(), path, step)) return false;
  // Where everybody has a name of his own there is nothing to contend for.
  if (is_made_unique(terms(), path, lock_file_of(made))) return false;
  return (!directories_.contains(site(made)) &&
          std::binary_search(contended_creates_.begin(), contended_creates_.end(), made.range) &&
          std::binary_search(removed_.begin(), removed_.end(),
                             removed_name(terms(), function, lock_file_of(made), made)));
}

}  // namespace lockwright::rules
