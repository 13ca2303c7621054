// What Python's literals say: the text of strings, the value of integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockwright::frontends::python {

/// What stands before the quotes: r, b, f, in any case and order.
struct StringPrefix {
  bool raw = false;
  bool bytes = false;
  bool formatted = false;  ///< f (and t) strings: doubled braces stand for one
};

/// `start` is a literal's prefix with its opening quotes.
StringPrefix string_prefix(std::string_view start);

/// Appends what `source`, a piece between a literal's quotes, stands for. Unknown escapes stand for
/// themselves, as in Python; named characters (\N{…}) stay as written.
void decode_string(std::string_view source, StringPrefix prefix, std::string& text);

/// The value of an integer literal (0x_ff, 1_000, 0o17, 0b1); nothing when it does not fit or is imaginary.
std::optional<std::int64_t> integer_value(std::string_view source);

/// The value of a float literal, if it is a whole number that fits (1.0, 1e3).
std::optional<std::int64_t> whole_float_value(std::string_view source);

}  // namespace lockwright::frontends::python
