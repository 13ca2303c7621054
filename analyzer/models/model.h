// Models: what a call means, as data. A row of rules/models/*.json (or of a user's file) says for a callee
// which parameters it has and, by case of their constant values, what can come of a call: the operations
// done, the value returned or the exception raised.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/ir/instruction.h"
#include "analyzer/ir/term.h"
#include "analyzer/models/operation.h"
#include "analyzer/source/result.h"

namespace lockwright::models {

/// The class of what a search for files gives: make(matching_files, [pattern]). Its elements are files whose
/// names match, `*` and `?` being gaps.
inline constexpr std::string_view matching_files = "lockwright.matches";

struct Row;  // one row, compiled; row.h

/// A call to a function that the model names, which the engine makes in place of, or after, this one.
struct NestedCall {
  enum class When : std::uint8_t {
    now,    ///< this call is that call (to_thread, a retry helper)
    spawn,  ///< started, not waited for (create_task, Thread.start)
    defer,  ///< when the scope of `stack` is left (ExitStack.callback)
  };
  When when = When::now;
  bool suspends = false;  ///< everything else may run meanwhile (an await around it)
  ir::Term function = ir::Term::none;
  std::vector<ir::Argument> arguments;
  ir::Term stack = ir::Term::none;  ///< defer: the object that runs it
};

/// A field that the call sets on the object it returns or on its receiver ("<file>": the path behind a
/// handle), or an element.
struct FieldEffect {
  ir::Term base = ir::Term::none;
  std::string_view name;
  ir::Term key = ir::Term::none;  ///< in place of a name: the element of that key
  ir::Term value = ir::Term::none;
};

/// One thing that can come of a call.
struct Outcome {
  std::vector<Operation> operations;
  std::vector<FieldEffect> fields;
  std::vector<NestedCall> calls;
  std::vector<Operation> finally;    ///< done when `calls` have ended, whichever way
  bool run_deferred = false;         ///< run what was deferred on the receiver, last first
  ir::Term result = ir::Term::none;  ///< none: the result of the last nested call, or null
  ir::Term raised = ir::Term::none;  ///< the exception object; none: returns
  std::string_view result_type;      ///< class of the object that `result` names, "" when no statement
  std::string_view collects;         ///< the result is a container of this class with what the calls return
};

/// A call with its values known as far as the path knows them.
struct Call {
  ir::Term callee = ir::Term::none;    ///< a global, or a field of the receiver
  ir::Term receiver = ir::Term::none;  ///< methods
  std::span<const ir::Argument> arguments;
  ir::Term fresh = ir::Term::none;  ///< the new value that this call makes, should it make one
  std::int64_t round = 0;  ///< how often the innermost loop around the call has gone round, or its number
  /// What the caller knows of values beyond their terms; both may be empty. The value that a field, an entry
  /// or a global holds here (what it is a field of is a value already); the class of the object that a term
  /// names
  /// ("": not known).
  std::function<ir::Term(ir::Term)> resolve = nullptr;
  std::function<std::string(ir::Term)> type_of = nullptr;
};

/// What a call can come to. `consulted` are the arguments whose value decided, or would have decided had it
/// been known, which case of the row applies.
struct Meaning {
  std::vector<Outcome> outcomes;
  std::vector<ir::Term> consulted;
  /// What is returned or raised comes by a promise: the call itself has begun the work and returned at once.
  bool promise = false;
};

/// A literal of the prefilter: a file that contains it can begin a finding.
struct Trigger {
  std::string literal;
  /// Last components of the functions and methods whose rows it stands at. A quoted text ("\"x\"") tells of a
  /// lock only where one of them is called; anywhere else it is a text like others. Empty: of the whole file.
  std::vector<std::string> callees = {};
  /// Words of which the file must have one, too, in whatever case: what is released may be a key. Empty:
  /// none.
  std::vector<std::string> beside = {};
  std::size_t within = 0;  ///< so many lines before it or after it the word must stand; 0: anywhere

  friend bool operator==(const Trigger&, const Trigger&) = default;
};

/// What a call does that locks are about. In order: each is more than the one before.
enum class Effect : std::uint8_t {
  none,
  reads,    ///< files: looks whether they are there, and what is in them
  changes,  ///< files, locks, registries, what runs
};

/// All rows in force for one language. Immutable after loading; const calls from several threads, each with
/// its own TermTable.
class Models {
 public:
  /// `language`: that of the model files that count ("python"); "" for all.
  explicit Models(std::string_view language = {});
  ~Models();
  Models(Models&&) noexcept;
  Models& operator=(Models&&) noexcept;

  /// Adds the rows of one JSON text; later rows win over earlier ones for the same callee. `name` is used in
  /// errors only. On an error nothing of the text is added. False when it is for another language.
  [[nodiscard]] source::Result<bool> add(std::string_view json, std::string_view name);

  /// The row for a function or class, for a method of a class (its bases by the models included), for a
  /// method whose receiver's class is not known; null when the models say nothing.
  [[nodiscard]] const Row* function(std::string_view qualified_name) const;
  [[nodiscard]] const Row* method(std::string_view type, std::string_view name) const;
  [[nodiscard]] const Row* method_of_unknown(std::string_view name) const;

