// The verifier: rules that everything after the frontends relies on, each checked where it could be broken.
//
// It says all that is wrong, not just the first thing, and it must survive what it complains about: a number
// is looked at before it is used as an index. A module that passes can be walked without any further checks.
#include "analyzer/ir/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyzer/ir/draft.h"

namespace lockwright::ir {
namespace {

template <typename Index>
std::size_t row(Index index) {
  return static_cast<std::size_t>(index);
}

/// Complaints about one module, with what they are about in front.
class Complaints {
 public:
  explicit Complaints(const Module& module) : module_(module) {}

  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    lines_.push_back(subject_ + fmt::format(text, std::forward<Arguments>(arguments)...));
  }

  void set_subject(std::string subject) { subject_ = std::move(subject); }
  std::vector<std::string> take() { return std::move(lines_); }

  void check_range(const source::Range& range, std::string_view what) {
    if (range.file != module_.file) add("{}: the range lies in another file", what);
    if (range.begin > range.end) add("{}: the range ends before it begins", what);
  }

  /// Whether `term` is of this module's table; Term::none is fine where `optional`.
  bool check_term(Term term, std::string_view what, bool optional = false) {
    if (term == Term::none) {
      if (!optional) add("{} is missing", what);
      return false;
    }
    if (row(term) < module_.terms.size()) return true;
    add("{} is term {} of {}", what, row(term), module_.terms.size());
    return false;
  }

 private:
  const Module& module_;
  std::vector<std::string> lines_;
  std::string subject_;
};

class FunctionVerifier {
 public:
  FunctionVerifier(const Module& module, const Function& function, Complaints& complaints)
      : module_(module),
        function_(function),
        blocks_(function.cfg.blocks),
        arrived_(blocks_.size(), false),
        complaints_(complaints) {}

  void run() {
    complaints_.set_subject(fmt::format("{}: ", function_.qualified_name));
    check_declaration();
    if (blocks_.empty()) {
      complaints_.add("has no blocks");
      return;
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      complaints_.set_subject(fmt::format("{}: block {}: ", function_.qualified_name, i));
      check_block(blocks_[i], static_cast<BlockId>(i));
    }
    check_reachable();
  }

 private:
  void check_declaration() {
    complaints_.check_range(function_.range, "definition");
    complaints_.check_range(function_.name_range, "name");
    if (function_.parent != FunctionIndex::none && row(function_.parent) >= module_.functions.size()) {
      complaints_.add("its parent is function {} of {}", row(function_.parent), module_.functions.size());
    }
    for (const Term decorator : function_.decorators) check_term(decorator, "a decorator");
    check_term(function_.return_type, "the return type", true);
    for (std::size_t i = 0; i < function_.parameters.size(); ++i) {
      const Parameter& parameter = function_.parameters[i];
      check_term(parameter.declared_type, "a parameter's type", true);
      check_term(parameter.default_value, "a parameter's default", true);
      if (i >= function_.locals.size() || function_.locals[i].name != parameter.name) {
        complaints_.add("parameter {} ({}) is not local {}", i, parameter.name, i);
      }
    }
    for (const Variable& variable : function_.locals) {
      check_term(variable.declared_type, "a variable's type", true);
    }
  }

  void check_block(const Block& block, BlockId id) {
    for (std::size_t i = 0; i < block.instructions.size(); ++i) {
      complaints_.set_subject(
          fmt::format("{}: block {}: instruction {}: ", function_.qualified_name, row(id), i));
      check_instruction(block.instructions[i]);
    }
    complaints_.set_subject(fmt::format("{}: block {}: ", function_.qualified_name, row(id)));
    check_end(block.end);
    check_order(block, id);
    check_local(block.exception, "the exception", true);
    if (block.landing != BlockId::none) {
      if (row(block.landing) >= blocks_.size()) {
        complaints_.add("lands in block {} of {}", row(block.landing), blocks_.size());
      } else if (blocks_[row(block.landing)].exception == Local::none) {
        complaints_.add("lands in block {}, which receives no exception", row(block.landing));
      }
      if (!may_raise(block)) complaints_.add("has a landing, but nothing in it raises");
    }
    if (block.loop_header && row(id) == 0) complaints_.add("is the entry and a loop header");
    if (block.loop_header && block.loop != id) complaints_.add("is a loop header outside of its own loop");
    if (block.loop != BlockId::none &&
        (row(block.loop) >= blocks_.size() || !blocks_[row(block.loop)].loop_header)) {
      complaints_.add("is in the loop of block {}, which is no loop header", row(block.loop));
    }
  }

  void check_instruction(const Instruction& instruction) {
    complaints_.check_range(instruction.range, "instruction");
    check_local(instruction.result, "the result", true);
    const InstructionKind kind = instruction.kind;
    using enum InstructionKind;
    check_term(instruction.value, "the value", kind != let && kind != store && kind != await);
    check_term(instruction.callee, "the callee", kind != call);
    for (const Argument& argument : instruction.arguments) check_term(argument.value, "an argument");
    if (check_term(instruction.place, "the place", kind != store)) {
      const TermKind place = module_.terms.kind(instruction.place);
      if (place != TermKind::field && place != TermKind::index && place != TermKind::global) {
        complaints_.add("stores to what is no field, index or global");
      }
    }
  }

