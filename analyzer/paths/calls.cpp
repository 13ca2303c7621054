// Calls: finding out what a callee is, and what the call can come to. In this order: a function of the tree
// is laid out in place (inline.cpp), a row of the models says its outcomes, and anything else may do what it
// likes with what it was given, and may raise.
#include <algorithm>

#include "analyzer/paths/executor.h"
#include "analyzer/paths/promises.h"

namespace lockwright::paths {

using ir::Argument;
using ir::Term;
using ir::TermKind;
using models::NestedCall;
using models::OperationKind;

namespace {

constexpr int max_call_depth = 6;  // of calls that models make

bool is_suspended(const ir::TermTable& terms, Term term) {
  return terms.kind(term) == TermKind::make && terms.text(terms.operands(term)[0]) == suspended_class;
}

}  // namespace

Executor::Target Executor::target(const State& state, Term callee) {
  Target result{.callee = callee};
  switch (terms_.kind(callee)) {
    case TermKind::global: {
      const Symbol symbol = program_.resolve(terms_.text(callee));
      if (symbol.kind == Symbol::Kind::function) {
        result.kind = Target::Kind::function;
        result.function = symbol.function;
      } else if (symbol.kind == Symbol::Kind::type) {
        result.kind = Target::Kind::constructor;
        result.type = symbol.type;
      } else {
        result.row = engine_.models().function(symbol.name);
        if (result.row != nullptr) {
          result.kind = Target::Kind::row;
        } else if (is_promise_function(symbol.name)) {
          result.kind = Target::Kind::promise;
        }
      }
      result.callee = terms_.global(symbol.name);
      if (symbol.kind == Symbol::Kind::variable && result.kind == Target::Kind::unknown)
        called_object(state, result);
      return result;
    }
    case TermKind::closure: {
      const FunctionId function = program_.function_named(terms_.text(callee));
      if (function == FunctionId::none) return result;
      result.kind = Target::Kind::function;
      result.function = function;
      const Term captured = terms_.operands(callee).empty() ? Term::none : terms_.operands(callee)[0];
      (program_.function(function).has_receiver ? result.receiver : result.frame) = captured;
      return result;
    }
    case TermKind::field:
      if (!is_captured(terms_, callee)) return method_target(state, callee);
      consult(callee);  // a variable, not a method
      called_object(state, result);
      return result;
    case TermKind::make:
      if (is_suspended(terms_, callee)) {
        result.kind = Target::Kind::guard;
      } else {
        called_object(state, result);
      }
      return result;
    default:
      consult(callee);
      called_object(state, result);
      return result;
  }
}

/// An object that can be called: what its class says of that.
void Executor::called_object(const State& state, Target& target) {
  const std::string type = type_of(state, target.callee);
  if (type.empty()) return;
  target.row = engine_.models().method(type, models::Models::call_operator);
  if (target.row == nullptr) return;
  target.kind = Target::Kind::row;
  target.receiver = target.callee;
}

Executor::Target Executor::method_target(const State& state, Term callee) {
  const Term base = terms_.operands(callee)[0];
  const std::string_view name = terms_.text(callee);
  Target result{.callee = callee, .receiver = base};
  const models::Models& models = engine_.models();
  if (is_suspended(terms_, base) && (models.is_scope_enter(name) || models.is_scope_exit(name))) {
    result.kind = Target::Kind::guard;
    return result;
  }
  if (is_promise(terms_, base)) {
    if (is_promise_method(name)) result.kind = Target::Kind::promise;
    return result;
  }
  Method method;
  std::string type;
  if (terms_.kind(base) == TermKind::apply && terms_.operands(base).size() >= 2 &&
      terms_.kind(terms_.operands(base)[0]) == TermKind::global &&
      terms_.text(terms_.operands(base)[0]) == "builtins.super") {
    const auto operands = terms_.operands(base);
    result.receiver = operands.size() > 2 ? operands[2] : terms_.self();
    if (const ClassId current = program_.class_named(terms_.text(operands[1])); current != ClassId::none) {
      method = program_.find_super_method(current, name);
    }
    if (method.function == FunctionId::none && method.external_base.empty()) return result;
  } else {
    type = type_of(state, base);
    if (terms_.kind(base) == TermKind::self) consult(base);
    if (const ClassId found = program_.class_named(type); found != ClassId::none) {
      method = program_.find_method(found, name);
      type.clear();
    }
  }
  if (method.function != FunctionId::none) {
    result.kind = Target::Kind::function;
    result.function = method.function;
    if (!program_.function(method.function).has_receiver) result.receiver = Term::none;
    return result;
  }
  if (!method.external_base.empty()) type = method.external_base;
  // A member of a package that came as a value: required late, or one of two.
  if (terms_.kind(base) == TermKind::global && type.empty() &&
      program_.resolve(terms_.text(base)).kind == Symbol::Kind::external) {
    result.row = models.function(std::string(terms_.text(base)) + '.' + std::string(name));
    if (result.row != nullptr) {
      result.kind = Target::Kind::row;
      result.receiver = Term::none;
      return result;
    }
  }
  if (!type.empty()) result.row = models.method(type, name);
  if (result.row == nullptr && (type.empty() || !models.knows_type(type))) {
    if (type.empty()) consult(base);
    if (terms_.kind(base) != TermKind::self) result.row = models.method_of_unknown(name);
  }
  if (result.row != nullptr) {
    result.kind = Target::Kind::row;
  } else if (type.empty() && is_promise_method(name) && terms_.kind(base) != TermKind::self) {
    result.kind = Target::Kind::promise;
  } else {
    called_object(state, result);
  }
  return result;
}

void Executor::call(State state, Term callee, const std::vector<Argument>& arguments, const CallInfo& info,
                    std::vector<Result>& results, int depth) {
  const Target found = target(state, callee);
  const std::size_t first = results.size();
  if (depth > max_call_depth) {
    call_unknown(std::move(state), found, arguments, info, results);
    return;
  }
  switch (found.kind) {
    case Target::Kind::function: call_function(std::move(state), found, arguments, info, results); break;
    case Target::Kind::row: call_row(std::move(state), found, arguments, info, results, depth); break;
    case Target::Kind::constructor:
      call_constructor(std::move(state), found, arguments, info, results, depth);
      break;
    case Target::Kind::unknown: call_unknown(std::move(state), found, arguments, info, results); break;
    case Target::Kind::promise: call_promise(std::move(state), found, arguments, info, results, depth); break;
    case Target::Kind::guard: {
      if (found.receiver == Term::none) {
        run_suspended(std::move(state), callee, info, results, depth);
        break;
      }
      if (engine_.models().is_scope_enter(terms_.text(callee))) {
        enter_guard(std::move(state), found.receiver, info, results);
        break;
      }
      const Term exception = arguments.empty() ? terms_.null() : arguments.back().value;
      const auto open = std::find_if(state.guards.rbegin(), state.guards.rend(),
                                     [&](const OpenGuard& guard) { return guard.guard == found.receiver; });
      if (open == state.guards.rend()) {
        results.push_back({std::move(state), false, terms_.null()});
      } else {
        const auto index = static_cast<std::size_t>(state.guards.rend() - open) - 1;
        exit_guard(std::move(state), index, exception, results);
      }
      break;
    }
  }
  if (info.completion == ir::Completion::awaited) {
    std::vector<Result> ends(std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(first)),
                             std::make_move_iterator(results.end()));
    results.resize(first);
    for (Result& end : ends) {
      if (!end.raised && is_promise(terms_, end.value)) {
        const Term promise = end.value;
        settle(std::move(end.state), promise, info, results);
      } else {
        results.push_back(std::move(end));
      }
    }
  }
  // Many ways to the same end are one.
  if (results.size() - first > limits_.states_per_block) {
    std::vector<Result> added(std::make_move_iterator(results.begin() + static_cast<std::ptrdiff_t>(first)),
                              std::make_move_iterator(results.end()));
    results.resize(first);
    // However many ways there are to fail, the ways to succeed are seen as well.
    const auto middle = std::stable_partition(added.begin(), added.end(),
                                              [](const Result& result) { return !result.raised; });
    std::vector<Result> failing(std::make_move_iterator(middle), std::make_move_iterator(added.end()));
    added.erase(middle, added.end());
    const std::size_t bound = limits_.states_per_block;
    const auto course_of = [&](const Result& result) {
      return Course{histories_.view(result.state.history),
                    result.raised ? result.state.raised_at : source::Range{}};
    };
    truncated_ |= keep_spread(added, bound - std::min(failing.size(), bound / 3), course_of);
    truncated_ |= keep_spread(failing, bound - added.size(), course_of);
    std::move(failing.begin(), failing.end(), std::back_inserter(added));
    std::move(added.begin(), added.end(), std::back_inserter(results));
  }
}

