// What a function does for a lock that it holds for itself: that, and nothing else, can go.
#pragma once

#include <string_view>
#include <vector>

#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {

/// The statements that serve one lock of one function. All of them together can be left out.
struct Held {
  Node function;
  Node acquire;                 ///< the statement that takes it
  std::string_view variable;    ///< the guard, or the descriptor
  bool guard = false;           ///< the variable gives the lock up when its scope ends
  Node declared;                ///< the variable's declaration when it is not opened there; may be none
  std::vector<Node> opening;    ///< up to the acquire, and what asks whether that has failed, in order
  std::vector<Node> releasing;  ///< in order

  /// The statement goes with the lock.
  [[nodiscard]] bool serves(Node statement) const;
};

/// False: the lock's handle is used for more.
bool read_held(const Code& code, const source::Range& acquire, Held& held);

/// Removes them. False: what is left would not be a program.
bool remove_held(const Code& code, const Held& held, Edits& edits);

/// The parts of a definition.
struct Signature {
  Node declarator;         ///< name and parameters
  std::string_view name;   ///< the last part of it
  std::string type;        ///< of the result, without `static` and the like
  std::string parameters;  ///< as a call of the same parameters hands them on
};

/// False: it is a template, virtual, a constructor, or its parameters cannot be handed on.
bool read_signature(const Code& code, Node function, Signature& signature);

/// The function in which `acquire` is done is taken apart, and the call at `called` is one of the part that
/// does not lock. Nothing if it has no form that is known.
std::vector<findings::Fix> call_unlocked_variant(const Code& code, const source::Range& called,
                                                 const source::Range& acquire);

}  // namespace lockwright::fixes::cpp
