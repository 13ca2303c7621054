// Findings in the protocol's words.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "analyzer/findings/rule_info.h"
#include "analyzer/findings/triage.h"
#include "analyzer/lsp/client.h"
#include "analyzer/lsp/json.h"
#include "analyzer/source/file_table.h"

namespace lockwright::lsp {

/// What translating takes, borrowed.
struct Translation {
  const source::FileTable& files;
  const Client& client;
  std::span<const findings::RuleInfo> rules;
  /// The URI of a file by its displayed path.
  const std::function<std::string(std::string_view)>& uri_of;
};

[[nodiscard]] Json range_in(const source::Range& range, const Translation& by);
[[nodiscard]] Json diagnostic_of(const findings::Finding& finding, const Translation& by);

/// What a hover over these findings, all at one place, shows.
[[nodiscard]] Json hover_of(std::span<const findings::Finding* const> findings, const Translation& by);

/// The address of a rule's page, the same as in SARIF reports.
[[nodiscard]] std::string page_address(std::string_view rule_name);

}  // namespace lockwright::lsp
