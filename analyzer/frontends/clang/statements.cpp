// Statements, as the syntactic frontend lowers them: a goto goes out of a row of statements to a label behind
// it, which makes the statements before the label a labelled block to break out of; or back to a label before
// it, which makes the statements from the label on a loop to continue.
#include <algorithm>

#include "analyzer/frontends/clang/lowering.h"

namespace lockwright::frontends::compiler {
namespace {

bool jumps_to(const clang::Stmt* node, const clang::LabelDecl* label) {
  if (node == nullptr || llvm::isa<clang::LambdaExpr>(node)) return false;
  if (const auto* jump = llvm::dyn_cast<clang::GotoStmt>(node)) return jump->getLabel() == label;
  return std::any_of(node->child_begin(), node->child_end(),
                     [&](const clang::Stmt* each) { return jumps_to(each, label); });
}

bool jumps_to(std::span<const clang::Stmt* const> nodes, const clang::LabelDecl* label) {
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](const clang::Stmt* each) { return jumps_to(each, label); });
}

}  // namespace

/// A loop that runs once: a place to break out of.
void Lowering::labelled(Jump jump, Code& code, const std::function<void(Code&)>& write) {
  jump.label = terms().intern("L" + std::to_string(++unit_.last_label));
  jumps_.push_back(jump);
  Code inside;
  write(inside);
  jumps_.pop_back();
  inside.add(ir::Break{jump.label});
  ir::Loop loop;
  loop.label = jump.label;
  loop.body = inside.finish();
  code.add(std::move(loop));
}

void Lowering::block(Statement node, Code& code) {
  const auto* compound = llvm::dyn_cast<clang::CompoundStmt>(node);
  if (compound == nullptr) {
    statements({&node, 1}, code);
    return;
  }
  const std::vector<Statement> nodes(compound->body_begin(), compound->body_end());
  statements(nodes, code);
}

void Lowering::statements(Statements nodes, Code& code) {
  const Nesting nesting(*this);
  if (!nesting) {
    if (!nodes.empty()) hole(range(nodes.front()), code);
    return;
  }
  // The last label that somebody before it aims at splits the row.
  for (std::size_t index = nodes.size(); index-- > 1;) {
    const auto* label = llvm::dyn_cast<clang::LabelStmt>(nodes[index]);
    if (label == nullptr || !jumps_to(nodes.first(index), label->getDecl())) continue;
    labelled({.written = label->getDecl(), .takes_break = false}, code,
             [&](Code& part) { statements(nodes.first(index), part); });
    labels(nodes, index, code);
    return;
  }
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    if (llvm::isa<clang::LabelStmt>(nodes[index])) {
      labels(nodes, index, code);
      return;
    }
    const auto* declares = llvm::dyn_cast<clang::DeclStmt>(nodes[index]);
    if (declares == nullptr) {
      statement(nodes[index], code);
      continue;
    }
    std::vector<Variable> made = declaration(*declares, code);
    std::erase_if(made, [](const Variable& each) { return !each.ends; });
    if (made.empty()) continue;
    Code rest;
    statements(nodes.subspan(index + 1), rest);
    with_destructors(made, std::move(rest), range(nodes[index]), code);
    return;
  }
}

/// The statements from a label on: a loop, if one of them jumps back to it.
void Lowering::labels(Statements nodes, std::size_t label, Code& code) {
  const auto& node = llvm::cast<clang::LabelStmt>(*nodes[label]);
  std::vector<Statement> rest{node.getSubStmt()};
  rest.insert(rest.end(), nodes.begin() + static_cast<std::ptrdiff_t>(label) + 1, nodes.end());
  if (!jumps_to(rest, node.getDecl())) {
    statements(rest, code);
    return;
  }
  labelled({.written = node.getDecl(), .backwards = true, .takes_break = false}, code,
           [&](Code& part) { statements(rest, part); });
}

void Lowering::jump_to(const clang::LabelDecl* label, Statement node, Code& code) {
  for (auto jump = jumps_.rbegin(); jump != jumps_.rend(); ++jump) {
    if (jump->written != label) continue;
    if (jump->backwards) {
      code.add(ir::Continue{jump->label});
    } else {
      code.add(ir::Break{jump->label});
    }
    return;
  }
  hole(range(node), code);
}

