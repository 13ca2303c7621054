// Rules as text. A page is printed as the Markdown that it is: it was written to be read that way too.
#include "analyzer/cli/rule_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzer/cli/error_line.h"
#include "analyzer/findings/selection.h"

namespace lockwright::cli {
namespace {

using json = nlohmann::ordered_json;

json fields_of(const findings::RuleInfo& rule) {
  return {{"id", rule.id},
          {"name", rule.name},
          {"severity", findings::severity_word(rule.severity)},
          {"cwe", json(std::vector<int>(rule.cwe.begin(), rule.cwe.end()))},
          {"summary", rule.summary}};
}

std::string dumped(const json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

source::Result<std::string> explain_rule(std::string_view id_or_name,
                                         std::span<const findings::RuleInfo> rules, bool as_json) {
  const findings::RuleInfo* const rule = findings::find_rule(rules, id_or_name);
  if (rule == nullptr) {
    const auto best = findings::nearest_selector(id_or_name, rules);
    return error_about(fmt::format("unknown rule '{}'", id_or_name), "explain",
                       best ? fmt::format("did you mean '{}'?", *best) : "'lockwright rules' lists them");
  }
  if (as_json) {
    json fields = fields_of(*rule);
    fields["page"] = rule->page;
    return dumped(fields);
  }
  std::string text(rule->page.empty() ? rule->summary : rule->page);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string list_rules(std::span<const findings::RuleInfo> rules, bool as_json) {
  if (as_json) {
    json list = json::array();
    for (const findings::RuleInfo& rule : rules) list.push_back(fields_of(rule));
    return dumped(list);
  }
  std::size_t widest = 0;
  for (const findings::RuleInfo& rule : rules) widest = std::max(widest, rule.name.size());
  std::string text;
  for (const findings::RuleInfo& rule : rules) {
    text += fmt::format("{}  {:<7}  {:<{}}  {}\n", rule.id, findings::severity_word(rule.severity), rule.name,
                        widest, rule.summary);
  }
  return text;
}

}  // namespace lockwright::cli