bool Executor::is_this_function(const State& state, Term value) {
  switch (terms_.kind(value)) {
    case TermKind::closure: return terms_.text(value) == function_.qualified_name;
    case TermKind::global: return program_.function_named(terms_.text(value)) == id_;
    case TermKind::field:
      return terms_.text(value) == function_.name && method_target(state, value).function == id_;
    default: return false;
  }
}

void Executor::call_unknown(State state, const Target& target, const std::vector<Argument>& arguments,
                            const CallInfo& info, std::vector<Result>& results) {
  // A class that the models know only by its bases (an exception): its constructor does nothing.
  if (terms_.kind(target.callee) == TermKind::global &&
      engine_.models().knows_type(terms_.text(target.callee))) {
    results.push_back({std::move(state), false, terms_.make(target.callee, {})});
    return;
  }
  bool spread = false;
  std::vector<Term> operands;
  for (const Argument& argument : arguments) {
    spread |= argument.spread;
    operands.push_back(argument.name.empty() ? argument.value
                                             : terms_.keyword(argument.name, argument.value));
    if (find_effect(state.store, terms_.field(argument.value, "<file>")) != Term::none) {
      record(state, {.kind = OperationKind::escape, .handle = argument.value}, info.range);
    }
    // A function that hands itself over goes on later: reactor.callLater(1, self._try_again).
    if (is_this_function(state, argument.value))
      record(state, {.kind = OperationKind::spawn, .handle = argument.value}, info.range);
  }
  // A variable whose address was passed holds what the callee has put there, if anything.
  for (const Argument& argument : arguments) {
    const bool address = terms_.kind(argument.value) == TermKind::field &&
                         terms_.text(argument.value).starts_with('&') &&
                         terms_.kind(terms_.operands(argument.value)[0]) == TermKind::activation;
    if (address) store(state, terms_.field(argument.value, "*"), fresh(state, info.site));
  }
  const TermKind kind = terms_.kind(target.callee);
  const bool named = !spread && (kind == TermKind::global || kind == TermKind::field);
  Term result = named ? terms_.apply(target.callee, operands) : terms_.unknown();
  // Of a scope that is not seen: it lets exceptions through, as nearly all do.
  if (kind == TermKind::field && engine_.models().is_scope_exit(terms_.text(target.callee)))
    result = terms_.null();
  if (kind == TermKind::param || is_captured(terms_, target.callee)) {
    // The caller's own work, whatever it is.
    result = fresh(state, info.site);
    record(state, {.kind = OperationKind::callback, .handle = target.callee, .value = result}, info.range);
  }
  if (info.completion == ir::Completion::awaited) wait(state, info, results);
  results.push_back({state, true, terms_.unknown()});
  results.push_back({std::move(state), false, result});
}

