// Callees with a body: their paths take the call's place.
//
// A summary is made once in the callee's own terms and laid out at each call with the call's terms. Where the
// callee's paths hang on a constant, a function value or a class that only the caller knows (a flag, a
// callback), a second summary is made for that context.
//
// A generator that serves as a scope guard is laid out in two parts: up to its yield at the enter, the rest
// at the exit, resumed or with the exception thrown into it; which of its paths are still possible in between
// is part of the state.
#include <algorithm>

#include "analyzer/paths/conditions.h"
#include "analyzer/paths/executor.h"

namespace lockwright::paths {

using ir::Argument;
using ir::Parameter;
using ir::Term;
using ir::TermKind;
using models::OperationKind;

namespace {

bool is_thrown(const Path& path) {
  return path.first_yield >= 0 && path.steps[static_cast<std::size_t>(path.first_yield)].operation.refused;
}

}  // namespace

/// A spread argument fills the parameters that follow: surely those without a default. Behind another one, or
/// beside a mapping, it may fill any of them.
std::vector<Term> Executor::bind(const ir::Function& callee, const std::vector<Argument>& arguments) {
  std::vector<Term> bound(callee.parameters.size(), Term::none);
  std::vector<Term> rest;
  std::size_t position = 0;
  bool spread = false;
  const bool one_spread = std::ranges::count_if(arguments, &Argument::spread) == 1;
  for (const Argument& argument : arguments) {
    if (argument.spread) {
      spread = true;
      const Term all = argument.value;
      if (!one_spread || argument.mapping || terms_.kind(all) == TermKind::unknown) continue;
      for (std::size_t i = position; i < bound.size(); ++i) {
        const Parameter& parameter = callee.parameters[i];
        if (parameter.kind == Parameter::Kind::rest && i == position && rest.empty()) bound[i] = all;
        if (parameter.kind != Parameter::Kind::plain || parameter.default_value != Term::none) break;
        if (bound[i] != Term::none) break;
        bound[i] = terms_.index(all, terms_.integer(static_cast<std::int64_t>(i - position)));
      }
    } else if (!argument.name.empty()) {
      for (std::size_t i = 0; i < bound.size(); ++i) {
        if (callee.parameters[i].name == argument.name) bound[i] = argument.value;
      }
    } else if (position < bound.size() && callee.parameters[position].kind == Parameter::Kind::plain &&
               !spread) {
      bound[position++] = argument.value;
    } else {
      rest.push_back(argument.value);
    }
  }
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (bound[i] != Term::none) continue;
    const Parameter& parameter = callee.parameters[i];
    if (parameter.kind == Parameter::Kind::rest) {
      bound[i] = spread ? terms_.unknown() : terms_.make(terms_.global("builtins.tuple"), rest);
    } else if (spread || parameter.kind == Parameter::Kind::keyword_rest ||
               parameter.default_value == Term::none) {
      bound[i] = terms_.unknown();
    } else {
      bound[i] = parameter.default_value;
    }
  }
  return bound;
}

/// `argument` as the callee, which has it in `place` (a parameter, a captured variable), may know it: what
/// means the same in both functions. A function value keeps its function; what it captured stays "the frame
/// of parameter i". None: there is nothing that the callee could know.
Term Executor::portable(const State& state, Term place, Term argument) {
  const auto captured = [&] { return terms_.field(place, "<frame>"); };
  switch (terms_.kind(argument)) {
    case TermKind::string:
    case TermKind::integer:
    case TermKind::boolean:
    case TermKind::null:
    case TermKind::global: return argument;
    case TermKind::closure:
      return terms_.closure(terms_.text(argument),
                            terms_.operands(argument).empty() ? Term::none : captured());
    case TermKind::field: {
      const Target method = method_target(state, argument);
      if (method.kind != Target::Kind::function || method.receiver == Term::none) return Term::none;
      return terms_.closure(program_.function(method.function).qualified_name, captured());
    }
    case TermKind::apply: {
      for (const Term operand : terms_.operands(argument)) {
        if (terms_.kind(operand) != TermKind::global && terms_.kind(operand) != TermKind::apply)
          return Term::none;
        if (terms_.kind(operand) == TermKind::apply && portable(state, place, operand) == Term::none)
          return Term::none;
      }
      return argument;
    }
    case TermKind::make: return portable_record(state, place, argument);
    default: return Term::none;
  }
}

