// The rules as SARIF describes them.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "analyzer/findings/rule_info.h"

namespace lockwright::report {

/// "error", "warning" or "note": SARIF's words for severities.
[[nodiscard]] std::string_view sarif_level(findings::Severity severity);

/// The array `tool.driver.rules`, in the order of `rules`.
[[nodiscard]] nlohmann::ordered_json sarif_rules(std::span<const findings::RuleInfo> rules);

}  // namespace lockwright::report