void Executor::wait(State& state, const CallInfo& info, std::vector<Result>& results, Term awaited) {
  // Work that was started before, and that this waits for.
  const bool started = awaited != Term::none && terms_.kind(awaited) == TermKind::fresh;
  if (started) record(state, {.kind = OperationKind::join, .handle = awaited}, info.range);
  record(state, {.kind = OperationKind::await}, info.range);
  const std::string_view cancellation = engine_.models().cancellation();
  if (!cancellation.empty()) results.push_back({state, true, terms_.make(terms_.global(cancellation), {})});
}

void Executor::call_row(State state, const Target& target, const std::vector<Argument>& arguments,
                        const CallInfo& info, std::vector<Result>& results, int depth) {
  // Only a loop asks for the number of its round: of what it goes over.
  const std::optional<Range> range = arguments.size() == 1 ? range_of(arguments.front().value) : std::nullopt;
  const std::int64_t round = range                 ? number_of_round(state, *range)
                             : state.loops.empty() ? 0
                                                   : state.loops.back().visits;
  const models::Call call{.callee = target.callee,
                          .receiver = target.receiver,
                          .arguments = arguments,
                          .fresh = fresh(state, info.site),
                          .round = round,
                          .resolve = [&](Term term) { return held_in(state, term); },
                          .type_of = [&](Term term) { return type_of(state, term); }};
  models::Meaning meaning = engine_.models().interpret(*target.row, call, terms_);
  for (const Term term : meaning.consulted) consult(term);
  const bool awaited = info.completion == ir::Completion::awaited;
  const Histories::Node before = state.history;
  std::vector<Result> ends;  // of a call that returns a promise
  std::vector<Result>& into = meaning.promise && !awaited ? ends : results;
  for (const models::Outcome& outcome : meaning.outcomes) {
    if (is_impossible(outcome)) continue;
    State next = state;
    // The others have their turn before what was begun here is done.
    if (meaning.promise && depth == 0) wait(next, info, into);
    if (outcome.raised != Term::none && outcome.operations.empty()) record_attempt(next, meaning, info);
    for (const models::Operation& operation : outcome.operations) {
      if (operation.kind == OperationKind::await) {
        wait(next, info, into);
      } else {
        record(next, operation, info.range);
      }
    }
    for (const models::FieldEffect& effect : outcome.fields) {
      const Term base = effect.base;
      const bool itself = effect.key == Term::none && effect.name.empty();
      const Term place = effect.key != Term::none ? terms_.index(base, effect.key)
                         : itself                 ? base
                                                  : terms_.field(base, effect.name);
      store(next, place, effect.value);
    }
    if (outcome.raised != Term::none) {
      into.push_back({std::move(next), true, outcome.raised});
      continue;
    }
    if (!outcome.result_type.empty() && outcome.result != Term::none) {
      if (terms_.kind(outcome.result) == TermKind::fresh) {
        engine_.set_site_type(outcome.result, outcome.result_type);
      } else if (terms_.kind(outcome.result) == TermKind::apply) {
        engine_.set_term_type(outcome.result, outcome.result_type);
      }
    }
    if (outcome.run_deferred) {
      run_deferred(std::move(next), target.receiver, outcome.result, info, into, depth);
    } else {
      // An awaited call gives the others a turn, whatever else it does.
      const bool awaits =
          std::any_of(outcome.operations.begin(), outcome.operations.end(),
                      [](const models::Operation& each) { return each.kind == OperationKind::await; });
      if (awaited && !meaning.promise && !awaits && outcome.calls.empty() && depth == 0) {
        wait(next, info, into);
      }
      CallInfo inner = info;
      if (meaning.promise) inner.completion = ir::Completion::awaited;  // what it calls, it waits for
      const std::size_t first = into.size();
      nested_calls(std::move(next), outcome, 0, Term::none, inner, into, depth);
      for (std::size_t i = first; i < into.size(); ++i) {
        for (const models::Operation& operation : outcome.finally)
          record(into[i].state, operation, info.range);
      }
    }
  }
  if (!ends.empty()) begin(before, std::move(ends), info, results);
}

