// Promises. A call that returns one has begun its work: what it does up to its first await is done when the
// call returns, the rest is detached, as steps that carry the promise's task. Whoever awaits the promise has
// these steps behind him: they move to where he waits, the latest point at which they can have happened. One
// that nobody awaits leaves them detached, and how it ends is nobody's business.
//
// How it will end is decided when it is made, as for any call: a path on which it is fulfilled, one on which
// it is rejected.
#include "analyzer/paths/promises.h"

#include <algorithm>
#include <array>

#include "analyzer/paths/executor.h"

namespace lockwright::paths {

using ir::Argument;
using ir::Term;
using ir::TermKind;
using models::OperationKind;

namespace {

constexpr int max_adoptions = 8;  // promises of promises
constexpr std::string_view promise_constructor = "globalThis.Promise";
/// What the function given to the constructor gets, to call when its work is done.
constexpr std::string_view resolve_function = "lockwright.resolve";
constexpr std::string_view reject_function = "lockwright.reject";

struct Promise {
  bool rejected = false;
  Term value = Term::none;
  Term task = Term::none;
};

/// Where the function given to the constructor leaves what it has called.
Term settled_place(ir::TermTable& terms) {
  return terms.field(terms.global(promise_constructor), "<settled>");
}

Promise read(const ir::TermTable& terms, Term promise) {
  const auto operands = terms.operands(promise);
  return {terms.text(operands[0]) == rejected_class, operands[1], operands[2]};
}

Term make(ir::TermTable& terms, bool rejected, Term value, Term task) {
  const std::array operands{value == Term::none ? terms.unknown() : value, task};
  return terms.make(terms.global(rejected ? rejected_class : fulfilled_class), operands);
}

/// Puts the steps of `task` behind all others, where they are no longer detached. Returns where the first of
/// them was; the number of steps: there is none.
std::size_t move_to_end(std::vector<Step>& steps, std::vector<Fact>& facts, Term task) {
  const auto is_of_task = [&](const Step& step) { return step.task == task; };
  const auto first = std::find_if(steps.begin(), steps.end(), is_of_task);
  const auto begin = static_cast<std::size_t>(first - steps.begin());
  if (first == steps.end()) return begin;
  std::vector<std::uint32_t> stay_before(steps.size() + 1, 0);  // by step: how many before it stay
  for (std::size_t i = 0; i < steps.size(); ++i)
    stay_before[i + 1] = stay_before[i] + (is_of_task(steps[i]) ? 0U : 1U);
  const auto moved =
      std::stable_partition(steps.begin(), steps.end(), [&](const Step& step) { return !is_of_task(step); });
  for (auto step = moved; step != steps.end(); ++step) {
    step->detached = false;
    step->task = Term::none;
  }
  for (Fact& fact : facts) {
    if (fact.at < stay_before.size()) fact.at = stay_before[fact.at];
  }
  return begin;
}

bool is_function(const ir::TermTable& terms, Term term) {
  switch (terms.kind(term)) {
    case TermKind::null:
    case TermKind::string:
    case TermKind::integer:
    case TermKind::boolean: return false;
    default: return term != Term::none;
  }
}

}  // namespace

bool is_promise(const ir::TermTable& terms, Term term) {
  if (terms.kind(term) != TermKind::make) return false;
  const std::string_view type = terms.text(terms.operands(term)[0]);
  return type == fulfilled_class || type == rejected_class;
}

std::shared_ptr<const Summary> as_awaited(const ir::TermTable& terms,
                                          std::shared_ptr<const Summary> summary) {
  const auto goes_on = [&](const Path& path) {
    if (path.exit != Exit::returns || !is_promise(terms, path.value)) return false;
    const Term task = read(terms, path.value).task;
    return std::any_of(path.steps.begin(), path.steps.end(),
                       [&](const Step& step) { return step.task == task; });
  };
  if (std::none_of(summary->paths.begin(), summary->paths.end(), goes_on)) return summary;
  auto result = std::make_shared<Summary>(*summary);
  for (Path& path : result->paths) {
    for (int adopted = 0; adopted < max_adoptions && goes_on(path); ++adopted) {
      const Promise promise = read(terms, path.value);
      move_to_end(path.steps, path.facts, promise.task);
      path.value = promise.value;
      if (promise.rejected) path.exit = Exit::raises;
    }
  }
  return result;
}

bool is_promise_method(std::string_view name) {
  return name == "then" || name == "catch" || name == "finally";
}

bool is_promise_function(std::string_view name) {
  if (name == resolve_function || name == reject_function || name == promise_constructor) return true;
  if (!name.starts_with(promise_constructor)) return false;
  static constexpr std::array combinators{".resolve", ".reject", ".all", ".allSettled", ".race", ".any"};
  name.remove_prefix(promise_constructor.size());
  return std::find(combinators.begin(), combinators.end(), name) != combinators.end();
}

/// Makes the steps after `before`, from the `first` of them on, work of `task` that goes on by itself.
void Executor::detach(State& state, Histories::Node before, std::uint32_t first, Term task,
                      source::Range range) {
  const std::vector<Step> steps = histories_.steps(state.history);
  const std::size_t begin = histories_.length(before) + first;
  if (begin >= steps.size()) return;
  state.history = histories_.prefix(state.history, static_cast<std::uint32_t>(begin));
  record(state, {.kind = OperationKind::spawn}, range);
  for (std::size_t i = begin; i < steps.size(); ++i) {
    Step step = steps[i];
    if (!step.detached) {
      step.detached = true;
      step.task = task;
    }
    state.history = histories_.append(state.history, step);
  }
}

/// The ends of an async function or API, as what its caller has in hand at once: a promise.
void Executor::begin(Histories::Node before, std::vector<Result> ends, const CallInfo& info,
                     std::vector<Result>& results) {
  for (Result& end : ends) {
    const Term task = fresh(end.state, info.site);
    const std::vector<Step> steps = histories_.steps(end.state.history);
    const auto own = steps.begin() + static_cast<std::ptrdiff_t>(histories_.length(before));
    const auto await = std::find_if(own, steps.end(), [](const Step& step) {
      return step.operation.kind == OperationKind::await && !step.detached;
    });
    detach(end.state, before, static_cast<std::uint32_t>(await - own), task, info.range);
    adopt(std::move(end.state), end.raised, end.value, task, results);
  }
}

/// A promise of `task` that ends as said; with a promise as its value, as that one ends.
void Executor::adopt(State state, bool raised, Term value, Term task, std::vector<Result>& results) {
  if (!raised && is_promise(terms_, value)) {
    const Promise inner = read(terms_, value);
    retag(state, inner.task, task);
    raised = inner.rejected;
    value = inner.value;
  }
  results.push_back({std::move(state), false, make(terms_, raised, value, task)});
}

void Executor::retag(State& state, Term from, Term to) {
  const std::vector<Step> steps = histories_.steps(state.history);
  const auto first =
      std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.task == from; });
  if (first == steps.end()) return;
  state.history = histories_.prefix(state.history, static_cast<std::uint32_t>(first - steps.begin()));
  for (auto step = first; step != steps.end(); ++step) {
    Step changed = *step;
    if (changed.task == from) changed.task = to;
    state.history = histories_.append(state.history, changed);
  }
}