  /// Whether this is a function that the models know, and know to do nothing to files and locks.
  [[nodiscard]] bool does_nothing(std::string_view qualified_name) const;

  /// Whether a call of this function can acquire a lock between processes.
  [[nodiscard]] bool acquires_file_lock(std::string_view qualified_name) const;

  /// What `call` can come to by `row`.
  [[nodiscard]] Meaning interpret(const Row& row, const Call& call, ir::TermTable& terms) const;

  /// Whether the class `derived` is `base` or, by the models, below it.
  [[nodiscard]] bool is_subclass(std::string_view derived, std::string_view base) const;
  /// Whether the models know this class at all.
  [[nodiscard]] bool knows_type(std::string_view type) const;
  /// Whether a function so decorated is a generator whose parts before and after its yield are the enter and
  /// the exit of a scope guard.
  [[nodiscard]] bool makes_scope_guard(std::string_view decorator) const;
  /// Whether a function so decorated hands out again what it made when it was called with the same arguments.
  [[nodiscard]] bool is_memoizer(std::string_view decorator) const;
  /// The language's names for what a scope guard does on the way in and on every way out, for a class's
  /// constructor, and for the exception that ends a cancelled wait ("" when the language has none).
  [[nodiscard]] bool is_scope_enter(std::string_view method) const;
  [[nodiscard]] bool is_scope_exit(std::string_view method) const;
  [[nodiscard]] const std::vector<std::string>& constructors() const;
  [[nodiscard]] std::string_view cancellation() const;
  /// Whether a function of a library is known that this is the module of: "fcntl".
  [[nodiscard]] bool is_module(std::string_view name) const;
  /// Whether the value of this constant or function is the same in all processes of one system and another on
  /// other systems.
  [[nodiscard]] bool tells_platform(std::string_view global) const;
  /// Whether an exception of this class is raised only by calls whose rows name it: a call that raises a more
  /// general one (OSError) does not raise this (FileExistsError).
  [[nodiscard]] bool is_raised_by_name_only(std::string_view exception) const;
  /// Whether an exception of class `exception` cannot have `text` in its `field`: only those of a class below
  /// it have, which is raised by name only (an error whose code is EEXIST).
  [[nodiscard]] bool is_said_by_name_only(std::string_view exception, std::string_view field,
                                          std::string_view text) const;
  /// Whether an exception of class `exception` has the constant `code` as its error code, in a language where
  /// codes have classes of their own; nothing when that is open.
  [[nodiscard]] std::optional<bool> has_code(std::string_view exception, std::string_view code) const;
  /// Whether numbers of this class are never below zero: a descriptor that a call has given.
  [[nodiscard]] bool is_never_negative(std::string_view type) const;
  /// Whether an object of this class is made of two numbers, and a loop over it goes through those from the
  /// first to before the second.
  [[nodiscard]] bool is_range(std::string_view type) const;
  /// Whether two constants are known to have different values.
  [[nodiscard]] bool differ(std::string_view left, std::string_view right) const;
  /// Whether an object made of another of its class takes that one's place (C++'s copies and moves).
  [[nodiscard]] bool copies_values() const;
  /// Whether objects of this class are containers: what was put into a place that holds one is looked up by
  /// the place, as others may have changed it meanwhile.
  [[nodiscard]] bool is_container(std::string_view type) const;
  /// Whether an object of this class may count as false in a condition (a string, an empty list).
  [[nodiscard]] bool may_be_false(std::string_view type) const;
  /// Whether what an object of this class was made of are its elements, by position.
  [[nodiscard]] bool is_sequence(std::string_view type) const;
  /// What reading this global tells about the process (process.pid: a pid).
  [[nodiscard]] Probe probe_of(std::string_view global) const;
  [[nodiscard]] bool has_probes() const;
  /// The name that calls of an object itself have among its methods.
  static constexpr std::string_view call_operator = "()";
  /// The fields, with their texts, that every object of this class has.
  using Constants = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] const Constants& constants_of(std::string_view type) const;
  /// Whether an exception of this class means that the process is about to end.
  [[nodiscard]] bool ends_process(std::string_view exception) const;
  /// The value of a constant global (fcntl.LOCK_EX is itself; an alias like "socket.x" may stand for
  /// another).
  [[nodiscard]] std::string_view alias(std::string_view qualified_name) const;

  /// Whether a function of this qualified name, or some class's method of this name, opens, reads, writes or
  /// removes files by their names.
  [[nodiscard]] bool may_use_files(std::string_view callee) const;

  /// Literals of the prefilter: a file with none of them cannot begin a finding.
  [[nodiscard]] const std::vector<Trigger>& lock_triggers() const;
  /// The most that a function or method whose name ends in this component does.
  [[nodiscard]] Effect effect_of(std::string_view last_component) const;
  /// Whether a function that names this one is worth a look in a module that is parsed anyway.
  [[nodiscard]] bool is_side_trigger(std::string_view qualified_name) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace lockwright::models
