// What stands where in a file's text, seen without parsing it: so much that most need not be parsed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace lockwright::source {

/// Whether the string between `begin` and `end`, quotes included, is the key of an entry or of a subscript:
/// `{"wx": 1}`, `sizes["wx"]`.
[[nodiscard]] bool is_key(std::string_view text, std::size_t begin, std::size_t end);

/// Whether `value`, a text with its quotes ("\"x\""), may be what a call of one of `callees` is given: it
/// stands among the arguments of a function whose name has one of them in it ("open": `fs.openSync(path,
/// "x")`), or is put by for later (assigned, returned, a member without quotes around its name, an argument
/// by a name of modes or flags). Where the text does not tell, yes.
[[nodiscard]] bool may_be_passed(std::string_view text, std::string_view value,
                                 std::span<const std::string> callees);

/// Whether the text has one of `words` in it, in whatever case.
[[nodiscard]] bool mentions_one(std::string_view text, std::span<const std::string> words);

/// Whether a word in the text begins with one of `words`, in whatever case: "lock" in "file_lock", "fileLock"
/// and "LOCKED", not in "block".
[[nodiscard]] bool has_word(std::string_view text, std::span<const std::string> words);

/// The same within so many lines before a place where `literal` stands, or after it.
[[nodiscard]] bool has_word_near(std::string_view text, std::string_view literal, std::size_t lines,
                                 std::span<const std::string> words);

/// Whether `name`, an identifier, stands in the text as one: not only in sentences, after an article or the
/// like ("the lockfile is broken").
[[nodiscard]] bool stands_as_name(std::string_view text, std::string_view name);

/// Whether a string that ends in `end` and the quote names a file that counts: `counts` is asked for the last
/// part of its path ("poetry.lock" of "{root}/poetry.lock").
[[nodiscard]] bool ends_name(std::string_view text, std::string_view end, char quote,
                             bool (*counts)(std::string_view name));

/// Whether a line of `text` has both `one` and `other`: an import and what it imports.
[[nodiscard]] bool on_one_line(std::string_view text, std::string_view one, std::string_view other);

}  // namespace lockwright::source
