// Parsing text with errors so that an error costs little.
#pragma once

#include <string_view>

#include "analyzer/frontends/python/syntax.h"

namespace lockwright::frontends::python {

/// The syntax of `text`. Where an error swallows statements that follow it, the text of the broken one is
/// left out (its node is an error), if that loses less. `text` must outlive the result.
/// `kept`: see Input.
Syntax parse_with_recovery(std::string_view text, KeptTree* kept = nullptr);

}  // namespace lockwright::frontends::python
