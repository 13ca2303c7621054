// The structured tree that frontends emit: control flow as the languages spell it, before the CFG.
// One builder (builder.h) lowers it for all languages; frontends never build edges.
#pragma once

#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "analyzer/ir/instruction.h"

namespace lockwright::ir {

struct Tree;
using TreePtr = std::unique_ptr<Tree>;

/// A condition with short circuits. Leaf: run `before`, then test `test` for truth.
struct Condition {
  enum class Kind : std::uint8_t { leaf, both, either, negation };
  Kind kind = Kind::leaf;
  std::vector<Instruction> before = {};                   ///< leaf
  Term test = Term::none;                                 ///< leaf; none: undecidable (both ways possible)
  source::Range range = {};                               ///< the condition's text
  std::vector<std::unique_ptr<Condition>> operands = {};  ///< both, either: two; negation: one
};
using ConditionPtr = std::unique_ptr<Condition>;

/// One after the other.
struct Sequence {
  std::vector<TreePtr> parts = {};
};

/// Straight-line code.
struct Straight {
  std::vector<Instruction> instructions = {};
};

struct If {
  ConditionPtr condition = {};
  TreePtr then_part = {};
  TreePtr else_part = {};  ///< may be null
};

/// while, for (test: "is there a next element", undecidable), do-while (`test_first` false).
struct Loop {
  std::string_view label = {};  ///< for break/continue with a label; "" for none
  ConditionPtr condition = {};  ///< null: for ever
  bool test_first = true;
  TreePtr body = {};
  TreePtr step = {};       ///< runs after the body and after continue; may be null
  TreePtr else_part = {};  ///< Python: runs when the loop ends without break; may be null
};

struct Handler {
  std::vector<Term>
      types;  ///< classes caught; empty: everything (bare except, catch (…), catch in TypeScript)
  Local exception = Local::none;
  TreePtr body = {};
  source::Range range = {};  ///< the handler's head
};

/// try / except / else / finally. The finally part is copied by the builder to every way out.
struct Try {
  TreePtr body = {};
  std::vector<Handler> handlers = {};
  TreePtr else_part = {};     ///< may be null
  TreePtr finally_part = {};  ///< may be null
};

/// A scope guard: Python's with, a C++ destructor, TypeScript's using. `exit` runs on every way out of
/// `body`. On the exceptional way, when `may_swallow`, a true result of `exit` ends the exception.
/// The builder appends one argument named "exception" to `exit`: the exception in flight, or null.
struct Scope {
  TreePtr body = {};
  Instruction exit;  ///< a call
  bool may_swallow = false;
};

struct Return {
  Term value = Term::none;  ///< none: nothing
  source::Range range = {};
};

/// Raises `value` (an exception object: make of its class, or any term).
struct Raise {
  Term value = Term::none;  ///< none: again what the innermost handler around here caught
  source::Range range = {};
};

struct Break {
  std::string_view label = {};
};
struct Continue {
  std::string_view label = {};
};

struct Tree {
  std::variant<Sequence, Straight, If, Loop, Try, Scope, Return, Raise, Break, Continue> node;
};

}  // namespace lockwright::ir
