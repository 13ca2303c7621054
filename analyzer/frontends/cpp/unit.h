// What all parts of the frontend share while they work on one file.
#pragma once

#include <cstdint>
#include <string>

#include "analyzer/frontends/cpp/declarations.h"
#include "analyzer/frontends/cpp/frontend.h"
#include "analyzer/frontends/cpp/syntax.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::cpp {

struct Unit {
  const Input& input;
  const Syntax& syntax;
  const Names& names;
  const Types& types;
  ir::Module& module;
  bool raises = false;    ///< somebody throws or catches, in this file or in what it includes
  bool complete = false;  ///< all files of the project that it includes are at hand
  std::uint32_t last_site = 0;
  std::uint32_t last_label = 0;

  [[nodiscard]] source::Range range(std::uint32_t begin, std::uint32_t end) const {
    return {input.file, begin, end};
  }

  /// Whether something may happen when a variable of this type goes out of scope.
  [[nodiscard]] bool ends(const Type& type, int depth = 0) const;
  /// Whether making an object of this type without arguments is a call.
  [[nodiscard]] bool is_made(const Type& type) const;
  /// The class as a term; none for numbers and what has no name.
  [[nodiscard]] ir::Term class_of(const Type& type) const;
};

/// The name that constructors have among the methods of their class.
inline constexpr std::string_view constructor_name = "(init)";
inline constexpr std::string_view destructor_name = "~";

}  // namespace lockwright::frontends::cpp
