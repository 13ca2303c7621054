// Which rules run, by selectors and layers.
#include "analyzer/findings/selection.h"

#include <gtest/gtest.h>

#include "tests/unit/report/sample.h"

namespace lockwright::findings {
namespace {

using Ids = std::vector<std::string>;
using report::testing::sample_rules;

Ids enabled(const SelectionLayer& configuration, const SelectionLayer& command_line = {}) {
  return RulePolicy(sample_rules(), configuration, command_line).enabled_ids();
}

TEST(Selection, ByDefaultAllButThoseThatAreOff) {
  EXPECT_EQ(enabled({}), (Ids{"LW001", "LW002", "LW101", "LW102", "LW302"}));
  EXPECT_TRUE(RulePolicy(sample_rules(), {}, {}).complete());
}

TEST(Selection, SelectorsAreIdsNamesPrefixesAndAll) {
  EXPECT_EQ(enabled({.select = Ids{"LW101"}}), Ids{"LW101"});
  EXPECT_EQ(enabled({.select = Ids{"nested-same-file-lock"}}), Ids{"LW101"});
  EXPECT_EQ(enabled({.select = Ids{"LW1"}}), (Ids{"LW101", "LW102"}));
  EXPECT_EQ(enabled({.select = Ids{"ALL"}}), enabled({}));
  EXPECT_EQ(enabled({.select = Ids{"LW999"}}), Ids{"LW999"}) << "off by default, but named";
  EXPECT_EQ(enabled({.select = Ids{}}), Ids{});
}

TEST(Selection, TheMoreSpecificWins) {
  EXPECT_EQ(enabled({.select = Ids{"LW1"}, .ignore = {"LW102"}}), Ids{"LW101"});
  EXPECT_EQ(enabled({.select = Ids{"LW102"}, .ignore = {"LW1"}}), Ids{"LW102"});
  EXPECT_EQ(enabled({.select = Ids{"LW1"}, .ignore = {"LW1"}}), Ids{});
  EXPECT_EQ(enabled({.select = Ids{"LW3"}, .extend_select = {"LW101"}}), (Ids{"LW101", "LW302"}));
  EXPECT_EQ(enabled({.ignore = {"ALL"}}), Ids{});
}

TEST(Selection, OffIsIgnored) {
  EXPECT_EQ(enabled({.severity = {{"LW0", Severity::off}, {"LW302", Severity::off}}}),
            (Ids{"LW101", "LW102"}));
  EXPECT_EQ(enabled({.severity = {{"ALL", Severity::off}, {"LW302", Severity::info}}}), Ids{"LW302"});
}

TEST(Selection, TheCommandLineStartsOverOrTakesAway) {
  const SelectionLayer configuration{
      .select = Ids{"LW1"}, .ignore = {"LW101"}, .severity = {{"LW102", Severity::off}}};
  EXPECT_EQ(enabled(configuration), Ids{});
  EXPECT_EQ(enabled(configuration, {.select = Ids{"LW1"}}), (Ids{"LW101", "LW102"}));
  EXPECT_EQ(enabled({.select = Ids{"LW101", "LW302"}}, {.ignore = {"LW1"}}), Ids{"LW302"});
  EXPECT_EQ(enabled({.select = Ids{"LW999"}}, {.ignore = {"LW1"}}), Ids{"LW999"});
}

TEST(Selection, Severities) {
  const RulePolicy policy(sample_rules(),
                          {.severity = {{"LW1", Severity::info}, {"LW102", Severity::warning}}}, {});
  EXPECT_EQ(policy.severity("LW101", Severity::error), Severity::info);
  EXPECT_EQ(policy.severity("LW102", Severity::error), Severity::warning);
  EXPECT_EQ(policy.severity("LW302", Severity::error), Severity::error) << "as the rule said";
}

TEST(Selection, CompleteMeansThatNothingIsLeftOut) {
  EXPECT_FALSE(RulePolicy(sample_rules(), {.ignore = {"LW302"}}, {}).complete());
  EXPECT_TRUE(RulePolicy(sample_rules(), {.extend_select = {"LW999"}}, {}).complete());
}

TEST(Selection, WrongSelectorsAreKnownForWhatTheyAre) {
  EXPECT_TRUE(selects_any("LW3", sample_rules()));
  EXPECT_FALSE(selects_any("LW4", sample_rules()));
  EXPECT_FALSE(selects_any("", sample_rules()));
  EXPECT_FALSE(selects_any("L", sample_rules()));
  EXPECT_EQ(nearest_selector("LW1O2", sample_rules()), "LW102");
  EXPECT_EQ(nearest_selector("nested-same-lock", sample_rules()), "nested-same-file-lock");
  EXPECT_EQ(nearest_selector("zzzzzzzzzz", sample_rules()), std::nullopt);
}

}  // namespace
}  // namespace lockwright::findings
