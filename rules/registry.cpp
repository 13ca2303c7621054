// All rules. The list is made by the build from the folders beside this file; each folder's rule.cpp defines
// one Rule of the folder's name.
#include <algorithm>
#include <array>

#include "rules/rule.h"

namespace lockwright::rules {

#define LOCKWRIGHT_RULE(name) extern const Rule name;
#include "generated/rule_list.inc"
#undef LOCKWRIGHT_RULE

std::span<const Rule> all_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all{
#define LOCKWRIGHT_RULE(name) name,
#include "generated/rule_list.inc"
#undef LOCKWRIGHT_RULE
    };
    std::sort(all.begin(), all.end(), [](const Rule& left, const Rule& right) { return left.id < right.id; });
    return all;
  }();
  return rules;
}

std::vector<findings::Finding> run(const Analysis& analysis, std::span<const std::string> enabled) {
  Reporter reporter(analysis);
  for (const Rule& rule : all_rules()) {
    if (std::find(enabled.begin(), enabled.end(), rule.id) == enabled.end()) continue;
    reporter.rule_id = rule.id;
    reporter.rule_name = rule.name;
    rule.check(analysis, reporter);
  }
  return reporter.take();
}

}  // namespace lockwright::rules
