// Analyses of one tree that follow one another.
#pragma once

#include <memory>

#include "analyzer/cli/analysis.h"

namespace lockwright::cli {

/// A session that keeps texts, vocabularies, modules and summaries, and with the next analysis does anew only
/// what hangs on the texts that have changed.
[[nodiscard]] std::unique_ptr<Session> make_session();

}  // namespace lockwright::cli
