// `lockwright check`: configuration, analysis, judgement, report.
#pragma once

#include <span>

#include "analyzer/cli/arguments.h"
#include "analyzer/cli/run.h"
#include "analyzer/findings/rule_info.h"
#include "analyzer/source/result.h"

namespace lockwright::cli {

/// Runs the check and writes its report; the exit code, or why the run failed. `rules` are all rules.
[[nodiscard]] source::Result<int> check(const CheckArguments& arguments, const Console& console,
                                        const Services& services, std::span<const findings::RuleInfo> rules);

/// Writes `text` to `console.out`. A reader that has gone away (| head) is no error.
[[nodiscard]] std::optional<source::Error> print(const Console& console, std::string_view text);

/// Writes "lockwright: error: ..." and a newline to `console.err`.
void complain(const Console& console, const source::Error& error);

}  // namespace lockwright::cli
