// A lock file that one function removes and writes anew, as its repair in place sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {

/// What the new file is written through.
enum class Handle : std::uint8_t { descriptor, file, stream };

/// What a function does when something has failed: the statements, of which the last leaves.
struct Failing {
  std::vector<Node> statements;
  std::string last;  ///< in place of the last statement's text; "": as it is
};

/// From the removal to where the new file has all its content, by statements of one block; the removal's
/// may be a block around it.
struct Refresh {
  Node removal;                 ///< the call
  Node removing;                ///< its statement, which does nothing else
  std::string_view path;        ///< as the code names it, without `.c_str()`
  std::string_view path_type;   ///< its type, as a declaration in this file says; "": none does
  std::string_view remover;     ///< "unlink", "std::filesystem::remove"
  bool filesystem = false;      ///< std::filesystem's
  bool removal_throws = false;  ///< it throws when it fails
  bool asks_for_loss = false;   ///< the function fails when there is nothing to remove
  Node creating;                ///< the statement that makes the file anew
  Node creation;                ///< the call of open() or fopen() in it; none: a stream is made
  Span path_argument;           ///< what is opened
  Handle handle = Handle::descriptor;
  std::string_view variable;     ///< of the handle
  std::optional<Failing> check;  ///< what is done when it cannot be opened; nothing: nobody looks
  Node checking;                 ///< the statement behind the creation that asks; may be none
  std::vector<Node> writing;     ///< what comes in between
  Node closing;                  ///< has the content's end; none: a stream that ends with its block
  Node rename_before;            ///< in place of a closing statement, where that stands at a label
  /// What is done when the content is not all there, where the closing statement asks.
  std::optional<Failing> closing_failing;
  std::string closing_success;  ///< "return 0;" for `return close(fd);`, where the closing statement returns
  std::vector<Node> rest;       ///< of the block
};

/// Nothing: it has no form that is known.
std::optional<Refresh> read_refresh(const Code& code, const findings::Repair& repair);

/// The same where a helper makes the file anew: `creation` is the call of the helper, and what is said of
/// handles, checks and content is not known.
std::optional<Refresh> read_refresh_with_helper(const Code& code, const findings::Repair& repair);

/// Whether the function has a goto: in C++ it may not pass by the declaration of a variable with a
/// constructor.
bool jumps(const Code& code, Node function);

/// The repair that these edits make. Nothing if they overlap.
std::vector<findings::Fix> renaming(const Refresh& refresh, Edits& edits);

/// In C++, an expression for a name beside the path that nobody else has: a std::string.
std::string temporary_name(const Refresh& refresh);

/// In C++, the calls below `scope` that are not known to throw nothing.
std::vector<Node> calls_that_may_throw(const Code& code, Node scope);

}  // namespace lockwright::fixes::cpp
