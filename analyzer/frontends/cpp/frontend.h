// C and C++: text to IR. Knows no API.
//
// A file is read twice over: declarations_of (declarations.h) says what it declares to those that include it,
// parse() what its functions do. Nothing needs to be there but the text itself: what is not declared in the
// files at hand is called by its name as it is written.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/source/prefilter.h"

namespace lockwright::frontends::cpp {

struct Declarations;
class Bodies;

/// What others know of classes that no file here declares. Thread contract: const calls from several threads.
class KnownTypes {
 public:
  virtual ~KnownTypes() = default;
  /// Whether objects of this class do something when they are made.
  [[nodiscard]] virtual bool is_made(std::string_view type) const = 0;
  /// Whether nothing happens when objects of this class go out of scope: text, numbers, containers of such.
  [[nodiscard]] virtual bool is_value(std::string_view type) const = 0;
};

struct Input {
  source::FileId file{};
  std::string_view module_name;  ///< unique: its path with the ending, "util/env_posix.cc"
  std::string_view text;
  bool is_test = false;
  bool is_c = false;  ///< C: nothing raises, nothing happens at the end of a scope
  /// Every file in quotes that it includes, directly or not, is at hand: what is not declared is the
  /// system's.
  bool complete = false;
  const KnownTypes* known = nullptr;
  /// Lowers what it can; the rest is read from the text alone.
  Bodies* bodies = nullptr;
  /// Of the files of the tree that this one includes, directly or not.
  std::vector<const Declarations*> included = {};
};

/// What the file declares. `included` counts here as well. Never fails. Thread-safe.
std::shared_ptr<const Declarations> declare(const Input& input);

/// Whether the body of a function or of a macro has one of the words: those in declarations, conditions of
/// the preprocessor and comments do not count. Thread-safe.
[[nodiscard]] bool mentions(std::string_view text, const source::Prefilter& words);

/// Never fails: what does not parse becomes unknown instructions and a ParseHole. Thread-safe.
ir::Module parse(const Input& input);

}  // namespace lockwright::frontends::cpp