/// The work of `task` is done: its steps are no longer detached, and happened now at the latest.
void Executor::reattach(State& state, Term task) {
  std::vector<Step> steps = histories_.steps(state.history);
  const std::size_t begin = move_to_end(steps, state.facts, task);
  if (begin == steps.size()) return;
  state.history = histories_.prefix(state.history, static_cast<std::uint32_t>(begin));
  for (std::size_t i = begin; i < steps.size(); ++i)
    state.history = histories_.append(state.history, steps[i]);
}

void Executor::settle(State state, Term promise, const CallInfo& info, std::vector<Result>& results,
                      int depth) {
  const Promise ended = read(terms_, promise);
  reattach(state, ended.task);
  if (!ended.rejected && is_promise(terms_, ended.value) && depth < max_adoptions) {
    settle(std::move(state), ended.value, info, results, depth + 1);
    return;
  }
  wait(state, info, results);
  results.push_back({std::move(state), ended.rejected, ended.value});
}

void Executor::call_promise(State state, const Target& target, const std::vector<Argument>& arguments,
                            const CallInfo& info, std::vector<Result>& results, int depth) {
  if (target.receiver != Term::none) {
    continue_promise(std::move(state), target, arguments, info, results, depth);
    return;
  }
  const std::string_view name = terms_.text(target.callee);
  if (name == resolve_function || name == reject_function) {
    const Term place = settled_place(terms_);
    const Term given = arguments.empty() ? terms_.null() : arguments[0].value;
    if (!is_promise(terms_, find_effect(state.store, place)))  // only the first call counts
      set_effect(state.store, place, make(terms_, name == reject_function, given, terms_.null()));
    results.push_back({std::move(state), false, terms_.null()});
  } else if (name == promise_constructor) {
    make_promise(std::move(state), arguments, info, results, depth);
  } else {
    const Term given = arguments.empty() ? terms_.null() : arguments[0].value;
    combine_promises(std::move(state), name.substr(promise_constructor.size() + 1), given, info, results);
  }
}

