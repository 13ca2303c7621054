// A suppression comment, as the editor inserts it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "analyzer/source/file.h"

namespace lockwright::lsp {

/// What to insert where. One place only.
struct Insertion {
  std::size_t offset = 0;
  std::string text;
};

/// The comment that silences a rule for what starts at `offset`: on a line of its own above, or, where that
/// would not be a comment or not be about this, at the end of the line. Nothing if neither works.
[[nodiscard]] std::optional<Insertion> suppression_at(const source::SourceFile& file, std::size_t offset,
                                                      std::string_view rule_id);

}  // namespace lockwright::lsp
