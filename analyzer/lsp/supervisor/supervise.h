// `lockwright server`, with the analysis in a process of its own.
#pragma once

#include <string_view>

#include "analyzer/lsp/checker.h"

namespace lockwright::lsp {

/// Serves a client on these file descriptors as serve() does, and goes on if that crashes. The process's exit
/// code. REQUIRES: there are no other threads, and SIGPIPE is ignored.
[[nodiscard]] int supervise(const Analyzer& analyzer, std::string_view version, int input, int output);

}  // namespace lockwright::lsp
