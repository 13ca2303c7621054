// Rule metadata: look-ups, and the two rules that speak of suppression comments.
//
// Suppressions are matched against findings after every other rule has run, so what is wrong with them cannot
// be a rule over paths. It is reported all the same as if it were one: LW001 and LW002 can be selected,
// explained and given a severity like any other.
#include "analyzer/findings/rule_info.h"

#include <algorithm>
#include <array>

namespace lockwright::findings {
namespace {

constexpr std::string_view unused_page = R"(# LW001 unused-suppression

A suppression comment names a rule that reports nothing on the lines it covers. The code was repaired, or moved
away from its comment; left standing, the comment would hide the next real finding on that line.

```python
def size(path):
    return path.stat().st_size  # lockwright: ignore[LW101] the watchdog never nests
```

## Repair

Remove the comment, or the rule from its list.

## When it is not reported

For rules that this run did not select: `lockwright check --select LW301` says nothing of comments about LW101.
)";

constexpr std::string_view malformed_page = R"(# LW002 malformed-suppression

A comment begins like a suppression and is none, so it silences nothing: the bracket is missing or empty, or the
name in it is no rule.

```python
handle = open(path, "w")  # lockwright: ignore[LW1O2] a private file
```

## Repair

Write `# lockwright: ignore[LW102] reason` (`//` in C++ and TypeScript). Ids and names both work, several are
separated by commas, and the reason is for the next reader.
)";

}  // namespace

std::span<const RuleInfo> suppression_rules() {
  static const std::array<RuleInfo, 2> rules{{
      {"LW001",
       "unused-suppression",
       "A suppression comment names a rule that reports nothing there.",
       Severity::warning,
       {},
       unused_page},
      {"LW002",
       "malformed-suppression",
       "A comment begins like a suppression and silences nothing, because it cannot be read.",
       Severity::warning,
       {},
       malformed_page},
  }};
  return rules;
}

const RuleInfo* find_rule(std::span<const RuleInfo> rules, std::string_view id_or_name) {
  const auto found = std::ranges::find_if(
      rules, [&](const RuleInfo& rule) { return rule.id == id_or_name || rule.name == id_or_name; });
  return found == rules.end() ? nullptr : &*found;
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::off: return "off";
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "off";
}

}  // namespace lockwright::findings
