// Substitution and the resolving of places. See substitution.h.
#include "analyzer/paths/substitution.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/paths/state.h"

namespace lockwright::paths {
namespace {

using ir::Term;
using ir::TermKind;

/// Fields of objects and globals whose value never changes, from the class's constructor or the module's
/// body.
Term by_invariant(Engine& engine, Term term, const Effects& store, std::string_view self_type) {
  ir::TermTable& terms = engine.program().terms;
  Program& program = engine.program();
  if (terms.kind(term) == TermKind::global) {
    const Symbol symbol = program.resolve(terms.text(term));
    if (symbol.kind != Symbol::Kind::variable) return term;
    const Term canonical = terms.global(symbol.name);
    if (symbol.type != ClassId::none) {
      const Invariants& invariants = engine.invariants_of_class(symbol.type);
      const Term place =
          terms.field(terms.self(), std::string_view(symbol.name).substr(symbol.name.rfind('.') + 1));
      const auto found = invariants.values.find(place);
      const bool same_for_all = found != invariants.values.end() &&
                                (terms.kinds_in(found->second) & ir::kinds_of(TermKind::self)) == 0;
      return same_for_all ? found->second : canonical;
    }
    const std::size_t dot = symbol.name.rfind('.');
    const Invariants& invariants = engine.invariants_of_module(std::string_view(symbol.name).substr(0, dot));
    const auto found = invariants.values.find(canonical);
    return found == invariants.values.end() ? canonical : found->second;
  }
  // Up to two fields deep: self._lock, and what the constructor made known of it (self._lock's <file>).
  Term base = terms.operands(term)[0];
  Term inner_field = Term::none;
  if (terms.kind(base) == TermKind::global) {
    const Symbol symbol = program.resolve(terms.text(base));
    if (symbol.kind != Symbol::Kind::variable || symbol.type != ClassId::none) return term;
    const Invariants& invariants =
        engine.invariants_of_module(std::string_view(symbol.name).substr(0, symbol.name.rfind('.')));
    const auto found = invariants.values.find(terms.field(terms.global(symbol.name), terms.text(term)));
    return found == invariants.values.end() ? term : found->second;
  }
  ClassId type = program.class_named(engine.type_of(base, self_type, store));
  if (type == ClassId::none && terms.kind(base) == TermKind::field) {
    inner_field = base;
    base = terms.operands(base)[0];
    type = program.class_named(engine.type_of(base, self_type, store));
  }
  if (type == ClassId::none) return term;
  const Invariants& invariants = engine.invariants_of_class(type);
  Term place = terms.self();
  if (inner_field != Term::none) place = terms.field(place, terms.text(inner_field));
  const auto found = invariants.values.find(terms.field(place, terms.text(term)));
  if (found == invariants.values.end()) return term;
  return terms.rewrite(found->second,
                       [&](Term part) { return terms.kind(part) == TermKind::self ? base : part; });
}

bool is_textual(const ir::TermTable& terms, Term term) {
  return terms.kind(term) == TermKind::string || terms.kind(term) == TermKind::concat;
}

/// What the language calls the type of a value whose kind is certain.
Term type_name(ir::TermTable& terms, Term term) {
  const Term of = terms.operands(term)[1];
  switch (terms.kind(of)) {
    case TermKind::string:
    case TermKind::concat: return terms.string("string");
    case TermKind::integer: return terms.string("number");
    case TermKind::boolean: return terms.string("boolean");
    case TermKind::null: return terms.string("undefined");
    case TermKind::closure: return terms.string("function");
    default: return term;
  }
}

/// a / b is a path join; a + b joins text when one side is text.
Term arithmetic(ir::TermTable& terms, Term term) {
  const auto operands = terms.operands(term);
  if (operands.size() == 2 && terms.kind(operands[0]) == TermKind::global &&
      terms.text(operands[0]) == "operator.typeof") {
    return type_name(terms, term);
  }
  if (operands.size() != 3 || terms.kind(operands[0]) != TermKind::global) return term;
  const std::string_view name = terms.text(operands[0]);
  const Term left = operands[1];
  const Term right = operands[2];
  if (name == "operator.div") {
    if (terms.kind(left) == TermKind::integer || terms.kind(right) == TermKind::integer) return term;
    const Term parts[] = {left, terms.string("/"), right};
    return terms.concat(parts);
  }
  const bool numbers = terms.kind(left) == TermKind::integer && terms.kind(right) == TermKind::integer;
  if (name == "operator.sub" && numbers) return terms.integer(terms.number(left) - terms.number(right));
  if (name == "operator.add" && numbers) return terms.integer(terms.number(left) + terms.number(right));
  if (name == "operator.add" && (is_textual(terms, left) || is_textual(terms, right))) {
    const Term parts[] = {left, right};
    return terms.concat(parts);
  }
  return term;
}

}  // namespace

bool is_container(Engine& engine, Term value) {
  const ir::TermTable& terms = engine.program().terms;
  if (terms.kind(value) != TermKind::make) return false;
  const std::span<const Term> operands = terms.operands(value);
  // With members that have names it is a record: nothing comes and goes there.
  const bool record = operands.size() > 1 && terms.kind(operands[1]) == TermKind::keyword;
  return !record && engine.models().is_container(terms.text(operands[0]));
}

Term resolve_top(Engine& engine, Term term, const Effects& store, std::string_view self_type) {
  ir::TermTable& terms = engine.program().terms;
  switch (terms.kind(term)) {
    case TermKind::field: {
      // An argument by its name, of an object made by calling its class: Config(path=p).path.
      const Term base = terms.operands(term)[0];
      if (const Term stored = find_effect(store, term); stored != Term::none) {
        return is_container(engine, stored) ? term : stored;
      }
      // A function value's captured frame, a bound method's receiver (see Executor::portable).
      if (terms.text(term) == "<frame>" &&
          (terms.kind(base) == TermKind::closure || terms.kind(base) == TermKind::field)) {
        return terms.operands(base).empty() ? term : terms.operands(base)[0];
      }
      // Nothing has nothing (`payload?.pid`).
      if (terms.kind(base) == TermKind::null && !terms.text(term).starts_with('<')) return base;
      if (terms.kind(base) == TermKind::make) {
        for (const Term operand : terms.operands(base).subspan(1)) {
          if (terms.kind(operand) == TermKind::keyword && terms.text(operand) == terms.text(term)) {
            return terms.operands(operand)[0];
          }
        }
      }
      return by_invariant(engine, term, store, self_type);
    }
    case TermKind::global: {
      if (const Term stored = find_effect(store, term); stored != Term::none) {
        return is_container(engine, stored) ? term : stored;
      }
      return by_invariant(engine, term, store, self_type);
    }
    case TermKind::index: {
      const Term stored = find_effect(store, term);
      if (stored != Term::none) return stored;
      const Term base = terms.operands(term)[0];
      const Term key = terms.operands(term)[1];
      if (terms.kind(base) == TermKind::make && terms.kind(key) == TermKind::integer) {
        const auto position = static_cast<std::size_t>(terms.number(key));
        if (engine.models().is_sequence(terms.text(terms.operands(base)[0])) &&
            position + 1 < terms.operands(base).size()) {
          return terms.operands(base)[position + 1];
        }
      }
      return term;
    }
    case TermKind::apply: return arithmetic(terms, term);
    default: return term;
  }
}

Term resolve(Engine& engine, Term term, const Effects& store, std::string_view self_type) {
  static constexpr ir::TermKinds changing =
      ir::kinds_of(TermKind::field, TermKind::global, TermKind::index, TermKind::apply);
  return engine.program().terms.rewrite(
      term, changing, [&](Term part) { return resolve_top(engine, part, store, self_type); });
}

/// What the callee has made, as this call of it.
Term Substitution::made(Engine& engine, Term fresh) const {
  ir::TermTable& terms = engine.program().terms;
  if (memoized) {
    const std::string site = fmt::format("{}@{}.{}", callee, terms.number(fresh), terms.context(fresh));
    const Term result = terms.apply(terms.global(site), arguments);
    engine.set_term_type(result, engine.type_of(fresh, {}, {}));
    return result;
  }
  return terms.fresh(static_cast<std::uint32_t>(terms.number(fresh)),
                     engine.context(call_site, repetition, terms.context(fresh)));
}

Term Substitution::operator()(Engine& engine, Term term) {
  if (term == Term::none) return term;
  if (const auto found = done_.find(term); found != done_.end()) return found->second;
  ir::TermTable& terms = engine.program().terms;
  const Term result = terms.rewrite(term, [&](Term part) {
    switch (terms.kind(part)) {
      case TermKind::param: {
        const auto position = static_cast<std::size_t>(terms.number(part));
        return position < arguments.size() && arguments[position] != Term::none ? arguments[position]
                                                                                : terms.unknown();
      }
      case TermKind::self: return receiver == Term::none ? terms.unknown() : receiver;
      case TermKind::frame: return frame == Term::none ? terms.unknown() : frame;
      case TermKind::activation: return activation;
      case TermKind::fresh: return made(engine, part);
      case TermKind::field:
      case TermKind::global:
      case TermKind::index:
      case TermKind::apply: return resolve_top(engine, part, entry, self_type);
      default: return part;
    }
  });
  done_.emplace(term, result);
  return result;
}

CallChainPtr Substitution::chain(const CallChainPtr& inner) {
  CallChainPtr& result = chains_[inner.get()];
  if (!result) result = std::make_shared<CallChain>(CallChain{call_range, callee, repetition, inner});
  return result;
}

void Substitution::keep(const std::shared_ptr<const Summary>& summary) {
  if (std::ranges::find(kept_, summary) == kept_.end()) kept_.push_back(summary);
}

bool Substitution::is_same(const Substitution& other) const {
  return callee == other.callee && receiver == other.receiver && frame == other.frame &&
         activation == other.activation && arguments == other.arguments && call_site == other.call_site &&
         repetition == other.repetition && memoized == other.memoized && call_range == other.call_range &&
         self_type == other.self_type && entry == other.entry;
}

const Step& Substitution::step(Engine& engine, const Step& step) {
  const auto [known, added] = steps_.try_emplace(&step, step);
  Step& result = known->second;
  if (!added) return result;
  result.operation.file = (*this)(engine, step.operation.file);
  result.operation.other = (*this)(engine, step.operation.other);
  result.operation.handle = (*this)(engine, step.operation.handle);
  result.operation.key = (*this)(engine, step.operation.key);
  result.operation.value = (*this)(engine, step.operation.value);
  result.through = chain(step.through);
  result.task = (*this)(engine, step.task);
  return result;
}

}  // namespace lockwright::paths
