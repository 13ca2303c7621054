// What a rule is, and all that it may see: functions and their paths, never syntax.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/paths/engine.h"
#include "analyzer/paths/held.h"
#include "analyzer/paths/path.h"

namespace lockwright::rules {

/// One function under the rules' eyes.
struct FunctionPaths {
  paths::FunctionId id = paths::FunctionId::none;
  const ir::Function* function = nullptr;
  std::shared_ptr<const paths::Summary> summary;
  bool has_callers = false;  ///< some function of the program calls it: its paths are seen there too
};

class Protocols;
class StateFiles;

/// The analysed program.
class Analysis {
 public:
  /// Runs the engine over `functions` of `program`.
  Analysis(paths::Engine& engine, paths::Program& program, std::span<const paths::FunctionId> functions);
  ~Analysis();
  Analysis(const Analysis&) = delete;
  Analysis& operator=(const Analysis&) = delete;

  [[nodiscard]] std::span<const FunctionPaths> functions() const { return functions_; }
  [[nodiscard]] ir::TermTable& terms() const { return program_.terms; }
  [[nodiscard]] paths::Program& program() const { return program_; }
  [[nodiscard]] paths::Engine& engine() const { return engine_; }

  /// A term as the author of `function` would write it.
  [[nodiscard]] std::string name(const ir::Function& function, ir::Term term) const;
  /// A place (a field, a global) as the same in all functions: "pkg.Class.field", "pkg.global"; "" for what
  /// belongs to one call only.
  [[nodiscard]] std::string place(const ir::Function& function, ir::Term term) const;

  /// Whether a file that `step` creates exclusively is meant as a lock: somebody waits or gives up when it is
  /// there and somebody removes it, or it is called one.
  [[nodiscard]] bool is_lock_file(const ir::Function& function, const paths::Path& path,
                                  std::size_t step) const;

  /// Whether `file` is called a lock, or a file for a process's number, also by the parameter that it came
  /// in.
  [[nodiscard]] bool is_called_lock(const ir::Function& function, ir::Term file) const;
  /// Whether the file that `step` makes is called a lock, or made by code that is.
  [[nodiscard]] bool is_lock_by_name(const ir::Function& function, const paths::Path& path,
                                     std::size_t step) const;
  [[nodiscard]] bool is_called_pid_file(const ir::Function& function, ir::Term file) const;
  /// Whether `file` is a lock: called one, locked by a kernel or library lock on this path or somewhere in
  /// the program, or made exclusively where that it is there already is lived with.
  [[nodiscard]] bool is_lock(const ir::Function& function, const paths::Path& path, ir::Term file) const;

  /// Whether `file` is called a lock and no function of the program reads it: what is written into it is for
  /// people, and emptying it harms nobody.
  [[nodiscard]] bool is_sentinel(ir::Term file) const;

  /// What is done to each lock, in all functions together (protocol.h). Made when it is first asked for.
  [[nodiscard]] const Protocols& protocols() const;
  /// What is read from each file and written to it, likewise (state_file.h).
  [[nodiscard]] const StateFiles& state_files() const;

 private:
  void find_lock_files();
  void find_what_is_no_lock(const ir::Function& function, const paths::Path& path);
  bool is_called(const ir::Function& function, ir::Term file, bool (*speaks)(std::string_view),
                 std::unordered_map<ir::Term, bool>& known) const;

