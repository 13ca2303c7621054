// What is the same in the literals of several languages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockwright::frontends {

/// Appends a character; half of a surrogate pair becomes U+FFFD.
void append_utf8(std::uint32_t code, std::string& text);

/// Reads up to `most` digits of `base` at `at`; moves `at` behind them.
std::uint32_t read_digits(std::string_view source, std::size_t& at, std::size_t most, int base);

/// Decodes the escapes that all languages have: `source[at]` stands behind a backslash. Moves `at` behind the
/// escape; false, and nothing is done, when it is none of these. An escaped end of line stands for nothing.
bool decode_common_escape(std::string_view source, std::size_t& at, std::string& text);

/// A number literal without its underscores.
std::string without_underscores(std::string_view source);

/// The value of an integer literal (0xff, 1000, 0o17, 0b1, 017); nothing when it does not fit.
std::optional<std::int64_t> integer_value(std::string_view digits);

/// The value of a float literal, if it is a whole number that fits (1.0, 1e3).
std::optional<std::int64_t> whole_float_value(std::string_view digits);

}  // namespace lockwright::frontends
