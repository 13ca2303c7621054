// A witness, drawn as a timeline.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "analyzer/findings/finding.h"
#include "analyzer/report/style.h"
#include "analyzer/source/file_table.h"

namespace lockwright::report {

/// The steps in the order in which they happen, numbered, each with the line that performs it and, below, the
/// calls through which that line is reached. One actor:
///
///       1. cli.py:12    opens session.json
///       2. store.py:40  acquires flock on session.json
///            via load_session (cli.py:14)
///
/// Two actors have a column each, so that the interleaving is read from top to bottom:
///
///                       A                            B
///       1. pool.py:41   erases the registry entry
///       2. pool.py:12                                finds no entry and creates the lock
[[nodiscard]] std::string timeline(std::span<const findings::Step> steps, const source::FileTable& files,
                                   const Style& style, std::size_t width);

}  // namespace lockwright::report
