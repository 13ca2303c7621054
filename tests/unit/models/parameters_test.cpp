// Parameters that are passed in other ways than one after the other: members of an options object, callbacks.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::ElementsAre;

class OptionsTest : public ModelTest {
 protected:
  void SetUp() override {
    load(R"({"constants": {"E": {"code": "EX"}}, "rows": [{"callee": "f", "parameters": ["path",
             {"name": "options", "default": null}, {"name": "flag", "of": "options", "default": "w"}],
             "returns": {"make": "T", "arguments": ["$flag"]}}]})");
  }
  ir::Term object(std::initializer_list<ir::Term> members) {
    return terms.make(terms.global("Object"), {members.begin(), members.size()});
  }
  std::string flag_of(ir::Term options) {
    return called("f", {{.value = parameter(0)}, {.value = options}})[0];
  }
};

TEST_F(OptionsTest, AMemberOfALiteral) {
  EXPECT_EQ(flag_of(object({terms.keyword("mode", number(1)), terms.keyword("flag", text("wx"))})),
            "-> T(\"wx\")");
}

TEST_F(OptionsTest, WithoutTheMemberItIsTheDefault) {
  EXPECT_THAT(called("f", {{.value = parameter(0)}}), ElementsAre("-> T(\"w\")"));
  EXPECT_EQ(flag_of(object({terms.keyword("mode", number(1))})), "-> T(\"w\")");
  EXPECT_EQ(flag_of(text("utf8")), "-> T(\"w\")");
  EXPECT_EQ(flag_of(terms.null()), "-> T(\"w\")");
}

TEST_F(OptionsTest, AnObjectSpreadIntoTheLiteralMayHaveIt) {
  EXPECT_EQ(flag_of(object({parameter(3)})), "-> T(?)");
  EXPECT_EQ(flag_of(object({parameter(3), terms.keyword("flag", text("r"))})), "-> T(\"r\")");
}

TEST_F(OptionsTest, OfAnObjectThatIsNotSeenItIsTheField) {
  EXPECT_EQ(flag_of(parameter(3)), "-> T($3.flag)");
  fields[terms.field(parameter(3), "flag")] = text("a");
  EXPECT_EQ(flag_of(parameter(3)), "-> T(\"a\")");
  EXPECT_EQ(flag_of(terms.unknown()), "-> T(?)");
}

TEST_F(OptionsTest, TestsAskForMembers) {
  load(R"({"rows": [{"callee": "f", "parameters": ["options", {"name": "flag", "of": "options"}],
           "cases": [{"when": {"flag": {"given": true}}, "outcomes": [{"returns": true}]},
                     {"when": {"flag": {"given": false}}, "outcomes": [{"returns": false}]},
                     {"outcomes": [{"returns": null}]}]}]})");
  EXPECT_THAT(called("f", {{.value = object({terms.keyword("flag", text("x"))})}}), ElementsAre("-> true"));
  EXPECT_THAT(called("f", {{.value = object({})}}), ElementsAre("-> false"));
  EXPECT_THAT(called("f", {{.value = parameter(0)}}), ElementsAre("-> null"));
}

TEST_F(OptionsTest, AnUnknownObjectIsAnError) {
  const auto added = models.add(
      R"({"rows": [{"callee": "f", "parameters": [{"name": "a", "of": "b"}], "returns": null}]})", "t");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "t: f: \"b\" is none of its parameters");
}

class CallbackTest : public ModelTest {
 protected:
  void SetUp() override {
    load(R"({"rows": [{"callee": "f", "parameters": ["path", {"name": "flags", "default": "r"},
             {"name": "mode", "default": 0}, {"name": "done", "last": true}],
             "returns": {"make": "T", "arguments": ["$path", "$flags", "$mode", "$done"]}}]})");
  }
  ir::Argument function() { return {.value = terms.closure("m.g", ir::Term::none)}; }
  ir::Argument argument(std::uint32_t position) { return {.value = parameter(position)}; }
};

TEST_F(CallbackTest, TheLastArgumentWhateverStandsBefore) {
  EXPECT_THAT(called("f", {argument(0), function()}), ElementsAre("-> T($0, \"r\", 0, m.g)"));
  EXPECT_THAT(called("f", {argument(0), argument(1), function()}), ElementsAre("-> T($0, $1, 0, m.g)"));
  EXPECT_THAT(called("f", {argument(0), argument(1), argument(2), argument(3)}),
              ElementsAre("-> T($0, $1, $2, $3)"));
}

TEST_F(CallbackTest, ConstantsAndWhatIsNeededElsewhereAreNone) {
  EXPECT_THAT(called("f", {argument(0)}), ElementsAre("-> T($0, \"r\", 0, null)"));
  EXPECT_THAT(called("f", {argument(0), {.value = text("wx")}}), ElementsAre("-> T($0, \"wx\", 0, null)"));
}

TEST_F(ModelTest, APromiseIsSaidOfARowOrOfACase) {
  load(R"({"rows": [{"callee": "f", "promise": true, "returns": null},
          {"callee": "g", "parameters": ["a"], "cases": [
            {"when": {"a": {"given": true}}, "outcomes": [{"returns": null}]},
            {"promise": true, "outcomes": [{"returns": null}]}]}]})");
  called("f");
  EXPECT_TRUE(last.promise);
  called("g");
  EXPECT_TRUE(last.promise);
  called("g", {{.value = number(1)}});
  EXPECT_FALSE(last.promise);
}

TEST_F(ModelTest, WhatIsRaisedHasItsClassesFields) {
  load(R"({"constants": {"E": {"code": "EX"}}, "rows": [{"callee": "f", "outcomes": [{"raises": "E"}]},
          {"callee": "g", "returns": {"make": "E"}}]})");
  called("f");
  ASSERT_EQ(last.outcomes.size(), 1U);
  EXPECT_EQ(to_string(terms, last.outcomes[0].raised), "E(code=\"EX\")");
  EXPECT_THAT(called("g"), ElementsAre("-> E(code=\"EX\")"));
}

TEST_F(ModelTest, AnElementIsSetByItsKey) {
  load(R"({"rows": [{"method": "set", "on": "*", "parameters": ["key", "value"],
           "outcomes": [{"set": [{"of": "$self", "key": "$key", "value": "$value"}], "returns": "$self"}]}]})");
  sent("*", "set", {{.value = text("k")}, {.value = number(1)}});
  EXPECT_THAT(fields_of(0), ElementsAre("$0[\"k\"]=1"));
}

TEST_F(ModelTest, FilesOfAnotherLanguageDoNotCount) {
  models = Models("python");
  EXPECT_FALSE(*models.add(R"({"language": "typescript", "rows": [{"callee": "f", "returns": 1}]})", "t"));
  EXPECT_EQ(models.function("f"), nullptr);
  EXPECT_TRUE(*models.add(R"({"language": "python", "rows": [{"callee": "f", "returns": 1}]})", "t"));
  EXPECT_TRUE(*models.add(R"({"rows": [{"callee": "g", "returns": 1}]})", "t"));
  EXPECT_NE(models.function("f"), nullptr);
  EXPECT_NE(models.function("g"), nullptr);
}

}  // namespace
}  // namespace lockwright::models
