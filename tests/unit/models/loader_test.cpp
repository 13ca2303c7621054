// Every way to get a model file wrong has an error that says where and what.
#include "analyzer/models/loader.h"

#include <gtest/gtest.h>

#include <string>

namespace lockwright::models {
namespace {

std::string error_of(std::string_view json) {
  const auto loaded = load(json, "mine.json");
  return loaded ? "" : loaded.error().message;
}

std::string error_of_row(const std::string& row) {
  return error_of(R"({"rows": [)" + row + "]}");
}

/// A row for `f(path)` with this outcome.
std::string error_of_outcome(const std::string& outcome) {
  return error_of_row(R"({"callee": "f", "parameters": ["path"], "outcomes": [)" + outcome + "]}");
}

TEST(LoaderTest, AcceptsWhatTheFormatHas) {
  EXPECT_EQ(error_of("{}"), "");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "returns": null})"), "");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "unlink", "file": "$path"}], "returns": null})"), "");
}

TEST(LoaderTest, TextThatIsNoJson) {
  EXPECT_TRUE(error_of("{").starts_with("mine.json: not a valid model file: "));
}

TEST(LoaderTest, NoObject) {
  EXPECT_EQ(error_of("[]"), "mine.json: expected an object");
}

TEST(LoaderTest, UnknownMembersAreErrorsAtEveryLevel) {
  EXPECT_EQ(error_of(R"({"row": []})"), R"(mine.json: unknown member "row")");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "returns": null, "raise": "E"})"),
            R"(mine.json: f: unknown member "raise")");
  EXPECT_EQ(error_of_outcome(R"({"dos": []})"), R"(mine.json: f: outcomes: unknown member "dos")");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "close", "fil": "$path"}]})"),
            R"(mine.json: f: outcomes: do: unknown member "fil")");
  EXPECT_EQ(error_of_outcome(R"({"returns": {"text": "a", "name": "b"}})"),
            R"(mine.json: f: outcomes: returns: unknown member "name")");
}

TEST(LoaderTest, MembersOfTheWrongKind) {
  EXPECT_EQ(error_of(R"({"rows": {}})"), "mine.json: rows: must be a list");
  EXPECT_EQ(error_of(R"({"types": []})"), "mine.json: types: expected an object");
  EXPECT_EQ(error_of(R"({"types": {"A": 1}})"),
            R"(mine.json: types: "A" must be a string or a list of strings)");
  EXPECT_EQ(error_of(R"({"types": {"A": [1]}})"), R"(mine.json: types: "A" must hold strings)");
  EXPECT_EQ(error_of(R"({"aliases": {"a": []}})"), R"(mine.json: aliases: "a" must be a string)");
  EXPECT_EQ(error_of(R"({"triggers": 1})"), R"(mine.json: "triggers" must be a string or a list of strings)");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "outcomes": {}})"), R"(mine.json: f: "outcomes" must be a list)");
  EXPECT_EQ(error_of_outcome(R"({"raises": 1})"), R"(mine.json: f: outcomes: "raises" must be a string)");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "close", "refused": 1}]})"),
            R"(mine.json: f: outcomes: do: "refused" must be true or false)");
}

TEST(LoaderTest, ARowIsForFunctionsOrForMethods) {
  EXPECT_EQ(error_of_row("{}"), R"(mine.json: rows[0]: needs either "callee" or "method")");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "method": "m", "on": "*"})"),
            R"(mine.json: rows[0]: needs either "callee" or "method")");
  EXPECT_EQ(error_of_row(R"({"method": "m"})"),
            R"(mine.json: rows[0]: a "method" needs "on": the receiver's type, or "*")");
}

TEST(LoaderTest, ARowMustSaySomething) {
  EXPECT_EQ(error_of_row(R"({"callee": "f"})"),
            R"(mine.json: f: says nothing: needs "cases", "outcomes" or "returns")");
}

TEST(LoaderTest, TheLastCaseMustAlwaysApply) {
  EXPECT_EQ(
      error_of_row(
          R"({"callee": "f", "parameters": ["a"], "cases": [{"when": {"a": {"is": 1}}, "outcomes": []}]})"),
      R"(mine.json: f: the last case must have no "when": it is what the call means when nothing is known)");
}

TEST(LoaderTest, ACaseWithoutOutcomesIsAnOversight) {
  EXPECT_EQ(error_of_row(R"({"callee": "f", "cases": [{}]})"),
            R"(mine.json: f: cases: a case needs "outcomes" ([]: it never comes back))");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "cases": [{"outcomes": []}]})"), "");
}

TEST(LoaderTest, AnOutcomeReturnsOrRaises) {
  EXPECT_EQ(error_of_outcome(R"({"returns": null, "raises": "E"})"),
            R"(mine.json: f: outcomes: an outcome either "returns" or "raises")");
}