  void check_end(const Terminator& end) {
    check_term(end.test, "the test", true);
    if (end.kind != TerminatorKind::jump) complaints_.check_range(end.range, "the block's end");
    switch (end.kind) {
      case TerminatorKind::jump: check_target(end.then_block, "jumps"); break;
      case TerminatorKind::branch:
        check_target(end.then_block, "branches");
        check_target(end.else_block, "branches");
        break;
      case TerminatorKind::dispatch:
        check_local(end.exception, "the dispatched exception", false);
        for (const DispatchCase& one : end.cases) {
          for (const Term type : one.types) check_term(type, "a class to dispatch on");
          check_target(one.block, "dispatches");
        }
        check_target(end.else_block, "dispatches");
        break;
      case TerminatorKind::leave: check_term(end.value, "the value to return"); break;
      case TerminatorKind::raise: check_term(end.value, "the exception to raise"); break;
    }
  }

  void check_target(BlockId target, std::string_view verb) {
    if (row(target) >= blocks_.size()) {
      complaints_.add("{} to block {} of {}", verb, name_of(target), blocks_.size());
    } else if (blocks_[row(target)].exception != Local::none) {
      complaints_.add("{} to block {}, which only exceptions may enter", verb, row(target));
    }
  }

  void check_order(const Block& block, BlockId id) {
    const auto check = [&](BlockId target) {
      if (row(target) <= row(id) && !blocks_[row(target)].loop_header) {
        complaints_.add("leads back to block {}, which is no loop header", row(target));
      }
    };
    check(block.landing);
    check(block.end.then_block);
    check(block.end.else_block);
    for (const DispatchCase& one : block.end.cases) check(one.block);
  }

  static std::string name_of(BlockId id) { return id == BlockId::none ? "none" : fmt::to_string(row(id)); }

  void check_local(Local local, std::string_view what, bool optional) {
    if (local == Local::none) {
      if (!optional) complaints_.add("{} is missing", what);
    } else if (row(local) >= function_.locals.size()) {
      complaints_.add("{} is local {} of {}", what, row(local), function_.locals.size());
    }
  }

  /// A term in the function's code: of the table, and about variables that the function has.
  bool check_term(Term term, std::string_view what, bool optional = false) {
    if (!complaints_.check_term(term, what, optional)) return false;
    check_variables(term, what);
    return true;
  }

  void check_variables(Term term, std::string_view what) {
    const TermTable& terms = module_.terms;
    if ((terms.kinds_in(term) & kinds_of(TermKind::local, TermKind::param)) == 0) return;
    const auto number = static_cast<std::size_t>(terms.number(term));
    if (terms.kind(term) == TermKind::local && number >= function_.locals.size()) {
      complaints_.add("{} mentions local {} of {}", what, number, function_.locals.size());
    } else if (terms.kind(term) == TermKind::param && number >= function_.parameters.size()) {
      complaints_.add("{} mentions parameter {} of {}", what, number, function_.parameters.size());
    }
    for (const Term operand : terms.operands(term)) check_variables(operand, what);
  }

  void check_reachable() {
    std::vector<BlockId> open;
    const auto arrive = [&](BlockId id) {
      if (row(id) >= blocks_.size() || arrived_[row(id)]) return;
      arrived_[row(id)] = true;
      open.push_back(id);
    };
    arrive(BlockId{0});
    while (!open.empty()) {
      const Block& block = blocks_[row(open.back())];
      open.pop_back();
      arrive(block.landing);
      arrive(block.end.then_block);
      arrive(block.end.else_block);
      for (const DispatchCase& one : block.end.cases) arrive(one.block);
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      complaints_.set_subject(fmt::format("{}: block {}: ", function_.qualified_name, i));
      if (!arrived_[i]) complaints_.add("cannot be reached");
    }
  }

  const Module& module_;
  const Function& function_;
  const std::vector<Block>& blocks_;
  std::vector<bool> arrived_;
  Complaints& complaints_;
};

void check_class(const Module& module, const Class& type, Complaints& complaints) {
  complaints.set_subject(fmt::format("class {}: ", type.qualified_name));
  complaints.check_range(type.range, "definition");
  for (const Term base : type.bases) complaints.check_term(base, "a base");
  for (const auto& [name, method] : type.methods) {
    if (row(method) >= module.functions.size()) {
      complaints.add("method {} is function {} of {}", name, row(method), module.functions.size());
    } else if (const Function& function = module.functions[row(method)];
               function.owner != type.qualified_name) {
      complaints.add("method {} belongs to {}", name, function.owner.empty() ? "no class" : function.owner);
    }
  }
  for (const auto& [name, field] : type.fields) {
    complaints.check_term(field.declared_type, "a field's type", true);
    complaints.check_term(field.value, "a field's value", true);
  }
}

}  // namespace

std::vector<std::string> verify(const Module& module) {
  Complaints complaints(module);
  complaints.set_subject(module.name + ": ");
  if (module.functions.empty()) complaints.add("has no function for its own code");
  for (const auto& [name, term] : module.aliases) complaints.check_term(term, "an alias");
  for (const ParseHole& hole : module.holes) complaints.check_range(hole.range, "a hole");
  for (const Class& type : module.classes) check_class(module, type, complaints);
  for (const Function& function : module.functions) FunctionVerifier(module, function, complaints).run();
  return complaints.take();
}

}  // namespace lockwright::ir
