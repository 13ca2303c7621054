// Most code that a lock's surroundings call has no business with files, or only looks at them. It still names
// things (a helper that puts a path together) and finds things out, so it is executed; but its ways need not
// be told apart as finely. A function weighs as much as the heaviest of what it calls, by the models or by
// theirs.
#include "analyzer/paths/weight.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace lockwright::paths {
namespace {

using ir::Term;
using ir::TermKind;
using models::Effect;

class Graph {
 public:
  Graph(Program& program, const models::Models& models) : program_(program), models_(models) {
    callers_.resize(program.function_count());
    weights_.resize(program.function_count());
    seen_by_.resize(program.terms.size() + 1);
    for (std::size_t i = 0; i < program.function_count(); ++i) {
      const ir::Function& function = program.function(static_cast<FunctionId>(i));
      if (!function.owner.empty()) methods_[function.name].push_back(i);
    }
    for (std::size_t i = 0; i < program.function_count(); ++i) look_at(i);
  }

  std::vector<Effect> spread() {
    for (const Effect effect : {Effect::changes, Effect::reads}) spread(effect);
    return std::move(weights_);
  }

 private:
  void spread(Effect effect) {
    std::vector<std::size_t> queue;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (weights_[i] == effect) queue.push_back(i);
    }
    while (!queue.empty()) {
      const std::size_t callee = queue.back();
      queue.pop_back();
      for (const std::size_t caller : callers_[callee]) {
        if (weights_[caller] >= effect) continue;
        weights_[caller] = effect;
        queue.push_back(caller);
      }
    }
  }

  void has(std::size_t caller, std::string_view callee) {
    weights_[caller] = std::max(weights_[caller], models_.effect_of(callee));
  }

  void look_at(std::size_t function) {
    for (const ir::Block& block : program_.function(static_cast<FunctionId>(function)).cfg.blocks) {
      for (const ir::Instruction& each : block.instructions) {
        if (each.kind == ir::InstructionKind::call) calls(function, each.callee);
        see(function, each.value);
        for (const ir::Argument& argument : each.arguments) see(function, argument.value);
      }
      see(function, block.end.value);
    }
  }

  void calls(std::size_t caller, Term callee) {
    const ir::TermTable& terms = program_.terms;
    if (callee == Term::none) return;
    switch (terms.kind(callee)) {
      case TermKind::global:
      case TermKind::closure: see(caller, callee); break;
      case TermKind::field: {
        const std::string_view name = terms.text(callee);
        has(caller, name);
        if (const auto found = methods_.find(name); found != methods_.end()) {
          for (const std::size_t method : found->second) callers_[method].push_back(caller);
        }
        break;
      }
      default: break;
    }
  }

  /// A function that is mentioned may be called: a callback, a closure.
  void see(std::size_t caller, Term term) {
    const ir::TermTable& terms = program_.terms;
    if (term == Term::none || (terms.kinds_in(term) & functions) == 0) return;
    std::size_t& seen_by = seen_by_[static_cast<std::size_t>(term)];
    if (std::exchange(seen_by, caller + 1) == caller + 1) return;
    const TermKind kind = terms.kind(term);
    if (kind == TermKind::global) {
      const Symbol symbol = program_.resolve(terms.text(term));
      if (symbol.kind == Symbol::Kind::function) {
        callers_[static_cast<std::size_t>(symbol.function)].push_back(caller);
      } else if (symbol.kind == Symbol::Kind::type) {
        for (const std::string& constructor : models_.constructors()) {
          const Method method = program_.find_method(symbol.type, constructor);
          if (method.function != FunctionId::none)
            callers_[static_cast<std::size_t>(method.function)].push_back(caller);
        }
      } else {
        has(caller, std::string_view(symbol.name).substr(symbol.name.rfind('.') + 1));
      }
    } else if (kind == TermKind::closure) {
      const FunctionId function = program_.function_named(terms.text(term));
      if (function != FunctionId::none) callers_[static_cast<std::size_t>(function)].push_back(caller);
    }
    for (const Term operand : terms.operands(term)) see(caller, operand);
  }

  static constexpr ir::TermKinds functions = ir::kinds_of(TermKind::global, TermKind::closure);

  Program& program_;
  const models::Models& models_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> methods_;  ///< by name
  std::vector<std::vector<std::size_t>> callers_;  ///< by callee; some more than once
  std::vector<Effect> weights_;
  std::vector<std::size_t> seen_by_;  ///< by term: one more than the last function that it was seen in
};

}  // namespace

Weights::Weights(Program& program, const models::Models& models)
    : weights_(Graph(program, models).spread()) {}

}  // namespace lockwright::paths