void Lowering::statement(Statement node, Code& code) {
  if (node == nullptr) return;
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return;
  }
  if (const auto* expression = llvm::dyn_cast<clang::Expr>(node)) {
    discard(expression, code);
    return;
  }
  switch (node->getStmtClass()) {
    case clang::Stmt::CompoundStmtClass: block(node, code); return;
    case clang::Stmt::DeclStmtClass:
    case clang::Stmt::LabelStmtClass: statements({&node, 1}, code); return;
    case clang::Stmt::IfStmtClass: if_statement(llvm::cast<clang::IfStmt>(*node), code); return;
    case clang::Stmt::WhileStmtClass: while_statement(llvm::cast<clang::WhileStmt>(*node), code); return;
    case clang::Stmt::DoStmtClass: do_statement(llvm::cast<clang::DoStmt>(*node), code); return;
    case clang::Stmt::ForStmtClass: for_statement(llvm::cast<clang::ForStmt>(*node), code); return;
    case clang::Stmt::CXXForRangeStmtClass:
      range_loop(llvm::cast<clang::CXXForRangeStmt>(*node), code);
      return;
    case clang::Stmt::SwitchStmtClass: switch_statement(llvm::cast<clang::SwitchStmt>(*node), code); return;
    case clang::Stmt::CXXTryStmtClass: try_statement(llvm::cast<clang::CXXTryStmt>(*node), code); return;
    case clang::Stmt::AttributedStmtClass:
      statement(llvm::cast<clang::AttributedStmt>(*node).getSubStmt(), code);
      return;
    case clang::Stmt::CaseStmtClass:
    case clang::Stmt::DefaultStmtClass:  // not directly in a switch
      statement(llvm::cast<clang::SwitchCase>(*node).getSubStmt(), code);
      return;
    case clang::Stmt::ReturnStmtClass:
      return_statement(node, llvm::cast<clang::ReturnStmt>(*node).getRetValue(), code);
      return;
    case clang::Stmt::CoroutineBodyStmtClass:
      statement(llvm::cast<clang::CoroutineBodyStmt>(*node).getBody(), code);
      return;
    case clang::Stmt::CoreturnStmtClass:
      return_statement(node, llvm::cast<clang::CoreturnStmt>(*node).getOperand(), code);
      return;
    case clang::Stmt::BreakStmtClass:
    case clang::Stmt::ContinueStmtClass: {
      const bool breaks = llvm::isa<clang::BreakStmt>(node);
      for (auto jump = jumps_.rbegin(); jump != jumps_.rend(); ++jump) {
        if (breaks ? !jump->takes_break : !jump->takes_continue) continue;
        if (breaks) {
          code.add(ir::Break{jump->label});
        } else {
          code.add(ir::Continue{jump->label});
        }
        return;
      }
      return;
    }
    case clang::Stmt::GotoStmtClass:
      jump_to(llvm::cast<clang::GotoStmt>(*node).getLabel(), node, code);
      return;
    default: return;  // nothing happens in the others: asm, a lone semicolon
  }
}

void Lowering::if_statement(const clang::IfStmt& node, Code& code) {
  // What the condition declares lives to the end of the statement.
  Code whole;
  std::vector<Variable> ending;
  const auto declare_first = [&](Statement first) {
    if (const auto* declares = llvm::dyn_cast_or_null<clang::DeclStmt>(first)) {
      std::vector<Variable> made = declaration(*declares, whole);
      std::erase_if(made, [](const Variable& each) { return !each.ends; });
      ending.insert(ending.end(), made.begin(), made.end());
    } else {
      statement(first, whole);
    }
  };
  declare_first(node.getInit());
  declare_first(node.getConditionVariableDeclStmt());
  ir::ConditionPtr test =
      node.isConsteval() ? leaf(ir::Term::none, range(&node)) : condition(node.getCond(), whole);
  Code then_part;
  Code else_part;
  statement(node.getThen(), then_part);
  statement(node.getElse(), else_part);
  const source::Range where = test->range;
  Code branch;
  branch.add(ir::If{std::move(test), then_part.finish(), else_part.finish_or_null()});
  code.add(std::move(whole));
  with_destructors(ending, std::move(branch), where, code);
}