  paths::Engine& engine_;
  paths::Program& program_;
  std::vector<FunctionPaths> functions_;
  std::set<source::Range> directories_;  ///< sites where a directory is made to keep files in
  std::set<source::Range> drafts_;  ///< sites of exclusive creates of what is linked, or locked, afterwards
  std::vector<source::Range> contended_creates_;  ///< sites of exclusive creates whose refusal is lived with
  std::vector<std::string> locked_;               ///< shapes of files that the program locks, or locks by
  std::vector<std::string> removed_;              ///< shapes of files that the program unlinks or renames
  std::vector<std::string> read_;                 ///< shapes of files that the program reads
  mutable std::unordered_map<ir::Term, bool> says_lock_;  ///< terms looked at already
  mutable std::unordered_map<ir::Term, bool> says_pid_file_;
  mutable std::unique_ptr<Protocols> protocols_;
  mutable std::unique_ptr<StateFiles> state_files_;
};

/// One finding while a rule puts it together: which steps of which path prove it.
struct Evidence {
  const FunctionPaths* function = nullptr;
  const paths::Path* path = nullptr;
  std::vector<std::size_t> steps;  ///< indices into path->steps, in order; the witness
  std::size_t primary = 0;         ///< which of `steps` the finding is reported at
  /// How the path ends, when that is part of the proof (a lock that is not released): the last step's words.
  std::string exit_text;
  /// Another step in words of the rule's own, in place of the standard text, by position in `steps`.
  std::vector<std::pair<std::size_t, std::string>> texts;
  /// What would repair it, if the rule knows, and the steps it is about, be they of other paths of the
  /// function (findings/repair.h).
  std::optional<findings::RepairKind> repair = std::nullopt;
  std::vector<const paths::Step*> repair_steps;
};

/// One step of one path.
struct Deed {
  const FunctionPaths* function = nullptr;
  const paths::Path* path = nullptr;
  std::size_t step = 0;

  [[nodiscard]] const paths::Step& at() const { return path->steps[step]; }
};

/// One finding that takes two processes: what each does, in the order in which it goes wrong.
struct Interleaving {
  struct Act {
    findings::Actor actor;
    Deed deed;
    std::string text;
  };
  static constexpr std::size_t innermost = static_cast<std::size_t>(-1);

  std::vector<Act> acts;
  std::size_t primary = 0;  ///< which of `acts` the finding is reported at
  /// In which function on the way to that act: so many calls down from its path's function.
  std::size_t calls = innermost;
};

/// Collects findings; says each once, from the function in which its steps come together.
class Reporter {
 public:
  explicit Reporter(const Analysis& analysis) : analysis_(analysis) {}

  void report(const Evidence& evidence, std::string message, std::string help, findings::Severity severity);
  void report(const Interleaving& interleaving, std::string message, std::string help,
              findings::Severity severity);
  [[nodiscard]] std::vector<findings::Finding> take();

  /// Set by run() for the rule that is running.
  std::string_view rule_id;
  std::string_view rule_name;

 private:
  void keep(findings::Finding finding, std::size_t weight);

  const Analysis& analysis_;
  struct Entry {
    std::string key;
    std::size_t weight;
    findings::Finding finding;
  };
  std::vector<Entry> entries_;
};

/// A rule: who it is and its question. The page (rule.md) is found by its folder's name.
struct Rule {
  std::string_view id;       ///< "LW101"
  std::string_view name;     ///< "nested-same-file-lock", the folder's name
  std::string_view summary;  ///< one sentence
  findings::Severity severity = findings::Severity::error;
  std::span<const int> cwe;  ///< weaknesses of the Common Weakness Enumeration it is an instance of
  void (*check)(const Analysis& analysis, Reporter& reporter) = nullptr;
};

/// All rules, by id.
std::span<const Rule> all_rules();

/// The findings of the rules whose ids are in `enabled`, in no particular order.
std::vector<findings::Finding> run(const Analysis& analysis, std::span<const std::string> enabled);

/// Whether nobody else can know the name of `file`: it is made of random values or of this process's pid.
bool is_private_name(const ir::TermTable& terms, const paths::Path& path, ir::Term file);
/// Whether this path puts random values or its process's pid into the name of `file`.
bool is_made_unique(const ir::TermTable& terms, const paths::Path& path, ir::Term file);

/// Whether a name, taken apart into its words, speaks of a lock ("_get_lock_path", "FileLock"; not "clock").
bool speaks_of_locks(std::string_view name);

/// The same for a function by itself and its class, whatever their module is called ("pkg.Class.method").
bool function_speaks_of_locks(std::string_view qualified_name);

/// "acquires flock on session.lock": what a step does, for witnesses.
std::string describe(const Analysis& analysis, const ir::Function& function, const paths::Step& step);
/// "flock", "lock file": a mechanism's name in messages.
std::string_view name_of(models::Mechanism mechanism);

}  // namespace lockwright::rules
