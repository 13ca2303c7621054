// `lockwright explain` and `lockwright rules`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "analyzer/findings/rule_info.h"
#include "analyzer/source/result.h"

namespace lockwright::cli {

/// The page of the rule with that id or name; as JSON: {id, name, severity, cwe, summary, page}.
[[nodiscard]] source::Result<std::string> explain_rule(std::string_view id_or_name,
                                                       std::span<const findings::RuleInfo> rules, bool json);

/// All rules: a table, or as JSON an array of what `explain_rule` gives, without the pages.
[[nodiscard]] std::string list_rules(std::span<const findings::RuleInfo> rules, bool json);

}  // namespace lockwright::cli
