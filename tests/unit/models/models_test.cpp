// The tables: which row is found for what, classes and their bases, what a language calls its scopes.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::ElementsAre;

using ModelsTest = ModelTest;

TEST_F(ModelsTest, LaterRowsWin) {
  load(R"({"rows": [{"callee": ["f", "g"], "returns": true}]})");
  load(R"({"rows": [{"callee": "f", "returns": false}]})");
  EXPECT_THAT(called("f"), ElementsAre("-> false"));
  EXPECT_THAT(called("g"), ElementsAre("-> true"));
}

TEST_F(ModelsTest, AnErrorAddsNothing) {
  EXPECT_FALSE(models.add(
      R"({"types": {"A": "B"}, "rows": [{"callee": "f", "returns": true}, {"callee": "g"}]})", "x.json"));
  EXPECT_EQ(models.function("f"), nullptr);
  EXPECT_FALSE(models.knows_type("A"));
}

TEST_F(ModelsTest, MethodsAreInheritedAndAliasesFollowed) {
  load(R"({"types": {"io.Base": [], "io.File": "io.Base", "io.Text": ["io.Other", "io.File"]},
           "aliases": {"old.File": "io.File", "old.open": "io.open"},
           "rows": [{"callee": "io.open", "returns": "new"}, {"method": "close", "on": "io.Base", "returns": null},
                    {"method": "close", "on": "io.File", "returns": true}, {"method": "seek", "on": "*", "returns": null}]})");
  EXPECT_THAT(sent("io.Base", "close"), ElementsAre("-> null"));
  EXPECT_THAT(sent("io.Text", "close"), ElementsAre("-> true"));
  EXPECT_THAT(sent("old.File", "close"), ElementsAre("-> true"));
  EXPECT_NE(models.function("old.open"), nullptr);
  EXPECT_EQ(models.method("io.Base", "seek"), nullptr);
  EXPECT_THAT(sent("*", "seek"), ElementsAre("-> null"));
  EXPECT_EQ(models.method_of_unknown("close"), nullptr);
  EXPECT_TRUE(models.is_subclass("io.Text", "io.Base"));
  EXPECT_TRUE(models.is_subclass("io.Text", "old.File"));
  EXPECT_FALSE(models.is_subclass("io.Base", "io.Text"));
  EXPECT_TRUE(models.knows_type("io.Base"));
  EXPECT_FALSE(models.knows_type("io.Other"));
}

TEST_F(ModelsTest, AnErrorOfAClassOfItsOwnHasItsCodeAndNoOther) {
  load(R"({"types": {"OSError": [], "Exists": "OSError", "Missing": "OSError", "Denied": "OSError"},
           "error-codes": {"EEXIST": "Exists", "ENOENT": "Missing", "EACCES": "Denied", "EPERM": "Denied"},
           "raised-by-name-only": ["Exists"], "rows": []})");
  EXPECT_EQ(models.has_code("Exists", "EEXIST"), true);
  EXPECT_EQ(models.has_code("Exists", "ENOENT"), false);
  EXPECT_EQ(models.has_code("Denied", "EPERM"), std::nullopt) << "or the other code of its class";
  EXPECT_EQ(models.has_code("OSError", "ENOENT"), std::nullopt);
  EXPECT_EQ(models.has_code("OSError", "EEXIST"), false) << "that one is raised by name only";
  EXPECT_EQ(models.has_code("Exists", "EIO"), std::nullopt) << "no class is known for it";
}

TEST_F(ModelsTest, WhatALanguageCallsThings) {
  load(
      R"({"scope-guards": "contextlib.contextmanager", "scope-enter": ["__enter__"], "scope-exit": ["__exit__"],
           "constructors": ["__init__"], "cancellation": "Cancelled", "types": {"Exit": [], "Exit2": "Exit"},
           "ends-process": ["Exit"], "raised-by-name-only": ["Exists"], "aliases": {"Old": "Exists"}})");
  EXPECT_TRUE(models.makes_scope_guard("contextlib.contextmanager"));
  EXPECT_FALSE(models.makes_scope_guard("functools.wraps"));
  EXPECT_TRUE(models.is_scope_enter("__enter__"));
  EXPECT_TRUE(models.is_scope_exit("__exit__"));
  EXPECT_FALSE(models.is_scope_exit("__enter__"));
  EXPECT_THAT(models.constructors(), ElementsAre("__init__"));
  EXPECT_EQ(models.cancellation(), "Cancelled");
  EXPECT_TRUE(models.ends_process("Exit2"));
  EXPECT_FALSE(models.ends_process("Other"));
  EXPECT_TRUE(models.is_raised_by_name_only("Old"));
  EXPECT_FALSE(models.is_raised_by_name_only("Exit"));
}

