// Executing a function symbolically, all of its paths side by side.
//
// States wait at the entries of blocks; the block with the lowest number (reverse post-order: everything that
// leads to it has been done, back edges aside) takes all of its states, joins those with one future, and runs
// each through its instructions. An instruction may come to several things (a call returns or raises; a lock
// is obtained or refused): each goes on as a state of its own, exceptional ones to the block's landing.
#include "analyzer/paths/executor.h"

#include <algorithm>

#include "analyzer/ir/operators.h"
#include "analyzer/paths/condense.h"
#include "analyzer/paths/conditions.h"
#include "analyzer/paths/promises.h"
#include "analyzer/paths/reachable.h"

namespace lockwright::paths {

using ir::BlockId;
using ir::InstructionKind;
using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::OperationKind;

namespace {

const ir::Block& block_of(const ir::Function& function, BlockId id) {
  return function.cfg.blocks[static_cast<std::size_t>(id)];
}

/// `__name__ == "__main__"`
bool is_main_test(const ir::TermTable& terms, Term test) {
  if (!is_operator(terms, test, {"operator.eq"})) return false;
  const auto operands = terms.operands(test);
  return terms.kind(operands[1]) == TermKind::global && terms.text(operands[1]).ends_with(".__name__");
}

}  // namespace

Executor::Executor(Engine& engine, FunctionId function, const Context& context)
    : engine_(engine),
      program_(engine.program()),
      terms_(engine.program().terms),
      id_(function),
      function_(engine.program().function(function)),
      context_(context),
      limits_(engine.limits_for(function)),
      self_type_(context.receiver_type.empty() ? std::string(function_.owner) : context.receiver_type),
      flow_(terms_, function_) {}

Summary Executor::run() {
  State entry;
  entry.variables.assign(function_.locals.size(), Term::none);
  for (std::uint32_t i = 0; i < function_.parameters.size(); ++i) entry.variables[i] = terms_.param(i);
  for (const auto& [parameter, constant] : context_.constants) {
    if (parameter < entry.variables.size()) entry.variables[parameter] = constant;
  }
  for (const auto& [place, known] : context_.places) set_effect(entry.store, place, known);
  if (!function_.cfg.blocks.empty()) pending_[BlockId{0}].push_back(std::move(entry));
  while (!pending_.empty()) {
    auto first = pending_.extract(pending_.begin());
    if (executed_ > limits_.instructions_per_function) {
      truncated_ = true;
      break;
    }
    run_block(first.key(), std::move(first.mapped()));
  }
  return collect();
}

void Executor::run_block(BlockId id, std::vector<State> states) {
  const ir::Block& block = block_of(function_, id);
  for (State& state : states) {
    for (std::size_t local = 0; local < state.variables.size(); ++local) {
      const bool exception =
          block.exception != ir::Local::none && local == static_cast<std::size_t>(block.exception);
      if (!exception && !flow_.live(id, local)) state.variables[local] = Term::none;
    }
  }
  reduce(states);
  std::vector<Result> results;
  for (const ir::Instruction& instruction : block.instructions) {
    results.clear();
    states_here_ = states.size();
    substitutions_.clear();
    for (State& state : states) {
      ++executed_;
      execute(instruction, std::move(state), results);
    }
    const std::size_t before = states.size();
    states.clear();
    for (Result& result : results) {
      if (result.raised && instruction.never_raises && !ends_process(result.value)) continue;
      if (result.raised) {
        raise(id, std::move(result.state), result.value,
              result.located ? source::Range{} : instruction.range);
      } else {
        if (instruction.result != ir::Local::none) {
          assign(result.state, instruction.result, result.value == Term::none ? terms_.null() : result.value);
        }
        states.push_back(std::move(result.state));
      }
    }
    if (states.size() > before) reduce(states);
  }
  for (State& state : states) finish(id, std::move(state));
}

/// Not an exception, but the end of everything: exit().
bool Executor::ends_process(Term raised) const {
  return terms_.kind(raised) == TermKind::make &&
         engine_.models().ends_process(terms_.text(terms_.operands(raised)[0]));
}

void Executor::reduce(std::vector<State>& states) {
  if (states.size() < 2) return;
  join(terms_, states);
  if (states.size() > limits_.states_before_coarse) join_coarsely(terms_, states);
  truncated_ |= keep_spread(states, most_states(states), [&](const State& state) {
    return Course{histories_.view(state.history), state.raised_at};
  });
}

/// How many of `states` are gone on with: of long paths fewer.
std::size_t Executor::most_states(const std::vector<State>& states) const {
  std::size_t steps = 0;
  for (const State& state : states) steps += histories_.length(state.history);
  const std::size_t each = steps / states.size();
  const std::size_t most = limits_.states_per_block;
  if (each * most <= limits_.steps_in_states) return most;
  return std::min(most, std::max(limits_.steps_in_states / each, limits_.states_of_long_functions));
}

void Executor::assign(State& state, ir::Local local, Term what) {
  const auto index = static_cast<std::size_t>(local);
  state.variables[index] = what;
  const Term declared = function_.locals[index].declared_type;
  if (declared != Term::none && terms_.kind(declared) == TermKind::global &&
      terms_.kind(what) == TermKind::apply && type_of(state, what).empty()) {
    engine_.set_term_type(what, program_.resolve(terms_.text(declared)).name);
  }
}

void Executor::finish(BlockId id, State state) {
  const ir::Terminator& end = block_of(function_, id).end;
  switch (end.kind) {
    case ir::TerminatorKind::jump: go(id, end.then_block, std::move(state)); return;
    case ir::TerminatorKind::leave: {
      const Term returned = end.value == Term::none ? terms_.null() : value(state, end.value);
      if (!function_.starts_at_call || !is_promise(terms_, returned)) {
        leave(std::move(state), Exit::returns, returned, end.range);
        return;
      }
      // An async function that returns a promise is done when that is.
      std::vector<Result> ends;
      settle(std::move(state), returned, {.range = end.range}, ends);
      for (Result& each : ends) {
        leave(std::move(each.state), each.raised ? Exit::raises : Exit::returns, each.value, end.range);
      }
      return;
    }
    case ir::TerminatorKind::raise: {
      const Term exception = end.value == Term::none ? terms_.unknown() : value(state, end.value);
      // Raised again on the way out of a finally or a scope: what raised it first is what a reader wants.
      const bool again = state.raised_at.end != 0 && exception == state.raised;
      raise(id, std::move(state), exception, again ? source::Range{} : end.range);
      return;
    }
    case ir::TerminatorKind::dispatch: dispatch(id, std::move(state), end); return;
    case ir::TerminatorKind::branch: break;
  }
  if (end.test == Term::none) {
    if (may_end(state, id, end)) go(id, end.else_block, state);
    go(id, end.then_block, std::move(state));
    return;
  }
  if (engine_.models().has_probes()) probe(state, end.test, end.range);
  go_to_last_round(state, id, end);
  const Term test = value(state, end.test);
  consult(test);
  const std::uint32_t at = histories_.length(state.history);
  State other = state;
  if (take(state, test, true, at, end.range)) go(id, end.then_block, std::move(state));
  if (take(other, test, false, at, end.range)) go(id, end.else_block, std::move(other));
}

/// Takes `test` for `truth`. False when that cannot be.
bool Executor::take(State& state, Term test, bool truth, std::uint32_t at, source::Range range) {
  const Literal positive = literal(terms_, test, truth);
  if (is_main_test(terms_, positive.term)) {
    asks_how_it_began_ = true;
    if (context_.imported && positive.truth) return false;
  }
  if (positive.truth ? is_unnamed_code(positive.term) : is_certainly_true(state, positive.term)) return false;
  if (const std::optional<bool> known = by_class(state, positive.term)) return *known == positive.truth;
  return assume(terms_, state.facts, positive, at, range);
}

/// "The error's code is EEXIST", of an error that some call raised which never fails for that reason.
bool Executor::is_unnamed_code(Term test) const {
  if (!is_operator(terms_, test, {"operator.eq"})) return false;
  const std::span<const Term> operands = terms_.operands(test);
  const Term code = operands[1];
  if (terms_.kind(code) != TermKind::field || terms_.kind(operands[2]) != TermKind::string) return false;
  const Term error = terms_.operands(code)[0];
  return terms_.kind(error) == TermKind::make &&
         engine_.models().is_said_by_name_only(terms_.text(terms_.operands(error)[0]), terms_.text(code),
                                               terms_.text(operands[2]));
}

/// What the class of a value that was made says about how it compares with a number: a descriptor is not
/// negative, an error of a class of its own has its code. And two constants that never have one value.
std::optional<bool> Executor::by_class(const State& state, Term test) {
  const std::span<const Term> operands = terms_.operands(test);
  if (terms_.kind(test) != TermKind::apply || operands.size() != 3 ||
      terms_.kind(operands[0]) != TermKind::global) {
    return std::nullopt;
  }
  const std::string_view name = terms_.text(operands[0]);
  const Term left = operands[1];
  const Term right = operands[2];
  if (terms_.kind(left) == TermKind::global && terms_.kind(right) == TermKind::global) {
    const bool differ =
        name == "operator.eq" && engine_.models().differ(terms_.text(left), terms_.text(right));
    return differ ? std::optional(false) : std::nullopt;
  }
  if (terms_.kind(left) == TermKind::field && terms_.kind(right) == TermKind::global &&
      name == "operator.eq") {
    const Term error = terms_.operands(left)[0];
    if (terms_.kind(error) != TermKind::make) return std::nullopt;
    return engine_.models().has_code(terms_.text(terms_.operands(error)[0]), terms_.text(right));
  }
  const bool swapped = terms_.kind(left) == TermKind::integer;
  const Term value = swapped ? right : left;
  const Term constant = swapped ? left : right;
  if (terms_.kind(value) != TermKind::fresh || terms_.kind(constant) != TermKind::integer)
    return std::nullopt;
  const std::int64_t number = terms_.number(constant);
  const std::string type = type_of(state, value);
  if (type.empty() || !engine_.models().is_never_negative(type)) return std::nullopt;
  if (name == "operator.eq" && number < 0) return false;
  const bool less = name == (swapped ? "operator.gt" : "operator.lt");
  const bool less_or_equal = name == (swapped ? "operator.ge" : "operator.le");
  const bool greater = name == (swapped ? "operator.lt" : "operator.gt");
  const bool greater_or_equal = name == (swapped ? "operator.le" : "operator.ge");
  if ((less && number <= 0) || (less_or_equal && number < 0)) return false;
  if ((greater && number < 0) || (greater_or_equal && number <= 0)) return true;
  return std::nullopt;
}

/// An object that was made, of a class whose objects are never false.
bool Executor::is_certainly_true(const State& state, Term term) {
  const TermKind kind = terms_.kind(term);
  if (kind != TermKind::fresh && kind != TermKind::make) return false;
  const std::string type = type_of(state, term);
  return !type.empty() && !engine_.models().may_be_false(type) && program_.class_named(type) == ClassId::none;
}

void Executor::go(BlockId from, BlockId to, State state) {
  std::erase_if(state.loops, [&](const LoopCount& loop) { return !flow_.in_loop(loop.header, to); });
  const ir::Block& target = block_of(function_, to);
  if (target.loop_header) {
    const auto count = std::find_if(state.loops.begin(), state.loops.end(),
                                    [&](const LoopCount& loop) { return loop.header == to; });
    if (count == state.loops.end()) {
      state.loops.push_back({to, 0});
    } else if (flow_.in_loop(to, from)) {
      if (count->visits >= limits_.loop_visits) return;  // further rounds add nothing new
      ++count->visits;
    }
  }
  pending_[to].push_back(std::move(state));
}

void Executor::raise(BlockId from, State state, Term exception, source::Range range) {
  if (range.end != 0) {
    state.raised_at = range;
    state.raised_through = nullptr;
  }
  state.raised = exception;
  const ir::Block& block = block_of(function_, from);
  if (block.landing == BlockId::none) {
    const source::Range at = state.raised_at;
    leave(std::move(state), Exit::raises, exception, at);
    return;
  }
  const ir::Local local = block_of(function_, block.landing).exception;
  if (local != ir::Local::none) state.variables[static_cast<std::size_t>(local)] = exception;
  go(from, block.landing, std::move(state));
}

void Executor::leave(State state, Exit exit, Term value, source::Range range) {
  state.variables.clear();
  state.loops.clear();
  left_.push_back({std::move(state), exit == Exit::raises, value});
  left_at_.push_back(range);
}

void Executor::dispatch(BlockId id, State state, const ir::Terminator& end) {
  const Term exception = state.variables[static_cast<std::size_t>(end.exception)];
  std::string raised;
  if (exception != Term::none && terms_.kind(exception) == TermKind::make) {
    raised = terms_.text(terms_.operands(exception)[0]);
  } else if (exception != Term::none) {
    raised = type_of(state, exception);
  }
  const models::Models& models = engine_.models();
  const auto external = [&](std::string_view derived, std::string_view base) {
    return models.is_subclass(derived, base);
  };
  const auto known = [&](std::string_view name) {
    return program_.class_named(name) != ClassId::none || models.knows_type(name);
  };
  for (const ir::DispatchCase& each : end.cases) {
    bool certain = each.types.empty();
    bool possible = certain;
    for (const Term type : each.types) {
      if (terms_.kind(type) != TermKind::global) {
        possible = true;
        continue;
      }
      const std::string& caught = program_.resolve(terms_.text(type)).name;
      if (caught == "builtins.BaseException") certain = true;
      // An exception of no known class is taken for an ordinary one.
      if (raised.empty() ? caught == "builtins.Exception" : program_.is_subclass(raised, caught, external))
        certain = true;
      const bool narrower =
          program_.is_subclass(caught, raised, external) && !models.is_raised_by_name_only(caught);
      if (raised.empty() || !known(raised) || narrower) possible = true;
    }
    if (certain) {
      go(id, each.block, std::move(state));
      return;
    }
    if (possible) go(id, each.block, state);
  }
  go(id, end.else_block, std::move(state));
}

void Executor::execute(const ir::Instruction& instruction, State state, std::vector<Result>& results) {
  const CallInfo info{instruction.range, program_.site(id_, instruction.site), instruction.completion};
  if (engine_.models().has_probes()) {
    probe(state, instruction.value, instruction.range);
    for (const ir::Argument& argument : instruction.arguments)
      probe(state, argument.value, instruction.range);
  }
  switch (instruction.kind) {
    case InstructionKind::let: {
      const Term result = value(state, instruction.value);
      results.push_back({std::move(state), false, worth_keeping(terms_, result) ? result : terms_.unknown()});
      return;
    }
    case InstructionKind::store: {
      const Term what = value(state, instruction.value);
      // The place itself is not looked up, only what it is a place of.
      Term place = instruction.place;
      if (terms_.kind(place) == TermKind::field) {
        place = terms_.field(value(state, terms_.operands(place)[0]), terms_.text(place));
      } else if (terms_.kind(place) == TermKind::index) {
        const Term base = value(state, terms_.operands(place)[0]);
        const Term key = value(state, terms_.operands(place)[1]);
        place = terms_.index(base, key);
        record(state, {.kind = OperationKind::insert, .handle = base, .key = key, .value = what},
               instruction.range);
      }
      if (terms_.kind(what) == TermKind::null) record_drop(state, place, instruction.range);
      store(state, place, what);
      results.push_back({std::move(state), false, Term::none});
      return;
    }
    case InstructionKind::call: {
      std::vector<ir::Argument> arguments = instruction.arguments;
      for (ir::Argument& argument : arguments) argument.value = value(state, argument.value);
      Term callee = value(state, instruction.callee);
      if (terms_.kind(callee) == TermKind::null && terms_.kind(instruction.callee) == TermKind::field) {
        // Whoever calls a method has something there, whatever a row says that it is.
        const Term object = value(state, terms_.operands(instruction.callee)[0]);
        callee = terms_.field(object, terms_.text(instruction.callee));
      }
      const std::size_t first = results.size();
      call(std::move(state), callee, arguments, info, results);
      for (std::size_t i = first; i < results.size(); ++i) drop_handle(instruction, results[i].state);
      return;
    }
    case InstructionKind::await: {
      const Term awaited = value(state, instruction.value);
      CallInfo waiting = info;
      waiting.completion = ir::Completion::awaited;
      if (terms_.kind(awaited) == TermKind::make &&
          terms_.text(terms_.operands(awaited)[0]) == suspended_class) {
        call(std::move(state), awaited, {}, waiting, results);
        return;
      }
      if (is_promise(terms_, awaited)) {
        settle(std::move(state), awaited, waiting, results);
        return;
      }
      wait(state, info, results, awaited);
      results.push_back({state, true, terms_.unknown()});
      results.push_back({std::move(state), false, terms_.unknown()});
      return;
    }
    case InstructionKind::yield: {
      const Term given = instruction.value == Term::none ? terms_.null() : value(state, instruction.value);
      if (state.first_yield < 0) {
        state.first_yield = static_cast<std::int32_t>(histories_.length(state.history));
        state.at_yield = std::make_shared<const Effects>(state.store);
      }
      record(state, {.kind = OperationKind::yield, .value = given}, instruction.range);
      State thrown = state;
      results.push_back({std::move(state), false, terms_.null()});
      record(thrown, {.kind = OperationKind::yield, .value = given, .refused = true}, instruction.range);
      results.push_back({std::move(thrown), true, terms_.unknown()});
      return;
    }
    case InstructionKind::unknown:
      results.push_back({state, true, terms_.unknown()});
      results.push_back({std::move(state), false, terms_.unknown()});
      return;
  }
}

Summary Executor::collect() {
  // Equal ways through the function are one path, with the conditions they share.
  std::unordered_multimap<std::size_t, std::size_t> seen;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < left_.size(); ++i) {
    const std::size_t hash = future_hash(left_[i].state) * 31 + static_cast<std::size_t>(left_[i].value);
    const auto [begin, end] = seen.equal_range(hash);
    const auto same = std::find_if(begin, end, [&](const auto& each) {
      const Result& other = left_[each.second];
      return other.raised == left_[i].raised && other.value == left_[i].value &&
             same_future(other.state, left_[i].state);
    });
    if (same == end) {
      seen.emplace(hash, i);
      kept.push_back(i);
    } else {
      keep_common_facts(terms_, left_[same->second].state, left_[i].state);
    }
  }
  Summary summary;
  // However many ways there are to fail, the ways to succeed are seen as well.
  std::vector<std::size_t> failing;
  std::copy_if(kept.begin(), kept.end(), std::back_inserter(failing),
               [&](std::size_t i) { return left_[i].raised; });
  std::erase_if(kept, [&](std::size_t i) { return left_[i].raised; });
  const auto course_of = [&](std::size_t i) {
    return Course{histories_.view(left_[i].state.history), left_[i].raised ? left_at_[i] : source::Range{}};
  };
  const std::size_t bound = limits_.paths_per_summary;
  const std::size_t half = bound / 2;
  const std::size_t succeeding = std::min(kept.size(), bound - std::min(failing.size(), half));
  bool truncated = keep_spread(kept, succeeding, course_of);
  truncated |= keep_spread(failing, bound - kept.size(), course_of);
  kept.insert(kept.end(), failing.begin(), failing.end());
  std::sort(kept.begin(), kept.end());
  summary.truncated = truncated || truncated_;
  summary.asks_how_it_began = asks_how_it_began_;
  for (const std::size_t i : kept) {
    State& state = left_[i].state;
    Path path;
    path.steps = histories_.steps(state.history);
    path.facts = std::move(state.facts);
    path.effects = std::move(state.store);
    // What was known of captured variables and fields is nothing that this path has done.
    std::erase_if(path.effects, [&](const auto& effect) {
      return std::find(context_.places.begin(), context_.places.end(), effect) != context_.places.end();
    });
    path.exit = left_[i].raised ? Exit::raises : Exit::returns;
    path.value = left_[i].value;
    path.exit_range = left_at_[i];
    path.exit_through = left_[i].raised ? state.raised_through : nullptr;
    path.first_yield = state.first_yield;
    if (state.at_yield) path.effects_at_yield = *state.at_yield;
    forget_unreachable(terms_, path.effects, histories_.view(state.history), path.facts, path.value);
    condense(terms_, path);
    summary.paths.push_back(std::move(path));
  }
  summary.by_importance = by_importance(terms_, summary);
  summary.consulted.assign(consulted_.begin(), consulted_.end());
  summary.consulted_places.assign(consulted_places_.begin(), consulted_places_.end());
  return summary;
}

}  // namespace lockwright::paths