/// No lock can be had through what is no handle: -1, null.
bool Executor::is_impossible(const models::Outcome& outcome) const {
  return std::any_of(
      outcome.operations.begin(), outcome.operations.end(), [&](const models::Operation& each) {
        if (each.kind != OperationKind::acquire || each.refused || each.handle == Term::none) return false;
        const bool negative = terms_.kind(each.handle) == TermKind::integer && terms_.number(each.handle) < 0;
        return negative || terms_.kind(each.handle) == TermKind::null;
      });
}

/// A call that gives something up, or asks what a file says, and fails: it was tried.
void Executor::record_attempt(State& state, const models::Meaning& meaning, const CallInfo& info) {
  for (const models::Outcome& outcome : meaning.outcomes) {
    if (outcome.raised != Term::none) continue;
    for (models::Operation operation : outcome.operations) {
      if (operation.kind != OperationKind::release && operation.kind != OperationKind::unlink &&
          operation.kind != OperationKind::close && operation.kind != OperationKind::read) {
        continue;
      }
      operation.refused = true;
      if (operation.kind == OperationKind::read) operation.value = Term::none;
      record(state, operation, info.range);
    }
    return;
  }
}

void Executor::nested_calls(State state, const models::Outcome& outcome, std::size_t next, Term last,
                            const CallInfo& info, std::vector<Result>& results, int depth) {
  if (next == outcome.calls.size()) {
    Term result = outcome.result == Term::none ? last : held_in(state, outcome.result);
    if (result == Term::none) result = terms_.null();
    if (!outcome.collects.empty()) result = terms_.make(terms_.global(outcome.collects), {&result, 1});
    results.push_back({std::move(state), false, result});
    return;
  }
  const NestedCall& nested = outcome.calls[next];
  const Term function = nested.function;
  std::vector<Argument> arguments = nested.arguments;
  if (nested.when == NestedCall::When::defer) {
    state.deferred.push_back({nested.stack, function, std::move(arguments)});
    nested_calls(std::move(state), outcome, next + 1, last, info, results, depth);
    return;
  }
  const bool spawned = nested.when == NestedCall::When::spawn;
  if (spawned) record(state, {.kind = OperationKind::spawn, .handle = function}, info.range);
  if (nested.suspends) wait(state, info, results);
  // A coroutine does nothing until somebody awaits it, and that is what it is handed over for; an async
  // function that has begun by itself is waited for by those only that wait themselves.
  CallInfo inner = info;
  if (!starts_at_call(function)) inner.completion = ir::Completion::awaited;
  std::vector<Result> ends;
  call(state, function, arguments, inner, ends, depth + 1);
  if (spawned) {
    add_spawned(state, ends);
    nested_calls(std::move(state), outcome, next + 1, last, info, results, depth);
    return;
  }
  for (Result& end : ends) {
    if (end.raised) {
      results.push_back(std::move(end));
    } else if (next + 1 == outcome.calls.size() && outcome.result == Term::none && outcome.collects.empty()) {
      results.push_back(std::move(end));
    } else {
      nested_calls(std::move(end.state), outcome, next + 1, end.value, info, results, depth);
    }
  }
}

