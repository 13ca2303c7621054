// Values while a function is executed: what a term stands for here and now, what class it is of, what of it
// is worth remembering; and the operations that become steps.
#include <algorithm>

#include "analyzer/ir/operators.h"
#include "analyzer/paths/executor.h"
#include "analyzer/paths/promises.h"

namespace lockwright::paths {

using ir::InstructionKind;
using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Operation;
using models::OperationKind;

bool worth_keeping(const ir::TermTable& terms, Term value) {
  if (terms.kind(value) != TermKind::apply) return true;
  const Term function = terms.operands(value)[0];
  if (terms.kind(function) != TermKind::global || !terms.text(function).starts_with("operator.")) return true;
  return is_operator(terms, value,
                     {"operator.or", "operator.not", "operator.is", "operator.is_not", "operator.eq",
                      "operator.ne", "operator.lt", "operator.gt", "operator.le", "operator.ge",
                      "operator.sub", "operator.div", "operator.contains"});
}

Term Executor::held_in(const State& state, Term place) {
  return place == Term::none ? place : resolve_top(engine_, place, state.store, self_type_);
}

Term Executor::value(const State& state, Term term) {
  if (term == Term::none) return term;
  static constexpr ir::TermKinds changing =
      ir::kinds_of(TermKind::local, TermKind::field, TermKind::global, TermKind::index, TermKind::apply);
  return terms_.rewrite(term, changing, [&](Term part) {
    if (terms_.kind(part) == TermKind::local) {
      const Term variable = state.variables[static_cast<std::size_t>(terms_.number(part))];
      return variable == Term::none ? terms_.unknown() : variable;
    }
    return resolve_top(engine_, part, state.store, self_type_);
  });
}

std::uint32_t Executor::repetition(const State& state) const {
  std::uint32_t result = 0;
  for (const LoopCount& loop : state.loops) {
    result = result * 4 + loop.visits + static_cast<std::uint32_t>(loop.header) * 64;
  }
  return result;
}

Term Executor::fresh(const State& state, std::uint32_t site) {
  const std::uint32_t round = repetition(state);
  return terms_.fresh(site, round == 0 ? 0 : engine_.context(0, round, 0));
}

/// The class of a variable of the enclosing function, as it is known when that function begins: its receiver,
/// a parameter with a declared type.
std::string Executor::captured_type(std::string_view variable) {
  if (function_.parent == ir::FunctionIndex::none) return {};
  const ir::Function& parent = program_.module_of(id_).functions[static_cast<std::size_t>(function_.parent)];
  if (parent.cfg.blocks.empty()) return {};
  const Term place = terms_.field(terms_.activation(), variable);
  for (const ir::Instruction& each : parent.cfg.blocks.front().instructions) {
    if (each.kind != InstructionKind::store || each.place != place) continue;
    if (terms_.kind(each.value) == TermKind::self) return std::string(parent.owner);
    const bool parameter = terms_.kind(each.value) == TermKind::local &&
                           static_cast<std::size_t>(terms_.number(each.value)) < parent.parameters.size();
    if (!parameter) return {};
    return declared_type_of(parent, static_cast<std::size_t>(terms_.number(each.value)));
  }
  return {};
}

std::string Executor::declared_type_of(const ir::Function& function, std::size_t parameter) {
  if (parameter >= function.parameters.size()) return {};
  const Term declared = function.parameters[parameter].declared_type;
  if (declared == Term::none || terms_.kind(declared) != TermKind::global) return {};
  return program_.resolve(terms_.text(declared)).name;
}

std::string Executor::type_of(const State& state, Term term) {
  if (terms_.kind(term) == TermKind::field && terms_.kind(terms_.operands(term)[0]) == TermKind::frame) {
    if (std::string captured = captured_type(terms_.text(term)); !captured.empty()) return captured;
  }
  if (terms_.kind(term) == TermKind::param) {
    for (const auto& [parameter, type] : context_.types) {
      if (parameter == terms_.number(term)) return type;
    }
    return declared_type_of(function_, static_cast<std::size_t>(terms_.number(term)));
  }
  return engine_.type_of(term, self_type_, state.store);
}

bool is_captured(const ir::TermTable& terms, Term term) {
  if (terms.kind(term) != TermKind::field) return false;
  Term base = terms.operands(term)[0];
  while (terms.kind(base) == TermKind::field && terms.text(base) == "^") base = terms.operands(base)[0];
  return terms.kind(base) == TermKind::frame;
}

/// Remembers which inputs a decision hung on.
void Executor::consult(Term term) {
  if ((terms_.kinds_in(term) & ir::kinds_of(TermKind::param, TermKind::self, TermKind::frame)) == 0) return;
  if (terms_.kind(term) == TermKind::param) {
    consulted_.insert(static_cast<std::int32_t>(terms_.number(term)));
    return;
  }
  if (terms_.kind(term) == TermKind::self) {
    consulted_.insert(-1);
    return;
  }
  if (is_captured(terms_, term)) {
    consulted_places_.insert(term);
    return;
  }
  if (terms_.kind(term) == TermKind::field && terms_.kind(terms_.operands(term)[0]) == TermKind::self)
    consulted_places_.insert(term);
  // What nobody can know before (the time that has passed) decides, whatever a field beside it says.
  const bool open = (terms_.kinds_in(term) & ir::kinds_of(TermKind::fresh, TermKind::unknown)) != 0;
  for (const Term operand : terms_.operands(term)) {
    if (!open || terms_.kind(operand) != TermKind::field) consult(operand);
  }
}

/// Notes the globals in what is read that tell something about the process (its pid).
void Executor::probe(State& state, Term read, source::Range range) {
  if ((terms_.kinds_in(read) & ir::kinds_of(TermKind::global)) == 0) return;
  if (terms_.kind(read) == TermKind::global) {
    const models::Probe told = engine_.models().probe_of(terms_.text(read));
    if (told == models::Probe::none) return;
    record(state, {.kind = OperationKind::probe, .probe = told, .value = read}, range);
    return;
  }
  for (const Term operand : terms_.operands(read)) probe(state, operand, range);
}

namespace {

/// Maps of locks are asked by keys that differ; what is filed under a fixed name is a record's member. Of
/// those only that one is missing says something: the text that the record was read from is none.
bool is_about_member(const ir::TermTable& terms, const Operation& operation) {
  const bool registry = operation.kind == OperationKind::insert || operation.kind == OperationKind::erase ||
                        operation.kind == OperationKind::look_up;
  if (!registry || operation.key == Term::none) return false;
  const TermKind key = terms.kind(operation.key);
  if (key != TermKind::string && key != TermKind::integer) return false;
  return !operation.refused || (terms.kinds_in(operation.handle) & ir::kinds_of(TermKind::fresh)) == 0;
}

}  // namespace

/// Whether nobody needs to know of it: what does not parse was not read from a file (what a parameter holds,
/// the caller knows); a constant is put into a list that has no name.
bool Executor::is_idle(const Operation& operation) const {
  static constexpr ir::TermKinds constants =
      ir::kinds_of(TermKind::string, TermKind::integer, TermKind::boolean, TermKind::null);
  if (operation.kind == OperationKind::insert) {
    return terms_.kind(operation.handle) == TermKind::make && operation.value != Term::none &&
           (ir::kinds_of(terms_.kind(operation.value)) & constants) != 0;
  }
  return operation.probe == models::Probe::content && terms_.kind(operation.key) != TermKind::param &&
         (terms_.kinds_in(operation.key) & ir::kinds_of(TermKind::fresh)) == 0;
}

/// A file that was opened only for this call, `json.dump(data, open(path, "w"))`: nothing refers to it
/// afterwards, and where handles are counted it is closed, with its buffer written out.
void Executor::drop_handle(const ir::Instruction& call, State& state) {
  const std::vector<const Step*> steps = histories_.view(state.history);
  if (steps.empty()) return;
  const Operation& last = steps.back()->operation;
  const bool written_here = last.kind == OperationKind::write && last.buffered && last.handle != Term::none &&
                            steps.back()->range == call.range;
  if (!written_here) return;
  const auto is_dropped = [&](Term given) {
    if (given == Term::none || terms_.kind(given) != TermKind::local) return false;
    const auto local = static_cast<std::size_t>(terms_.number(given));
    return function_.locals[local].name.empty() && state.variables[local] == last.handle;
  };
  const bool receives =
      terms_.kind(call.callee) == TermKind::field && is_dropped(terms_.operands(call.callee)[0]);
  const bool dropped =
      receives || std::any_of(call.arguments.begin(), call.arguments.end(),
                              [&](const ir::Argument& each) { return is_dropped(each.value); });
  const bool collected = std::any_of(steps.begin(), steps.end(), [&](const Step* step) {
    return step->operation.kind == OperationKind::open && step->operation.collected &&
           step->operation.handle == last.handle;
  });
  if (dropped && collected) record(state, {.kind = OperationKind::close, .handle = last.handle}, call.range);
}

void Executor::record(State& state, Operation operation, source::Range range) {
  if (is_about_member(terms_, operation)) return;
  const bool on_file = operation.kind == OperationKind::acquire || operation.kind == OperationKind::release ||
                       operation.kind == OperationKind::close || operation.kind == OperationKind::read ||
                       operation.kind == OperationKind::write || operation.kind == OperationKind::truncate ||
                       operation.kind == OperationKind::flush || operation.kind == OperationKind::sync;
  if (operation.file == Term::none && on_file && operation.handle != Term::none) {
    operation.file = held_in(state, terms_.field(operation.handle, "<file>"));
  }
  // A buffer is known by the text that was put together in it.
  for (Term* file : {&operation.file, &operation.other}) {
    if (*file == Term::none) continue;
    const Term text = find_effect(state.store, terms_.field(*file, "<text>"));
    if (text != Term::none) *file = text;
    // There is no file of that name: what gives null on some ways is not followed far enough to tell which.
    if (terms_.kind(*file) == TermKind::null) *file = terms_.unknown();
  }
  if (is_idle(operation)) return;
  state.history =
      histories_.append(state.history, {.operation = operation, .range = range, .through = nullptr});
}

/// `place` is about to be cleared: what it referred to may be out of reach from here on.
void Executor::record_drop(State& state, Term place, source::Range range) {
  if (terms_.kind(place) == TermKind::index) return;  // an entry: see insert and erase
  const Term dropped = held_in(state, place);
  const bool variable =
      terms_.kind(place) == TermKind::field && terms_.kind(terms_.operands(place)[0]) == TermKind::activation;
  if (variable && dropped == place) return;  // its first value
  static constexpr ir::TermKinds references = ir::kinds_of(TermKind::fresh, TermKind::field, TermKind::global,
                                                           TermKind::index, TermKind::make, TermKind::apply);
  if ((ir::kinds_of(terms_.kind(dropped)) & references) == 0) return;
  record(state, {.kind = OperationKind::drop, .handle = dropped, .key = place}, range);
}

void Executor::store(State& state, Term place, Term what) {
  set_effect(state.store, place, worth_keeping(terms_, what) ? what : terms_.unknown());
}

}  // namespace lockwright::paths