void Lowering::while_statement(const clang::WhileStmt& node, Code& code) {
  Code before;
  if (const clang::DeclStmt* declares = node.getConditionVariableDeclStmt()) declaration(*declares, before);
  ir::ConditionPtr test = condition(node.getCond(), before);
  ir::Loop loop;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  Code body;
  statement(node.getBody(), body);
  jumps_.pop_back();
  if (before.empty()) {
    loop.condition = std::move(test);
  } else {
    // Control flow in the condition: it is decided at the head of the body.
    Code leaves;
    leaves.add(ir::Break{loop.label});
    before.add(ir::If{negation(std::move(test)), leaves.finish(), nullptr});
    before.add(std::move(body));
    body = std::move(before);
  }
  loop.body = body.finish();
  code.add(std::move(loop));
}

void Lowering::do_statement(const clang::DoStmt& node, Code& code) {
  ir::Loop loop;
  loop.test_first = false;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  Code body;
  statement(node.getBody(), body);
  jumps_.pop_back();
  Code before;
  loop.condition = condition(node.getCond(), before);
  if (!before.empty()) loop.step = before.finish();
  loop.body = body.finish();
  code.add(std::move(loop));
}

void Lowering::for_statement(const clang::ForStmt& node, Code& code) {
  Code whole;
  std::vector<Variable> ending;
  if (const auto* declares = llvm::dyn_cast_or_null<clang::DeclStmt>(node.getInit())) {
    ending = declaration(*declares, whole);
    std::erase_if(ending, [](const Variable& each) { return !each.ends; });
  } else {
    statement(node.getInit(), whole);
  }
  ir::Loop loop;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  Code before;
  if (const clang::DeclStmt* declares = node.getConditionVariableDeclStmt()) declaration(*declares, before);
  if (node.getCond() != nullptr) loop.condition = condition(node.getCond(), before);
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  Code body;
  statement(node.getBody(), body);
  jumps_.pop_back();
  if (!before.empty()) {
    Code leaves;
    leaves.add(ir::Break{loop.label});
    if (loop.condition != nullptr)
      before.add(ir::If{negation(std::move(loop.condition)), leaves.finish(), nullptr});
    before.add(std::move(body));
    body = std::move(before);
  }
  loop.body = body.finish();
  Code step;
  if (node.getInc() != nullptr) discard(node.getInc(), step);
  loop.step = step.finish_or_null();
  Code looping;
  looping.add(std::move(loop));
  code.add(std::move(whole));
  with_destructors(ending, std::move(looping), range(&node), code);
}

void Lowering::range_loop(const clang::CXXForRangeStmt& node, Code& code) {
  statement(node.getInit(), code);
  const Expression over = node.getRangeInit();
  const ir::Term iterated = snapshot(expression(over, code), range(over), code);
  ir::Loop loop;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  loop.condition = leaf(ir::Term::none, range(over));
  Code body;
  const ir::Term given[] = {iterated};
  ir::Instruction next = call_instruction(global("operator.next"), given, range(over));
  next.never_raises = true;
  const ir::Term element = emit_result(std::move(next), body, {});
  const clang::VarDecl* variable = node.getLoopVariable();
  const source::Range where = meaning_.range(variable->getSourceRange()).value_or(range(over));
  if (const auto* pattern = llvm::dyn_cast<clang::DecompositionDecl>(variable)) {
    std::int64_t position = 0;
    for (const clang::BindingDecl* each : pattern->bindings()) {
      Type type = meaning_.type(each->getType());
      type.reference = true;
      assign(declare(*each, std::move(type)), terms().index(element, terms().integer(position++)), where,
             body);
    }
  } else {
    Type type = meaning_.type(variable->getType());
    type.reference = true;
    assign(declare(*variable, std::move(type)), element, where, body);
  }
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  statement(node.getBody(), body);
  jumps_.pop_back();
  loop.body = body.finish();
  code.add(std::move(loop));
}