/// An object made of members with names, some of them functions: options, dependencies handed in. What cannot
/// be known of it stays "the member of parameter i".
Term Executor::portable_record(const State& state, Term place, Term record) {
  if (!engine_.models().is_container(terms_.text(terms_.operands(record)[0]))) return Term::none;
  std::vector<Term> members;
  bool telling = false;
  for (size_t i = 1; i < terms_.operands(record).size(); ++i) {
    const Term member = terms_.operands(record)[i];
    if (terms_.kind(member) != TermKind::keyword) return Term::none;
    const Term stays = terms_.field(place, terms_.text(member));
    const Term given = terms_.operands(member)[0];
    const Term known = terms_.kind(given) == TermKind::make ? Term::none : portable(state, stays, given);
    telling |= known != Term::none &&
               (terms_.kind(known) == TermKind::closure || terms_.kind(known) == TermKind::global);
    members.push_back(terms_.keyword(terms_.text(member), known == Term::none ? stays : known));
  }
  return telling ? terms_.make(terms_.operands(record)[0], members) : Term::none;
}

/// What is known of the variables that a closure has captured, and of the receiver's fields, as far as it
/// makes a difference there.
void Executor::add_places(const State& state, const Target& target, const Summary& general,
                          Context& context) {
  for (const Term place : general.consulted_places) {
    if (!is_captured(terms_, place)) {
      add_field(state, target, place, context);
      continue;
    }
    if (target.frame == Term::none) continue;
    // The same place as this function names it: frame by frame outwards.
    const Term holder = terms_.rewrite(terms_.operands(place)[0], [&](Term part) {
      return terms_.kind(part) == TermKind::frame ? target.frame : held_in(state, part);
    });
    const Term here = terms_.field(holder, terms_.text(place));
    const Term value = held_in(state, here);
    if (value == here) {
      consult(here);  // what decides there, decides here
      continue;
    }
    consult(value);
    if (const Term known = portable(state, place, value); known != Term::none) {
      context.places.emplace_back(place, known);
    }
  }
}

/// A field of the receiver: a constant that was stored there before (a mode, a flag, that there is no
/// handle).
void Executor::add_field(const State& state, const Target& target, Term place, Context& context) {
  if (target.receiver == Term::none) return;
  const Term here = terms_.field(target.receiver, terms_.text(place));
  const Term value = held_in(state, here);
  if (value == here) {
    consult(here);
    return;
  }
  consult(value);
  static constexpr ir::TermKinds constants =
      ir::kinds_of(TermKind::string, TermKind::integer, TermKind::boolean, TermKind::null);
  if ((ir::kinds_of(terms_.kind(value)) & constants) != 0) context.places.emplace_back(place, value);
}

std::shared_ptr<const Summary> Executor::summary_for(const State& state, const Target& target,
                                                     const std::vector<Term>& arguments) {
  const ir::Function& callee = program_.function(target.function);
  Context context;
  if (target.receiver != Term::none && !callee.owner.empty()) {
    std::string type = type_of(state, target.receiver);
    if (type != callee.owner && program_.class_named(type) != ClassId::none)
      context.receiver_type = std::move(type);
  }
  std::shared_ptr<const Summary> general = engine_.summary(target.function, context);
  if (!general) return general;
  for (const std::int32_t consulted : general->consulted) {
    if (consulted < 0 || static_cast<std::size_t>(consulted) >= arguments.size()) continue;
    const auto parameter = static_cast<std::uint32_t>(consulted);
    const Term argument = arguments[parameter];
    if (argument == Term::none) continue;
    if (terms_.kind(argument) == TermKind::param) {
      consult(argument);  // what decides there, decides here
    }
    if (const Term constant = portable(state, terms_.param(parameter), argument); constant != Term::none) {
      context.constants.emplace_back(parameter, constant);
    } else if (std::string type = type_of(state, argument);
               !type.empty() && type != declared_type_of(callee, parameter)) {
      context.types.emplace_back(parameter, std::move(type));
    }
  }
  add_places(state, target, *general, context);
  if (context.constants.empty() && context.types.empty() && context.places.empty()) return general;
  std::shared_ptr<const Summary> special = engine_.summary(target.function, context);
  return special ? special : general;
}

std::shared_ptr<Substitution> Executor::substitution_for(const State& state, const Target& target,
                                                         std::vector<Term> arguments, const CallInfo& info) {
  const ir::Function& callee = program_.function(target.function);
  auto result = std::make_shared<Substitution>();
  result->receiver = target.receiver;
  result->frame = target.frame;
  result->arguments = std::move(arguments);
  result->entry = state.store;
  result->self_type = self_type_;
  result->call_site = info.site;
  result->repetition = repetition(state);
  result->memoized = std::any_of(callee.decorators.begin(), callee.decorators.end(), [&](Term decorator) {
    if (terms_.kind(decorator) == TermKind::apply) decorator = terms_.operands(decorator)[0];
    return terms_.kind(decorator) == TermKind::global &&
           engine_.models().is_memoizer(program_.resolve(terms_.text(decorator)).name);
  });
  result->call_range = info.range;
  result->callee = callee.qualified_name;
  // The callee's activation is an object like any other it makes, at a site of its own.
  result->activation = terms_.fresh(info.site, engine_.context(info.site, result->repetition, 0xffffffff));
  // In most of its states a call comes to the same.
  for (const std::shared_ptr<Substitution>& other : substitutions_) {
    if (other->is_same(*result)) return other;
  }
  substitutions_.push_back(result);
  return result;
}