/// Of work that goes on by itself it is nobody's business here how it ends and what it leaves behind; that it
/// does its steps at some time is. One of its ways has to do: the longest that succeeds.
void Executor::add_spawned(State& state, const std::vector<Result>& ends) {
  const auto longest =
      std::max_element(ends.begin(), ends.end(), [&](const Result& one, const Result& other) {
        return std::pair(!one.raised, histories_.length(one.state.history)) <
               std::pair(!other.raised, histories_.length(other.state.history));
      });
  if (longest == ends.end()) return;
  const std::vector<Step> steps = histories_.steps(longest->state.history);
  for (std::size_t i = histories_.length(state.history); i < steps.size(); ++i) {
    Step detached = steps[i];
    detached.detached = true;
    state.history = histories_.append(state.history, detached);
  }
}

bool Executor::starts_at_call(Term function) const {
  if (terms_.kind(function) != TermKind::closure && terms_.kind(function) != TermKind::global) return false;
  const FunctionId id = program_.function_named(terms_.text(function));
  return id != FunctionId::none && program_.function(id).starts_at_call;
}

void Executor::run_deferred(State state, Term stack, Term value, const CallInfo& info,
                            std::vector<Result>& results, int depth) {
  const auto last = std::find_if(state.deferred.rbegin(), state.deferred.rend(),
                                 [&](const DeferredCall& each) { return each.stack == stack; });
  if (last == state.deferred.rend()) {
    results.push_back({std::move(state), false, value == Term::none ? terms_.null() : value});
    return;
  }
  DeferredCall deferred = std::move(*last);
  state.deferred.erase(std::next(last).base());
  std::vector<Result> ends;
  call(std::move(state), deferred.function, deferred.arguments, info, ends, depth + 1);
  for (Result& end : ends) {
    if (end.raised) {
      results.push_back(std::move(end));
    } else {
      run_deferred(std::move(end.state), stack, value, info, results, depth);
    }
  }
}