TEST(LoaderTest, NamesMustBeThoseOfParameters) {
  EXPECT_EQ(error_of_outcome(R"({"returns": "$pth"})"), R"(mine.json: f: "pth" is none of its parameters)");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "close", "handle": {"field": "$x", "name": "fd"}}]})"),
            R"(mine.json: f: "x" is none of its parameters)");
  EXPECT_EQ(
      error_of_outcome(R"({"do": [{"op": "open", "file": "$path", "create": {"flags": {"flag": "C"}}}]})"),
      R"(mine.json: f: "flags" is none of its parameters)");
  EXPECT_EQ(
      error_of_row(
          R"({"callee": "f", "cases": [{"when": {"a": {"is": 1}}, "outcomes": []}, {"outcomes": []}]})"),
      R"(mine.json: f: "a" is none of its parameters)");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "returns": "$self"})"),
            R"(mine.json: f: "self" is none of its parameters)");
  EXPECT_EQ(error_of_row(R"({"method": "m", "on": "T", "returns": "$self"})"), "");
}

TEST(LoaderTest, Values) {
  EXPECT_EQ(
      error_of_outcome(R"({"returns": "old"})"),
      R"(mine.json: f: outcomes: returns: "old" is no value: expected $parameter, "new", "value", "unknown" or an object)");
  EXPECT_EQ(error_of_outcome(R"({"returns": 1.5})"), "mine.json: f: outcomes: returns: expected an object");
  EXPECT_EQ(error_of_outcome(R"({"returns": {}})"),
            "mine.json: f: outcomes: returns: expected one of text, global, concat, join, field, attribute, "
            "module, index, make");
  EXPECT_EQ(error_of_outcome(R"({"returns": {"global": 1}})"),
            R"(mine.json: f: outcomes: returns: "global" must be a string)");
  EXPECT_EQ(error_of_outcome(R"({"returns": {"concat": "$path"}})"),
            "mine.json: f: outcomes: returns: expected a list of values");
  EXPECT_EQ(error_of_outcome(R"({"returns": {"field": "$path"}})"),
            R"(mine.json: f: outcomes: returns: a "field" needs a "name")");
  EXPECT_EQ(error_of_outcome(R"({"returns": {"index": ["$path"]}})"),
            R"(mine.json: f: outcomes: returns: "index" must be a list of two: container, key)");
  EXPECT_EQ(error_of_outcome(R"({"returns": {"attribute": ["$path"]}})"),
            R"(mine.json: f: outcomes: returns: "attribute" must be a list of two: object, name)");
}

TEST(LoaderTest, Tests) {
  const auto error_of_test = [](const std::string& test) {
    return error_of_row(R"({"callee": "f", "parameters": ["a"], "cases": [{"when": )" + test +
                        R"(, "outcomes": []}, {"outcomes": []}]})");
  };
  EXPECT_EQ(error_of_test(R"({"a": {"is": 1}})"), "");
  EXPECT_EQ(error_of_test(R"([])"), "mine.json: f: cases: when: expected an object of parameter: test");
  EXPECT_EQ(error_of_test(R"({"a": {"was": 1}})"),
            "mine.json: f: cases: when: expected one of flag, has, is, mentions, type, given, not");
  EXPECT_EQ(error_of_test(R"({"a": {"is": 1, "has": "x"}})"),
            R"(mine.json: f: cases: when: unknown member "is")");
  EXPECT_EQ(error_of_test(R"({"a": {"given": 1}})"),
            R"(mine.json: f: cases: when: "given" must be true or false)");
}

TEST(LoaderTest, Operations) {
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "delete"}]})"),
            R"(mine.json: f: outcomes: do: unknown operation "delete")");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "acquire", "mechanism": "spin"}]})"),
            R"(mine.json: f: outcomes: do: unknown mechanism "spin")");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "acquire", "wait": "never"}]})"),
            R"(mine.json: f: outcomes: do: unknown wait "never")");
  EXPECT_EQ(error_of_outcome(R"({"do": [{"op": "probe", "probe": "moon"}]})"),
            R"(mine.json: f: outcomes: do: unknown probe "moon")");
}

TEST(LoaderTest, Calls) {
  EXPECT_EQ(error_of_outcome(R"({"call": [{"when": "now"}]})"),
            R"(mine.json: f: outcomes: call: a call needs a "function")");
  EXPECT_EQ(error_of_outcome(R"({"call": [{"when": "soon", "function": "$path"}]})"),
            R"(mine.json: f: outcomes: call: unknown time of a call "soon")");
}

TEST(LoaderTest, Parameters) {
  EXPECT_EQ(error_of_row(R"({"callee": "f", "parameters": [{"default": 1}], "returns": null})"),
            R"(mine.json: f: parameters: a parameter needs a "name")");
  EXPECT_EQ(error_of_row(R"({"callee": "f", "parameters": [1], "returns": null})"),
            "mine.json: f: parameters: expected an object");
}

TEST(LoaderTest, TheNumberOfARowWithoutANameIsItsPlace) {
  EXPECT_EQ(error_of(R"({"rows": [{"callee": "f", "returns": null}, {}]})"),
            R"(mine.json: rows[1]: needs either "callee" or "method")");
}

}  // namespace
}  // namespace lockwright::models