/// Cases in a row, in a place to break out of; what falls through to the next is kept in a flag.
void Lowering::switch_statement(const clang::SwitchStmt& node, Code& code) {
  statement(node.getInit(), code);
  if (const clang::DeclStmt* declares = node.getConditionVariableDeclStmt()) declaration(*declares, code);
  const ir::Term value = snapshot(expression(node.getCond(), code), range(node.getCond()), code);
  // A case and what stands behind it, up to the next.
  struct Case {
    const clang::SwitchCase* label;
    std::vector<Statement> nodes;
  };
  std::vector<Case> cases;
  std::vector<Statement> row{node.getBody()};
  if (const auto* compound = llvm::dyn_cast<clang::CompoundStmt>(node.getBody()))
    row.assign(compound->body_begin(), compound->body_end());
  for (Statement each : row) {
    while (const auto* label = llvm::dyn_cast_or_null<clang::SwitchCase>(each)) {
      cases.push_back({label, {}});
      each = label->getSubStmt();
    }
    if (each != nullptr && !cases.empty()) {
      cases.back().nodes.push_back(each);
    } else if (each != nullptr) {
      statement(each, code);
    }
  }
  const auto test_of = [&](const clang::CaseStmt& label, Code& needed) {
    if (label.getRHS() != nullptr) return leaf(ir::Term::none, range(label.getLHS()));
    return leaf(compared(true, value, expression(label.getLHS(), needed)), range(label.getLHS()));
  };
  labelled({}, code, [&](Code& whole) {
    const ir::Local entered = temporary();
    let(entered, terms().boolean(false), range(node.getCond()), whole);
    for (std::size_t index = 0; index < cases.size(); ++index) {
      const Case& each = cases[index];
      Code part;
      let(entered, terms().boolean(true), range(each.label), part);
      statements(each.nodes, part);
      ir::ConditionPtr test;
      Code needed;
      if (const auto* label = llvm::dyn_cast<clang::CaseStmt>(each.label)) {
        test = test_of(*label, needed);
      } else {
        // default: none of the others; where it is last, that is known by now.
        for (std::size_t other = index + 1; other < cases.size(); ++other) {
          const auto* its = llvm::dyn_cast<clang::CaseStmt>(cases[other].label);
          if (its == nullptr) continue;
          ir::ConditionPtr next = negation(test_of(*its, needed));
          test = test == nullptr ? std::move(next)
                                 : join(ir::Condition::Kind::both, std::move(test), std::move(next));
        }
        if (test == nullptr) test = leaf(terms().boolean(true), range(each.label));
      }
      ir::ConditionPtr fallen = leaf(terms().local(entered), test->range);
      whole.add(std::move(needed));
      whole.add(ir::If{join(ir::Condition::Kind::either, std::move(fallen), std::move(test)), part.finish(),
                       nullptr});
    }
  });
}

void Lowering::try_statement(const clang::CXXTryStmt& node, Code& code) {
  ir::Try made;
  Code body;
  block(node.getTryBlock(), body);
  made.body = body.finish();
  for (unsigned index = 0; index < node.getNumHandlers(); ++index) {
    const clang::CXXCatchStmt& each = *node.getHandler(index);
    ir::Handler handler;
    Code caught;
    handler.range = meaning_.range({each.getBeginLoc(), each.getBeginLoc()}).value_or(range(&node));
    if (const auto head = meaning_.range({each.getBeginLoc(), each.getHandlerBlock()->getBeginLoc()}))
      handler.range.end = std::max(handler.range.end, head->end - 1);
    handler.exception = temporary();
    if (const clang::VarDecl* parameter = each.getExceptionDecl()) {
      Type type = meaning_.type(parameter->getType());
      const ir::Term of = meaning_.class_of(type);
      handler.types.push_back(of == ir::Term::none ? global("int") : of);
      if (!parameter->getName().empty()) {
        type.reference = true;
        assign(declare(*parameter, std::move(type)), terms().local(handler.exception), handler.range, caught);
      }
    }
    block(each.getHandlerBlock(), caught);
    handler.body = caught.finish();
    made.handlers.push_back(std::move(handler));
  }
  code.add(std::move(made));
}

void Lowering::return_statement(Statement node, Expression written, Code& code) {
  ir::Term value = ir::Term::none;
  if (written != nullptr) {
    const auto* named = llvm::dyn_cast<clang::DeclRefExpr>(stripped(written));
    Variable* variable = named != nullptr ? find_variable(named->getDecl()) : nullptr;
    if (variable != nullptr && variable->ends) {
      // The caller has it: nothing is left to end here.
      const ir::Local given = temporary();
      let(given, value_of(*variable), range(named), code);
      assign(*variable, terms().null(), range(named), code);
      value = terms().local(given);
    } else {
      value = initial_value(meaning_.type(written->getType()), written, "return", code, {});
    }
  }
  if (!return_label_.empty() && enclosing_ == nullptr) {
    code.add(ir::Break{return_label_});
    return;
  }
  code.add(ir::Return{value, range(node)});
}

}  // namespace lockwright::frontends::compiler