/// Steps [first, last) of a callee's path, its conditions and, at the end, what it stored.
bool Executor::lay_out(State& state, const Path& path, Substitution& substitution, std::size_t first,
                       std::size_t last) {
  const std::uint32_t base = histories_.length(state.history);
  for (const Fact& fact : path.facts) {
    if (fact.at < first || fact.at > last) continue;
    const Term term = substitution(engine_, fact.term);
    if (!take(state, term, fact.truth, base + fact.at - static_cast<std::uint32_t>(first), fact.range)) {
      return false;
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    if (path.steps[i].operation.kind == OperationKind::yield) continue;
    const Step& step = substitution.step(engine_, path.steps[i]);
    if (!is_idle(step.operation)) state.history = histories_.append(state.history, step);
  }
  const bool to_yield = path.first_yield >= 0 && last == static_cast<std::size_t>(path.first_yield);
  for (const auto& [place, value] : to_yield ? path.effects_at_yield : path.effects) {
    Term where = place;
    // The place itself is not looked up, only what it is a place of.
    if (terms_.kind(place) == TermKind::field) {
      where = terms_.field(substitution(engine_, terms_.operands(place)[0]), terms_.text(place));
    } else if (terms_.kind(place) == TermKind::index) {
      where = terms_.index(substitution(engine_, terms_.operands(place)[0]),
                           substitution(engine_, terms_.operands(place)[1]));
    }
    store(state, where, substitution(engine_, value));
  }
  return true;
}

/// What `callee` says it returns, where nothing more is known of it.
void Executor::set_declared_type(const ir::Function& callee, Term result) {
  if (terms_.kind(result) != TermKind::apply || callee.return_type == Term::none ||
      terms_.kind(callee.return_type) != TermKind::global)
    return;
  engine_.set_term_type(result, program_.resolve(terms_.text(callee.return_type)).name);
}

void Executor::call_function(State state, const Target& target, const std::vector<Argument>& arguments,
                             const CallInfo& info, std::vector<Result>& results) {
  Target called = target;
  const bool by_class = called.receiver == Term::none && program_.function(target.function).has_receiver;
  called.function =
      program_.overload(target.function, arguments.size() - (by_class && !arguments.empty() ? 1 : 0));
  const ir::Function& callee = program_.function(called.function);
  std::vector<Argument> passed = arguments;
  if (callee.has_receiver && called.receiver == Term::none && !passed.empty() && passed[0].name.empty()) {
    called.receiver = passed[0].value;  // Class.method(object, …)
    passed.erase(passed.begin());
  }
  const bool guard = std::any_of(callee.decorators.begin(), callee.decorators.end(), [&](Term decorator) {
    return terms_.kind(decorator) == TermKind::global &&
           engine_.models().makes_scope_guard(program_.resolve(terms_.text(decorator)).name);
  });
  const bool waits = callee.is_async && info.completion == ir::Completion::immediate;
  if ((callee.is_generator && guard) || (waits && !callee.starts_at_call)) {
    suspend(std::move(state), called, passed, info, results, guard);
    return;
  }
  std::vector<Term> bound = bind(callee, passed);
  if (engine_.models().is_scope_exit(callee.name) && !passed.empty() && passed.back().name == "exception") {
    std::fill(bound.begin(), bound.end(), passed.back().value);
  }
  const std::shared_ptr<const Summary> summary = summary_for(state, called, bound);
  if (!summary) {
    const std::size_t before = results.size();
    call_unknown(std::move(state), called, passed, info, results);
    for (std::size_t i = before; i < results.size(); ++i) {
      if (!results[i].raised) set_declared_type(callee, results[i].value);
    }
    return;
  }
  truncated_ |= summary->truncated;
  const auto substitution = substitution_for(state, called, std::move(bound), info);
  substitution->keep(summary);
  std::vector<Result> added;
  // In many states at once only the most telling of the paths that can be taken are laid out.
  const std::size_t enough = std::max(limits_.paths_laid_out / states_here_, limits_.paths_in_any_state);
  const bool all = summary->paths.size() <= enough;
  for (std::size_t i = 0; i < summary->paths.size(); ++i) {
    if (added.size() >= enough) {
      truncated_ = true;
      break;
    }
    const Path& path = summary->paths[all ? i : summary->by_importance[i]];
    if (is_thrown(path)) continue;
    State next = state;
    if (!lay_out(next, path, *substitution, 0, path.steps.size())) continue;
    const Term result = (*substitution)(engine_, path.value);
    if (path.exit == Exit::raises) {
      next.raised_at = path.exit_range;
      next.raised_through = substitution->chain(path.exit_through);
      added.push_back({std::move(next), true, result, true});
      continue;
    }
    if (callee.is_generator && !guard) {
      // What it did is laid out here; what it hands over is an object that does it piece by piece.
      const Term generator = fresh(next, info.site);
      record(next, {.kind = OperationKind::suspend, .value = generator}, info.range);
      added.push_back({std::move(next), false, generator});
      continue;
    }
    set_declared_type(callee, result);
    added.push_back({std::move(next), false, result});
  }
  if (waits) {
    std::vector<Result> begun;
    begin(state.history, std::move(added), info, begun);
    added = std::move(begun);
  }
  // Paths that differ only inside of the callee and left nothing behind are one here.
  for (Result& result : added) {
    const bool known = std::any_of(results.begin(), results.end(), [&](const Result& other) {
      return other.raised == result.raised && other.value == result.value &&
             same_future(other.state, result.state);
    });
    if (!known) results.push_back(std::move(result));
  }
}

void Executor::enter_guard(State state, Term guard, const CallInfo& info, std::vector<Result>& results) {
  const std::vector<Term> parts(terms_.operands(guard).begin(), terms_.operands(guard).end());
  Target target{.kind = Target::Kind::function, .function = program_.function_named(terms_.text(parts[1]))};
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
  std::vector<Term> bound = bind(program_.function(target.function), arguments);
  const std::shared_ptr<const Summary> summary = summary_for(state, target, bound);
  if (!summary) {
    call_unknown(std::move(state), target, arguments, info, results);
    return;
  }
  const auto substitution = substitution_for(state, target, std::move(bound), info);
  substitution->keep(summary);
  std::vector<bool> taken(summary->paths.size());
  for (std::size_t first = 0; first < summary->paths.size(); ++first) {
    const Path& path = summary->paths[first];
    if (taken[first]) continue;
    if (path.first_yield < 0) {
      State next = state;
      if (path.exit == Exit::raises && lay_out(next, path, *substitution, 0, path.steps.size())) {
        next.raised_at = path.exit_range;
        next.raised_through = substitution->chain(path.exit_through);
        results.push_back({std::move(next), true, (*substitution)(engine_, path.value), true});
      }
      continue;
    }
    const auto yield = static_cast<std::size_t>(path.first_yield);
    OpenGuard open{guard, summary, {}, substitution};
    for (std::size_t other = first; other < summary->paths.size(); ++other) {
      const Path& candidate = summary->paths[other];
      if (candidate.first_yield == path.first_yield && candidate.effects_at_yield == path.effects_at_yield &&
          std::equal(path.steps.begin(), path.steps.begin() + path.first_yield, candidate.steps.begin()) &&
          path.steps[yield].operation.value == candidate.steps[yield].operation.value) {
        taken[other] = true;
        open.candidates.push_back(static_cast<std::uint32_t>(other));
      }
    }
    State next = state;
    if (!lay_out(next, path, *substitution, 0, yield)) continue;
    const Term given = (*substitution)(engine_, path.steps[yield].operation.value);
    next.guards.push_back(std::move(open));
    results.push_back({std::move(next), false, given});
  }
}

void Executor::exit_guard(State state, std::size_t open, Term exception, std::vector<Result>& results) {
  const OpenGuard guard = state.guards[open];
  state.guards.erase(state.guards.begin() + static_cast<std::ptrdiff_t>(open));
  const bool thrown = terms_.kind(exception) != TermKind::null;
  for (const std::uint32_t candidate : guard.candidates) {
    const Path& path = guard.summary->paths[candidate];
    if (is_thrown(path) != thrown) continue;
    State next = state;
    const auto yield = static_cast<std::size_t>(path.first_yield);
    if (!lay_out(next, path, *guard.substitution, yield + 1, path.steps.size())) continue;
    if (path.exit == Exit::returns) {
      results.push_back({std::move(next), false, thrown ? terms_.boolean(true) : terms_.null()});
    } else if (thrown && terms_.kind(path.value) == TermKind::unknown) {
      results.push_back({std::move(next), false, terms_.boolean(false)});  // it goes on: what was thrown in
    } else {
      next.raised_at = path.exit_range;
      next.raised_through = guard.substitution->chain(path.exit_through);
      results.push_back({std::move(next), true, (*guard.substitution)(engine_, path.value), true});
    }
  }
}

}  // namespace lockwright::paths