TEST_F(ModelsTest, TriggersComeFromTheFileAndItsRows) {
  load(R"({"triggers": ["LOCK_EX"], "rows": [
      {"callee": "fcntl.flock", "parameters": ["fd"], "trigger": "flock", "outcomes": [{"do": [{"op": "close", "handle": "$fd"}]}]},
      {"callee": "math.sqrt", "returns": "value"}]})");
  load(R"({"triggers": ["LOCK_EX", "O_EXCL"]})");
  EXPECT_THAT(models.lock_triggers(),
              ElementsAre(Trigger{"LOCK_EX"}, Trigger{"flock", {"flock"}}, Trigger{"O_EXCL"}));
  EXPECT_EQ(models.effect_of("flock"), Effect::changes);
  EXPECT_EQ(models.effect_of("sqrt"), Effect::none);
  EXPECT_TRUE(models.does_nothing("math.sqrt"));
  EXPECT_FALSE(models.does_nothing("fcntl.flock"));
  EXPECT_FALSE(models.does_nothing("nobody.knows")) << "it may do anything";
}

TEST_F(ModelsTest, WhatReadsChangesNothing) {
  load(R"({"rows": [
      {"callee": "io.load", "parameters": ["path"], "outcomes": [{"do": [
          {"op": "open", "file": "$path", "handle": "new"}, {"op": "read", "file": "$path"}, {"op": "close", "handle": "new"}]}]},
      {"callee": "io.save", "parameters": ["path"], "outcomes": [{"do": [{"op": "open", "file": "$path", "truncate": true}]}]},
      {"callee": "io.open", "parameters": ["path", "mode"],
       "outcomes": [{"do": [{"op": "open", "file": "$path", "truncate": {"mode": {"flag": "W"}}}]}]},
      {"callee": "io.look", "parameters": ["path"], "outcomes": [{"do": [{"op": "exists", "file": "$path"}]}]},
      {"callee": "old.look", "parameters": ["path"], "outcomes": [{"do": [{"op": "unlink", "file": "$path"}]}]},
      {"callee": "time.now", "outcomes": [{"do": [{"op": "probe", "probe": "clock", "value": "value"}]}]}]})");
  EXPECT_EQ(models.effect_of("load"), Effect::reads);
  EXPECT_EQ(models.effect_of("save"), Effect::changes);
  EXPECT_EQ(models.effect_of("open"), Effect::changes) << "in some mode it does";
  EXPECT_EQ(models.effect_of("look"), Effect::changes) << "one of that name does";
  EXPECT_EQ(models.effect_of("now"), Effect::none);
}

TEST_F(ModelsTest, ATriggerMayNeedWordsBesideIt) {
  load(
      R"({"triggers": [".release", "flock"], "beside": [{"triggers": ".release", "words": ["lock", "acquire"]}]})");
  EXPECT_THAT(models.lock_triggers(),
              ElementsAre(Trigger{.literal = ".release", .beside = {"lock", "acquire"}}, Trigger{"flock"}));
  load(R"({"triggers": ["link"], "beside": [{"triggers": "link", "words": "lock", "within": 30}]})");
  EXPECT_EQ(models.lock_triggers().back(), (Trigger{.literal = "link", .beside = {"lock"}, .within = 30}));
  EXPECT_FALSE(models.add(R"({"triggers": ["flock"], "beside": [{"triggers": ".acquire", "words": "lock"}]})",
                          "test.json"));
}

}  // namespace
}  // namespace lockwright::models
