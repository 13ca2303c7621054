// Executes one function over its CFG, all paths at once. Internal to paths/.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzer/paths/engine.h"
#include "analyzer/paths/flow.h"
#include "analyzer/paths/spread.h"
#include "analyzer/paths/state.h"
#include "analyzer/paths/substitution.h"

namespace lockwright::paths {

/// One thing that an instruction came to.
struct Result {
  State state;
  bool raised = false;
  ir::Term value = ir::Term::none;  ///< the result, or the exception
  bool located = false;             ///< the state says already where the exception comes from
};

class Executor {
 public:
  Executor(Engine& engine, FunctionId function, const Context& context);
  Summary run();

 private:
  /// What a callee turned out to be.
  struct Target {
    enum class Kind : std::uint8_t { unknown, function, row, constructor, guard, promise };
    Kind kind = Kind::unknown;
    FunctionId function = FunctionId::none;
    const models::Row* row = nullptr;
    ClassId type = ClassId::none;
    ir::Term callee = ir::Term::none;
    ir::Term receiver = ir::Term::none;
    ir::Term frame = ir::Term::none;
  };
  struct CallInfo {
    source::Range range;
    std::uint32_t site = 0;
    ir::Completion completion = ir::Completion::immediate;
  };

  // Control flow (executor.cpp).
  void run_block(ir::BlockId id, std::vector<State> states);
  void reduce(std::vector<State>& states);
  [[nodiscard]] std::size_t most_states(const std::vector<State>& states) const;
  [[nodiscard]] bool ends_process(ir::Term raised) const;
  void assign(State& state, ir::Local local, ir::Term what);
  void drop_handle(const ir::Instruction& call, State& state);
  void finish(ir::BlockId id, State state);
  void go(ir::BlockId from, ir::BlockId to, State state);
  void raise(ir::BlockId from, State state, ir::Term exception, source::Range range);
  void leave(State state, Exit exit, ir::Term value, source::Range range);
  void dispatch(ir::BlockId id, State state, const ir::Terminator& end);
  bool take(State& state, ir::Term test, bool truth, std::uint32_t at, source::Range range);
  bool is_certainly_true(const State& state, ir::Term term);

  // Loops over numbers (ranges.cpp).
  struct Range {
    std::int64_t first;
    ir::Term past;
  };
  [[nodiscard]] std::optional<Range> range_of(ir::Term range) const;
  /// How often the loop has gone round.
  std::uint32_t rounds(const State& state, ir::BlockId header) const;
  /// The number that a loop over `range` has in the innermost loop's round.
  std::int64_t number_of_round(const State& state, const Range& range) const;
  /// Of a loop that counts up to a constant: in the last round that is followed the counter is what it is in
  /// the loop's last.
  void go_to_last_round(State& state, ir::BlockId header, const ir::Terminator& test);
  /// Whether the loop of `test`, if it goes over numbers, can have come to its end.
  bool may_end(const State& state, ir::BlockId header, const ir::Terminator& test);
  [[nodiscard]] bool is_unnamed_code(ir::Term test) const;
  std::optional<bool> by_class(const State& state, ir::Term test);
  Summary collect();
  void execute(const ir::Instruction& instruction, State state, std::vector<Result>& results);

  // Values (values.cpp).
  /// The value of an instruction's term. A term that has been through here is a value: a field in it stands
  /// for what the field held then (or at the function's entry), and must not be looked up again.
  ir::Term value(const State& state, ir::Term term);
  /// What a place holds now; its base (and key) are values already.
  ir::Term held_in(const State& state, ir::Term place);
  ir::Term fresh(const State& state, std::uint32_t site);
  [[nodiscard]] std::uint32_t repetition(const State& state) const;
  std::string type_of(const State& state, ir::Term term);
  /// The class that a parameter is declared to have, "" when none is.
  std::string declared_type_of(const ir::Function& function, std::size_t parameter);
  std::string captured_type(std::string_view variable);
  void consult(ir::Term term);
  [[nodiscard]] bool is_idle(const models::Operation& operation) const;
  void record(State& state, models::Operation operation, source::Range range);
  void record_drop(State& state, ir::Term place, source::Range range);
  void store(State& state, ir::Term place, ir::Term value);

