// What both readings of C and C++, by Clang and by the text alone, make of variables and of what happens when
// they go out of scope.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "analyzer/frontends/common/emitter.h"

namespace lockwright::frontends::cpp {

/// A variable, and where its value is: in a slot, or behind a place that others reach too. `Type` is what the
/// reading knows of types.
template <typename Type>
struct ScopedVariable {
  ir::Local local = ir::Local::none;
  ir::Term place = ir::Term::none;  ///< set when `local` is none
  ir::Term box = ir::Term::none;    ///< what `&x` is: the object whose "*" is the place
  Type type;
  bool ends = false;                 ///< something happens when it goes out of scope
  ir::Term at_end = ir::Term::none;  ///< a function that is called then, in place of a destructor
};

template <typename Type>
class ScopeEmitter : protected Emitter {
 protected:
  using Variable = ScopedVariable<Type>;

  using Emitter::Emitter;
  ~ScopeEmitter() = default;

  /// The end of an object: the call of its destructor.
  virtual ir::Instruction destruction(const Type& type, ir::Term value, source::Range range) = 0;

  [[nodiscard]] ir::Term value_of(const Variable& variable) const {
    return variable.local != ir::Local::none ? terms().local(variable.local) : variable.place;
  }

  void assign(const Variable& variable, ir::Term value, source::Range range, Code& code) {
    if (variable.local != ir::Local::none) {
      let(variable.local, value, range, code);
    } else {
      store(variable.place, value, range, code);
    }
  }

  /// `inside`, with the ends of the variables that were `made` before it on every way out, the last one
  /// first.
  void with_destructors(std::span<const Variable> made, Code inside, source::Range where, Code& code) {
    for (auto each = made.rbegin(); each != made.rend(); ++each) {
      ir::Scope scope;
      if (each->at_end == ir::Term::none) {
        scope.exit = destruction(each->type, value_of(*each), where);
      } else {
        scope.exit = call_instruction(each->at_end, {}, where);
        scope.exit.never_raises = true;
      }
      scope.body = inside.finish();
      inside = Code();
      inside.add(std::move(scope));
    }
    code.add(std::move(inside));
  }

  /// `body`, where an exception that would leave ends the process.
  ir::TreePtr without_raising(Code body) {
    ir::Try made;
    made.body = body.finish();
    ir::Handler handler;
    Code ends;
    call_global("std.terminate", {}, function_.name_range, ends, Target{ir::Local::none, true});
    handler.exception = temporary();
    handler.range = function_.name_range;
    handler.body = ends.finish();
    made.handlers.push_back(std::move(handler));
    return std::make_unique<ir::Tree>(ir::Tree{std::move(made)});
  }
};

}  // namespace lockwright::frontends::cpp
