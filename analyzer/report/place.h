// Where a range stands, for people: path, lines, columns, text.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/source/file_table.h"
#include "analyzer/source/line_map.h"
#include "analyzer/source/range.h"

namespace lockwright::report {

/// A range with its numbers worked out. `end` is the position after the last character.
struct Place {
  std::string_view path;  ///< as displayed; borrowed from the FileTable
  source::Position begin;
  source::Position end;
};

[[nodiscard]] Place place_of(const source::Range& range, const source::FileTable& files);

/// The text at a range; "" if its file is not loaded.
[[nodiscard]] std::string_view text_of(const source::Range& range, const source::FileTable& files);

/// The name of what is called at `call`: "load_session" for `self.store.load_session(path, mode="r")`. For
/// text that does not look like a call, the beginning of that text.
[[nodiscard]] std::string callee_name(const source::Range& call, const source::FileTable& files);

/// "src/store.py:210", in the form that terminals and editors turn into a link.
[[nodiscard]] std::string line_reference(const Place& place);

/// The last part of a path.
[[nodiscard]] std::string_view file_name(std::string_view path);

}  // namespace lockwright::report
