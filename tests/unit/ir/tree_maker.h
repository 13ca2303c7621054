// Trees written short, for tests: `seq(call("a"), loop(maybe(), brk()))`.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/ir/tree.h"

namespace lockwright::ir::testing {

/// A module with one function, and the means to make its tree. Every instruction and every condition gets a
/// range of its own, in the order of their making.
class TreeMaker {
 public:
  TreeMaker();

  Module module;
  TermTable& terms() { return module.terms; }
  Function& function() { return module.functions.front(); }

  Local variable(std::string_view name);
  Term value(Local local) { return terms().local(local); }
  source::Range next_range();

  Instruction call_instruction(std::string_view callee, Local result = Local::none);
  TreePtr straight(Instruction instruction);
  TreePtr call(std::string_view callee, Local result = Local::none);
  TreePtr let(Local result, Term value);
  TreePtr seq(std::vector<TreePtr> parts);
  template <typename... Parts>
  TreePtr seq(Parts... parts) {
    std::vector<TreePtr> list;
    (list.push_back(std::move(parts)), ...);
    return seq(std::move(list));
  }

  ConditionPtr test(Term term);
  ConditionPtr maybe() { return test(Term::none); }
  ConditionPtr test_of(std::string_view name) { return test(terms().global(name)); }
  ConditionPtr join(Condition::Kind kind, ConditionPtr first, ConditionPtr second);
  ConditionPtr both(ConditionPtr a, ConditionPtr b);
  ConditionPtr either(ConditionPtr a, ConditionPtr b);
  ConditionPtr negation(ConditionPtr a);

  TreePtr branch(ConditionPtr condition, TreePtr then_part, TreePtr else_part = nullptr);
  TreePtr loop(ConditionPtr condition, TreePtr body, TreePtr else_part = nullptr);
  TreePtr any_loop(Loop loop);
  Handler handler(std::initializer_list<std::string_view> types, TreePtr body, Local exception = Local::none);
  TreePtr attempt(Try attempt);
  TreePtr with_finally(TreePtr body, TreePtr finally_part);
  TreePtr with_handler(TreePtr body, Handler handler);
  TreePtr scope(TreePtr body, std::string_view exit, bool may_swallow = false);
  TreePtr give(Term value = Term::none);
  TreePtr raise(Term value = Term::none);
  TreePtr brk(std::string_view label = {});
  TreePtr cont(std::string_view label = {});

  /// Lowers `body`, checks that the result verifies, and gives it as text without the function's heading and
  /// without source lines.
  std::string lowered(const TreePtr& body);

 private:
  template <typename Node>
  TreePtr tree(Node node) {
    return std::make_unique<Tree>(Tree{std::move(node)});
  }

  std::uint32_t next_ = 1;
};

}  // namespace lockwright::ir::testing
