// The source lines of a finding, with carets under what is meant.
#pragma once

#include <cstddef>
#include <string>

#include "analyzer/report/style.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/range.h"

namespace lockwright::report {

/// How a frame is drawn.
struct FrameStyle {
  const Style& style;
  Ink caret;          ///< the carets' colour
  std::size_t width;  ///< columns; longer lines are clipped around the carets
};

/// The lines that `range` covers, numbered, carets below each; of many only the first few and the last. "" if
/// the file is not loaded. Carets stand right also after tabs and under characters of two columns.
///
///        |
///     14 |     with open(path, "w") as handle:
///        |          ^^^^^^^^^^^^^^^
[[nodiscard]] std::string code_frame(const source::Range& range, const source::FileTable& files,
                                     const FrameStyle& look);

}  // namespace lockwright::report
