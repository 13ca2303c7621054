// Hashing, nearest words, order, rule metadata.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "analyzer/findings/nearest.h"
#include "analyzer/findings/order.h"
#include "analyzer/findings/rule_info.h"
#include "analyzer/findings/sha256.h"
#include "tests/unit/report/sample.h"

namespace lockwright::findings {
namespace {

TEST(Sha256, IsTheStandards) {
  // FIPS 180-4's examples, and lengths around the block's and the length field's borders.
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(64, 'a')),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("select", "selct"), 1U);
  EXPECT_EQ(edit_distance("select", "slect"), 1U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U) << "neighbours swapped";
  EXPECT_EQ(edit_distance("LW101", "lw101"), 0U) << "case does not count";
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, IsSilentWhenNothingIsNear) {
  constexpr std::array<std::string_view, 3> words = {"select", "ignore", "exclude"};
  EXPECT_EQ(nearest("ignroe", words), "ignore");
  EXPECT_EQ(nearest("selectt", words), "select");
  EXPECT_EQ(nearest("banana", words), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(RuleInfo, OwnRulesCanBeFoundAndHavePages) {
  ASSERT_EQ(suppression_rules().size(), 2U);
  const RuleInfo* const unused = find_rule(suppression_rules(), "unused-suppression");
  ASSERT_NE(unused, nullptr);
  EXPECT_EQ(unused->id, "LW001");
  EXPECT_EQ(find_rule(suppression_rules(), "LW002")->name, "malformed-suppression");
  EXPECT_EQ(find_rule(suppression_rules(), "LW003"), nullptr);
  for (const RuleInfo& rule : suppression_rules()) {
    EXPECT_TRUE(rule.page.starts_with("# " + std::string(rule.id) + " " + std::string(rule.name) + "\n"));
  }
}

Finding at(std::uint32_t file, std::uint32_t begin, std::string rule, std::string message,
           std::size_t steps = 1) {
  Finding finding;
  finding.rule = std::move(rule);
  finding.message = std::move(message);
  finding.primary = {source::FileId{file}, begin, begin + 1};
  finding.witness.resize(steps);
  return finding;
}

TEST(Order, ByFilePlaceRuleAndMessage) {
  const std::vector<Finding> sorted = {at(0, 5, "LW101", "b"), at(0, 9, "LW101", "a"), at(0, 9, "LW102", "a"),
                                       at(0, 9, "LW102", "b"), at(1, 0, "LW101", "a")};
  std::vector<Finding> findings = sorted;
  do {
    std::vector<Finding> shuffled = findings;
    sort_and_dedupe(shuffled);
    ASSERT_EQ(shuffled.size(), sorted.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      EXPECT_EQ(shuffled[i].primary, sorted[i].primary);
      EXPECT_EQ(shuffled[i].rule + shuffled[i].message, sorted[i].rule + sorted[i].message);
    }
  } while (std::ranges::next_permutation(findings, {}, [](const Finding& finding) {
             return std::tuple(finding.primary, finding.rule, finding.message);
           }).found);
}

TEST(Order, OfRepetitionsTheShortestWitnessStays) {
  for (const bool reversed : {false, true}) {
    std::vector<Finding> findings = {at(0, 5, "LW101", "m", 3), at(0, 5, "LW101", "m", 2),
                                     at(0, 5, "LW101", "m", 4)};
    if (reversed) std::ranges::reverse(findings);
    sort_and_dedupe(findings);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].witness.size(), 2U);
  }
}

TEST(Order, WhichOfTwoEqualWitnessesStaysDoesNotDependOnTheirOrder) {
  for (const bool reversed : {false, true}) {
    std::vector<Finding> findings = {at(0, 5, "LW101", "m"), at(0, 5, "LW101", "m")};
    findings[0].witness[0].text = "b";
    findings[1].witness[0].text = "a";
    if (reversed) std::ranges::reverse(findings);
    sort_and_dedupe(findings);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].witness[0].text, "a");
  }
}

}  // namespace
}  // namespace lockwright::findings
