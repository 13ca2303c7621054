// Instructions: what happens. Frontends emit these six; none of them knows what any API means. What a call
// *means* (opens, locks, unlinks) is a model's answer, given when the call's arguments are known (models/).
#pragma once

#include <string_view>
#include <vector>

#include "analyzer/ir/term.h"
#include "analyzer/source/range.h"

namespace lockwright::ir {

enum class InstructionKind : std::uint8_t {
  let,      ///< result := value. Evaluating `value` has no effect and does not raise.
  store,    ///< place := value, where place is a field, an index or a global.
  call,     ///< result := callee(arguments). May raise, may do anything until a model or a body says what.
  await,    ///< result := what `value` settles to; others may run meanwhile; may raise, may be cancelled.
  yield,    ///< A generator hands out `value` and stops here; result := what it is resumed with; may raise.
  unknown,  ///< Source that the frontend did not understand: may do and raise anything.
};

/// One argument of a call, in source order.
struct Argument {
  Term value = Term::none;
  std::string_view name = {};  ///< keyword, "" when positional; lives in the module's TermTable
  bool spread = false;         ///< *args, **kwargs, ...rest: stands for any number of arguments
  bool mapping = false;        ///< ... each with its name: **kwargs
};

/// How far a call's effects have come when the next instruction runs.
enum class Completion : std::uint8_t {
  immediate,  ///< a plain call. Of an async function: it has been started (TypeScript) or merely made
              ///< (Python)
  awaited,    ///< `await f(x)`: it has ended; others may have run meanwhile
};

struct Instruction {
  InstructionKind kind = InstructionKind::unknown;
  source::Range range = {};    ///< the expression or statement, as the user wrote it
  Site site{};                 ///< equal in copies of one source instruction (a finally block is copied)
  Local result = Local::none;  ///< let, call, await, yield; none: the value is dropped
  Term place = Term::none;     ///< store
  Term value = Term::none;     ///< let, store, await, yield
  Term callee = Term::none;    ///< call: a global (function, class), a field (method of its base), a closure
                               ///< or any other term that holds a function value
  std::vector<Argument> arguments = {};
  Completion completion = Completion::immediate;
  /// call, unknown: whatever comes of it returns here (C; a destructor; noexcept), or ends the process.
  bool never_raises = false;
};

}  // namespace lockwright::ir