/// promise.then(f, g), .catch(g), .finally(h): a promise of what the function makes of the first one's end.
void Executor::continue_promise(State state, const Target& target, const std::vector<Argument>& arguments,
                                const CallInfo& info, std::vector<Result>& results, int depth) {
  const std::string_view name = terms_.text(target.callee);
  const Term task = fresh(state, info.site);
  const auto argument = [&](std::size_t index) {
    return index < arguments.size() && !arguments[index].spread ? arguments[index].value : Term::none;
  };
  const auto go_on = [&](State next, bool rejected, Term ended) {
    Term handler = argument(0);
    if (name == "then" && rejected) handler = argument(1);
    if (name == "catch" && !rejected) handler = Term::none;
    if (!is_function(terms_, handler)) {
      results.push_back({std::move(next), false, make(terms_, rejected, ended, task)});
      return;
    }
    std::vector<Argument> passed;
    if (name != "finally") passed.push_back({.value = ended});
    const Histories::Node before = next.history;
    CallInfo inner = info;
    inner.completion = ir::Completion::immediate;
    std::vector<Result> ends;
    call(std::move(next), handler, passed, inner, ends, depth + 1);
    for (Result& end : ends) {
      detach(end.state, before, 0, task, info.range);
      if (name != "finally" || end.raised) {
        adopt(std::move(end.state), end.raised, end.value, task, results);
        continue;
      }
      // What `finally` returns counts only when it is a rejection.
      if (is_promise(terms_, end.value)) {
        const Promise waited = read(terms_, end.value);
        retag(end.state, waited.task, task);
        if (waited.rejected) {
          results.push_back({std::move(end.state), false, make(terms_, true, waited.value, task)});
          continue;
        }
      }
      results.push_back({std::move(end.state), false, make(terms_, rejected, ended, task)});
    }
  };
  if (is_promise(terms_, target.receiver)) {
    const Promise first = read(terms_, target.receiver);
    retag(state, first.task, task);
    go_on(std::move(state), first.rejected, first.value);
  } else {
    go_on(state, false, terms_.unknown());
    go_on(std::move(state), true, terms_.unknown());
  }
}

/// new Promise((resolve, reject) => …): the function runs at once. Which of them it has called by its end is
/// how the promise ends; when it has called neither, that is open.
void Executor::make_promise(State state, const std::vector<Argument>& arguments, const CallInfo& info,
                            std::vector<Result>& results, int depth) {
  const Term task = fresh(state, info.site);
  const Term function = arguments.empty() ? terms_.unknown() : arguments[0].value;
  bool may_reject = true;
  if (terms_.kind(function) == TermKind::closure) {
    const FunctionId id = program_.function_named(terms_.text(function));
    may_reject = id == FunctionId::none || program_.function(id).parameters.size() > 1;
  }
  const std::vector<Argument> passed{{.value = terms_.global(resolve_function)},
                                     {.value = terms_.global(reject_function)}};
  CallInfo inner = info;
  inner.completion = ir::Completion::immediate;
  const Term place = settled_place(terms_);
  const Term outer = find_effect(state.store, place);  // of a promise that this one is made within
  if (outer != Term::none) set_effect(state.store, place, terms_.null());
  std::vector<Result> ends;
  call(std::move(state), function, passed, inner, ends, depth + 1);
  for (Result& end : ends) {
    const Term settled = find_effect(end.state.store, place);
    std::erase_if(end.state.store, [&](const auto& effect) { return effect.first == place; });
    if (outer != Term::none) set_effect(end.state.store, place, outer);
    if (is_promise(terms_, settled)) {
      const Promise ended = read(terms_, settled);
      results.push_back({std::move(end.state), false, make(terms_, ended.rejected, ended.value, task)});
      continue;
    }
    if (end.raised || may_reject) {
      results.push_back(
          {end.state, false, make(terms_, true, end.raised ? end.value : terms_.unknown(), task)});
    }
    if (!end.raised) {
      results.push_back({std::move(end.state), false, make(terms_, false, terms_.unknown(), task)});
    }
  }
}

void Executor::combine_promises(State state, std::string_view how, Term given, const CallInfo& info,
                                std::vector<Result>& results) {
  const Term task = fresh(state, info.site);
  if (how == "resolve" || how == "reject") {
    adopt(std::move(state), how == "reject", given, task, results);
    return;
  }
  // Of a list that is not seen nothing is known but that it may fail; allSettled does not.
  if (terms_.kind(given) != TermKind::make || terms_.operands(given).size() < 2) {
    if (how != "allSettled") results.push_back({state, false, make(terms_, true, terms_.unknown(), task)});
    results.push_back({std::move(state), false, make(terms_, false, terms_.unknown(), task)});
    return;
  }
  const std::vector<Term> elements(terms_.operands(given).begin() + 1, terms_.operands(given).end());
  if (how == "race" || how == "any") {
    // Whichever is first; the others go on.
    for (const Term element : elements) {
      State next = state;
      if (is_promise(terms_, element)) {
        results.push_back({std::move(next), false, element});
      } else {
        adopt(std::move(next), false, element, task, results);
      }
    }
    return;
  }
  std::vector<Term> values;
  Term rejection = Term::none;
  for (const Term element : elements) {
    if (!is_promise(terms_, element)) {
      values.push_back(element);
      continue;
    }
    const Promise each = read(terms_, element);
    retag(state, each.task, task);
    if (each.rejected && rejection == Term::none) rejection = each.value;
    values.push_back(each.rejected || how == "allSettled" ? terms_.unknown() : each.value);
  }
  const bool rejected = how == "all" && rejection != Term::none;
  const Term value = rejected ? rejection : terms_.make(terms_.operands(given)[0], values);
  results.push_back({std::move(state), false, make(terms_, rejected, value, task)});
}

}  // namespace lockwright::paths
