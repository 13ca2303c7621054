// SARIF's reportingDescriptors. The names are in Pascal case, as SARIF wants them; GitHub shows the markdown
// help beside an alert, files it by the tags `external/cwe/…`, and sorts it by `precision` and
// `problem.severity`.
#include "analyzer/report/sarif_rules.h"

#include <fmt/format.h>

#include "analyzer/report/rule_page.h"

namespace lockwright::report {
namespace {

using json = nlohmann::ordered_json;

/// "nested-same-file-lock" as "NestedSameFileLock".
std::string pascal_case(std::string_view name) {
  std::string result;
  bool start = true;
  for (const char letter : name) {
    if (letter == '-') {
      start = true;
    } else {
      result += start && letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
      start = false;
    }
  }
  return result;
}

/// GitHub's `problem.severity` and `precision`.
std::string_view problem_severity(findings::Severity severity) {
  switch (severity) {
    case findings::Severity::error: return "error";
    case findings::Severity::warning: return "warning";
    default: return "recommendation";
  }
}

std::string_view precision(findings::Severity severity) {
  return severity == findings::Severity::error ? "high" : "medium";
}

json tags_of(const findings::RuleInfo& rule) {
  json tags = json::array({"concurrency", "file-locks"});
  for (const int number : rule.cwe) tags.push_back(fmt::format("external/cwe/cwe-{:03}", number));
  return tags;
}

json descriptor_of(const findings::RuleInfo& rule) {
  const std::string_view page = rule.page.empty() ? rule.summary : rule.page;
  return {{"id", rule.id},
          {"name", pascal_case(rule.name)},
          {"shortDescription", {{"text", rule.summary}}},
          {"fullDescription", {{"text", rule.summary}}},
          {"help", {{"text", page}, {"markdown", page}}},
          {"helpUri", rule_page_address(rule.name)},
          {"defaultConfiguration",
           {{"enabled", rule.severity != findings::Severity::off}, {"level", sarif_level(rule.severity)}}},
          {"properties",
           {{"tags", tags_of(rule)},
            {"precision", precision(rule.severity)},
            {"problem.severity", problem_severity(rule.severity)}}}};
}

}  // namespace

std::string_view sarif_level(findings::Severity severity) {
  switch (severity) {
    case findings::Severity::error: return "error";
    case findings::Severity::warning: return "warning";
    default: return "note";
  }
}

json sarif_rules(std::span<const findings::RuleInfo> rules) {
  json list = json::array();
  for (const findings::RuleInfo& rule : rules) list.push_back(descriptor_of(rule));
  return list;
}

}  // namespace lockwright::report
