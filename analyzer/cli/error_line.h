// The one shape in which the command line complains: what is wrong, where, and what to do about it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "analyzer/source/result.h"

namespace lockwright::cli {

/// "<what>: <where>: <what to do>"; `run` puts "lockwright: error: " before it.
[[nodiscard]] source::Error error_about(std::string_view what, std::string_view where, std::string_view todo);

/// "did you mean 'select'?" if a candidate is near `word`, or else `otherwise`.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> candidates,
                                     std::string_view otherwise);

/// "a, b, c".
[[nodiscard]] std::string listed(std::span<const std::string_view> words);

}  // namespace lockwright::cli