void Executor::call_constructor(State state, const Target& target, const std::vector<Argument>& arguments,
                                const CallInfo& info, std::vector<Result>& results, int depth) {
  const Term object = fresh(state, info.site);
  const std::string type(program_.type(target.type).qualified_name);
  // Made of another of its class: that one goes on under a new name.
  if (engine_.models().copies_values() && arguments.size() == 1 &&
      type_of(state, arguments[0].value) == type) {
    results.push_back({std::move(state), false, arguments[0].value});
    return;
  }
  std::string external;
  for (const std::string& constructor : engine_.models().constructors()) {
    const Method method = program_.find_method(target.type, constructor);
    if (method.function == FunctionId::none) {
      if (external.empty()) external = method.external_base;
      continue;
    }
    engine_.set_site_type(object, type);
    Target init{.kind = Target::Kind::function, .function = method.function, .receiver = object};
    init.callee = terms_.field(object, constructor);
    const std::size_t first = results.size();
    call_function(std::move(state), init, arguments, info, results);
    for (std::size_t i = first; i < results.size(); ++i) {
      if (!results[i].raised) results[i].value = object;
    }
    return;
  }
  if (const models::Row* row = external.empty() ? nullptr : engine_.models().function(external)) {
    Target base{.kind = Target::Kind::row, .row = row, .callee = terms_.global(external)};
    call_row(std::move(state), base, arguments, info, results, depth);
    engine_.set_site_type(object, type);
    return;
  }
  engine_.set_site_type(object, type);
  for (const Argument& argument : arguments) {
    if (!argument.name.empty()) store(state, terms_.field(object, argument.name), argument.value);
  }
  results.push_back({std::move(state), false, object});
}

void Executor::suspend(State state, const Target& target, const std::vector<Argument>& arguments,
                       const CallInfo& info, std::vector<Result>& results, bool guard) {
  std::vector<Term> operands{terms_.global(program_.function(target.function).qualified_name),
                             target.receiver == Term::none ? terms_.null() : target.receiver,
                             target.frame == Term::none ? terms_.null() : target.frame,
                             fresh(state, info.site)};
  for (const Argument& argument : arguments) {
    if (argument.spread) {
      operands.push_back(terms_.unknown());
    } else {
      operands.push_back(argument.name.empty() ? argument.value
                                               : terms_.keyword(argument.name, argument.value));
    }
  }
  const Term result = terms_.make(terms_.global(suspended_class), operands);
  if (!guard) record(state, {.kind = OperationKind::suspend, .value = result}, info.range);
  results.push_back({std::move(state), false, result});
}

void Executor::run_suspended(State state, Term suspended, const CallInfo& info, std::vector<Result>& results,
                             int depth) {
  const auto operands = terms_.operands(suspended);
  const std::vector<Term> parts(operands.begin(), operands.end());
  if (parts.size() < 5 || depth > max_call_depth) {
    results.push_back({std::move(state), false, terms_.unknown()});
    return;
  }
  Target target{.kind = Target::Kind::function, .function = program_.function_named(terms_.text(parts[1]))};
  target.callee = parts[1];
  target.receiver = terms_.kind(parts[2]) == TermKind::null ? Term::none : parts[2];
  target.frame = terms_.kind(parts[3]) == TermKind::null ? Term::none : parts[3];
  std::vector<Argument> arguments;
  for (std::size_t i = 5; i < parts.size(); ++i) {
    if (terms_.kind(parts[i]) == TermKind::keyword) {
      arguments.push_back({.value = terms_.operands(parts[i])[0], .name = terms_.text(parts[i])});
    } else {
      arguments.push_back({.value = parts[i]});
    }
  }
  CallInfo running = info;
  running.completion = ir::Completion::awaited;
  call_function(std::move(state), target, arguments, running, results);
}

}  // namespace lockwright::paths