  // Calls (calls.cpp).
  Target target(const State& state, ir::Term callee);
  void probe(State& state, ir::Term read, source::Range range);
  void called_object(const State& state, Target& target);
  Target method_target(const State& state, ir::Term callee);
  void call(State state, ir::Term callee, const std::vector<ir::Argument>& arguments, const CallInfo& info,
            std::vector<Result>& results, int depth = 0);
  void call_function(State state, const Target& target, const std::vector<ir::Argument>& arguments,
                     const CallInfo& info, std::vector<Result>& results);
  void call_row(State state, const Target& target, const std::vector<ir::Argument>& arguments,
                const CallInfo& info, std::vector<Result>& results, int depth);
  void call_constructor(State state, const Target& target, const std::vector<ir::Argument>& arguments,
                        const CallInfo& info, std::vector<Result>& results, int depth);
  void call_unknown(State state, const Target& target, const std::vector<ir::Argument>& arguments,
                    const CallInfo& info, std::vector<Result>& results);
  bool is_this_function(const State& state, ir::Term value);
  [[nodiscard]] bool is_impossible(const models::Outcome& outcome) const;
  void record_attempt(State& state, const models::Meaning& meaning, const CallInfo& info);
  void nested_calls(State state, const models::Outcome& outcome, std::size_t next, ir::Term last,
                    const CallInfo& info, std::vector<Result>& results, int depth);
  void add_spawned(State& state, const std::vector<Result>& ends);
  [[nodiscard]] bool starts_at_call(ir::Term function) const;
  void suspend(State state, const Target& target, const std::vector<ir::Argument>& arguments,
               const CallInfo& info, std::vector<Result>& results, bool guard);
  void run_suspended(State state, ir::Term suspended, const CallInfo& info, std::vector<Result>& results,
                     int depth);
  void run_deferred(State state, ir::Term stack, ir::Term value, const CallInfo& info,
                    std::vector<Result>& results, int depth);
  /// Everything else may run here, and what waits may be cancelled.
  void wait(State& state, const CallInfo& info, std::vector<Result>& results,
            ir::Term awaited = ir::Term::none);

  // Promises (promises.cpp).
  void begin(Histories::Node before, std::vector<Result> ends, const CallInfo& info,
             std::vector<Result>& results);
  void detach(State& state, Histories::Node before, std::uint32_t first, ir::Term task, source::Range range);
  void settle(State state, ir::Term promise, const CallInfo& info, std::vector<Result>& results,
              int depth = 0);
  void reattach(State& state, ir::Term task);
  void retag(State& state, ir::Term from, ir::Term to);
  void adopt(State state, bool raised, ir::Term value, ir::Term task, std::vector<Result>& results);
  void call_promise(State state, const Target& target, const std::vector<ir::Argument>& arguments,
                    const CallInfo& info, std::vector<Result>& results, int depth);
  void continue_promise(State state, const Target& target, const std::vector<ir::Argument>& arguments,
                        const CallInfo& info, std::vector<Result>& results, int depth);
  void make_promise(State state, const std::vector<ir::Argument>& arguments, const CallInfo& info,
                    std::vector<Result>& results, int depth);
  void combine_promises(State state, std::string_view how, ir::Term given, const CallInfo& info,
                        std::vector<Result>& results);

  // Callees with a body (inline.cpp).
  std::vector<ir::Term> bind(const ir::Function& callee, const std::vector<ir::Argument>& arguments);
  ir::Term portable(const State& state, ir::Term place, ir::Term argument);
  ir::Term portable_record(const State& state, ir::Term place, ir::Term record);
  void add_field(const State& state, const Target& target, ir::Term place, Context& context);
  void add_places(const State& state, const Target& target, const Summary& general, Context& context);
  std::shared_ptr<const Summary> summary_for(const State& state, const Target& target,
                                             const std::vector<ir::Term>& arguments);
  std::shared_ptr<Substitution> substitution_for(const State& state, const Target& target,
                                                 std::vector<ir::Term> arguments, const CallInfo& info);
  bool lay_out(State& state, const Path& path, Substitution& substitution, std::size_t first,
               std::size_t last);
  void set_declared_type(const ir::Function& callee, ir::Term result);
  void enter_guard(State state, ir::Term guard, const CallInfo& info, std::vector<Result>& results);
  void exit_guard(State state, std::size_t open, ir::Term exception, std::vector<Result>& results);

  Engine& engine_;
  Program& program_;
  ir::TermTable& terms_;
  FunctionId id_;
  const ir::Function& function_;
  const Context& context_;
  const Limits limits_;
  std::string self_type_;
  Flow flow_;
  Histories histories_;
  std::map<ir::BlockId, std::vector<State>> pending_;
  std::vector<Result> left_;  ///< paths that have left the function; `value` and how
  std::vector<source::Range> left_at_;
  std::set<std::int32_t> consulted_;
  std::set<ir::Term> consulted_places_;
  std::vector<std::shared_ptr<Substitution>> substitutions_;  ///< of the instruction under way
  std::size_t executed_ = 0;
  std::size_t states_here_ = 1;  ///< that the instruction under way is executed in
  bool truncated_ = false;
  bool asks_how_it_began_ = false;
};

/// Whether `value` is worth remembering in fields and variables; arithmetic would only keep states apart.
bool worth_keeping(const ir::TermTable& terms, ir::Term value);

/// Whether `term` is a variable of an enclosing function.
bool is_captured(const ir::TermTable& terms, ir::Term term);

/// The marker class of a call to an async function or generator that has been made but not run:
/// make(suspended_class, [callee, receiver or null, frame or null, fresh, arguments…]).
inline constexpr std::string_view suspended_class = "lockwright.suspended";

}  // namespace lockwright::paths
