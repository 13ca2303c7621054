// How a row becomes the meaning of one call: arguments bound, a case chosen, templates filled.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InterpretTest : public ModelTest {
 protected:
  /// A row for f(a, b = "d", *, c) that answers with what `returns` says.
  void returning(const std::string& returns) {
    load(R"({"rows": [{"callee": "f", "parameters": ["a", {"name": "b", "default": "d"},
             {"name": "c", "keyword": true}], "returns": )" +
         returns + "}]}");
  }
  /// A row for f(a) that answers true when `test` is known to hold of a, and otherwise null.
  std::string tested(const std::string& test, ir::Term argument) {
    load(R"({"rows": [{"callee": "f", "parameters": ["a"], "cases": [{"when": {"a": )" + test +
         R"(}, "outcomes": [{"returns": true}]}, {"outcomes": [{"returns": null}]}]}]})");
    return called("f", {{.value = argument}})[0];
  }
};

TEST_F(InterpretTest, PositionalAndKeywordArguments) {
  returning(R"({"make": "T", "arguments": ["$a", "$b", "$c"]})");
  EXPECT_THAT(called("f", {{.value = number(1)}, {.value = number(2)}}), ElementsAre("-> T(1, 2, null)"));
  EXPECT_THAT(called("f", {named("b", number(2)), named("a", number(1)), named("c", number(3))}),
              ElementsAre("-> T(1, 2, 3)"));
}

TEST_F(InterpretTest, AMissingArgumentIsItsDefaultOrNull) {
  returning(R"({"make": "T", "arguments": ["$a", "$b", "$c"]})");
  EXPECT_THAT(called("f"), ElementsAre("-> T(null, \"d\", null)"));
}

TEST_F(InterpretTest, SpreadArgumentsMayBeAnything) {
  returning(R"({"make": "T", "arguments": ["$a", "$b", "$c"]})");
  EXPECT_THAT(called("f", {{.value = number(1)}, spread(parameter(0))}), ElementsAre("-> T(1, ?, ?)"));
  EXPECT_THAT(called("f", {spread(parameter(0)), {.value = number(1)}}), ElementsAre("-> T(?, ?, ?)"));
  EXPECT_THAT(called("f", {spread(parameter(0)), named("b", number(2))}), ElementsAre("-> T(?, 2, ?)"));
}

TEST_F(InterpretTest, WhatIsBeyondTheParametersIsTheRest) {
  returning(R"({"make": "T", "arguments": ["$rest"]})");
  EXPECT_THAT(
      called("f", {{.value = number(1)}, {.value = number(2)}, {.value = number(3)}, named("z", number(4))}),
      ElementsAre("-> T(3, z=4)"));
}

TEST_F(InterpretTest, Values) {
  const ir::Argument argument{.value = parameter(0)};
  const auto value = [&](const std::string& expression) {
    returning(expression);
    return called("f", {argument})[0];
  };
  EXPECT_EQ(value("\"$a\""), "-> $0");
  EXPECT_EQ(value("\"new\""), "-> #7");
  EXPECT_EQ(value("\"unknown\""), "-> ?");
  EXPECT_EQ(value("\"round\""), "-> 2");
  EXPECT_EQ(value("null"), "-> null");
  EXPECT_EQ(value("true"), "-> true");
  EXPECT_EQ(value("-1"), "-> -1");
  EXPECT_EQ(value(R"({"text": "t"})"), "-> \"t\"");
  EXPECT_EQ(value(R"({"global": "os.O_RDWR"})"), "-> os.O_RDWR");
  EXPECT_EQ(value(R"({"field": "$a", "name": "<file>"})"), "-> $0.<file>");
  EXPECT_EQ(value(R"({"index": ["$a", "$b"]})"), "-> $0[\"d\"]");
  EXPECT_EQ(value(R"({"concat": ["$a", {"text": ".lock"}]})"), "-> f\"{$0}.lock\"");
  EXPECT_EQ(value(R"({"make": "T", "arguments": ["$b"]})"), "-> T(\"d\")");
}

TEST_F(InterpretTest, APureValueIsEqualWhenTheCallsAre) {
  returning("\"value\"");
  EXPECT_THAT(called("f", {{.value = number(1)}, named("c", number(3))}), ElementsAre("-> f(1, c=3)"));
  EXPECT_THAT(called("f", {spread(parameter(0))}), ElementsAre("-> ?"));
  load(R"({"rows": [{"method": "with_suffix", "on": ["pathlib.Path", "*"], "returns": "value"}]})");
  const std::vector<std::string> expected{"-> $0.with_suffix(\".lock\")"};
  EXPECT_EQ(sent("pathlib.Path", "with_suffix", {{.value = text(".lock")}}), expected);
  EXPECT_EQ(sent("*", "with_suffix", {{.value = text(".lock")}}), expected);
}

TEST_F(InterpretTest, PathsAreJoined) {
  load(
      R"({"rows": [{"callee": "join", "parameters": ["first"], "returns": {"join": ["$first", "$rest"]}}]})");
  const auto joined = [&](std::initializer_list<ir::Term> parts) {
    Arguments arguments;
    for (const ir::Term part : parts) arguments.push_back({.value = part});
    return called("join", arguments)[0];
  };
  EXPECT_EQ(joined({parameter(0)}), "-> $0");
  EXPECT_EQ(joined({parameter(0), text("a"), parameter(1)}), "-> f\"{$0}/a/{$1}\"");
  EXPECT_EQ(joined({text("/tmp/"), text("a")}), "-> \"/tmp/a\"");
  EXPECT_EQ(joined({text(""), text("a")}), "-> \"a\"");
  EXPECT_EQ(joined({parameter(0), text("/a"), parameter(1)}), "-> f\"/a/{$1}\"");
}

TEST_F(InterpretTest, AnAttributeByName) {
  returning(R"({"attribute": ["$a", "$b"]})");
  EXPECT_THAT(called("f", {{.value = terms.global("os")}, {.value = text("O_CLOEXEC")}}),
              ElementsAre("-> os.O_CLOEXEC"));
  EXPECT_EQ(last.outcomes[0].result, terms.global("os.O_CLOEXEC"));
  EXPECT_THAT(called("f", {{.value = parameter(0)}, {.value = text("lock")}}), ElementsAre("-> $0.lock"));
  EXPECT_THAT(called("f", {{.value = parameter(0)}, {.value = parameter(1)}}), ElementsAre("-> ?"));
}

TEST_F(InterpretTest, TheFirstCaseThatIsKnownToApplies) {
  load(R"({"rows": [{"callee": "f", "parameters": ["a"], "cases": [
      {"when": {"a": {"is": 1}}, "outcomes": [{"returns": {"text": "one"}}]},
      {"when": {"a": [{"is": 1}, {"is": 2}]}, "outcomes": [{"returns": {"text": "one or two"}}]},
      {"outcomes": [{"returns": {"text": "else"}}]}]}]})");
  EXPECT_THAT(called("f", {{.value = number(1)}}), ElementsAre("-> \"one\""));
  EXPECT_THAT(called("f", {{.value = number(2)}}), ElementsAre("-> \"one or two\""));
  EXPECT_THAT(called("f", {{.value = number(3)}}), ElementsAre("-> \"else\""));
  EXPECT_THAT(called("f", {{.value = parameter(0)}}), ElementsAre("-> \"else\""));
}

TEST_F(InterpretTest, WhatACaseHangsOnIsConsulted) {
  load(R"({"rows": [{"callee": "f", "parameters": ["a", "b", "c", "d"], "cases": [
      {"when": {"a": {"is": 1}}, "outcomes": []},
      {"when": {"b": {"given": true}, "c": {"type": "T"}}, "outcomes": []},
      {"outcomes": [{"do": [{"op": "open", "file": "$a", "create": {"d": {"flag": "C"}}}]}]}]}]})");
  called(
      "f",
      {{.value = parameter(0)}, {.value = parameter(1)}, {.value = parameter(2)}, {.value = parameter(3)}});
  // Not b, which was given, and not c: nobody asks again for a class.
  EXPECT_THAT(consulted(), ElementsAre("$0", "$3"));
}

TEST_F(InterpretTest, FlagsInOrExpressions) {
  const std::string exclusive = R"({"flag": "os.O_EXCL"})";
  EXPECT_EQ(tested(exclusive, flags({"os.O_RDWR", "os.O_CREAT", "os.O_EXCL"})), "-> true");
  EXPECT_EQ(tested(exclusive, terms.global("os.O_EXCL")), "-> true");
  EXPECT_EQ(tested(exclusive, flags({terms.global("os.O_EXCL"), parameter(0)})), "-> true");
  EXPECT_EQ(tested(R"({"not": {"flag": "os.O_EXCL"}})", flags({"os.O_RDWR", "os.O_CREAT"})), "-> true");
  EXPECT_EQ(tested(R"({"not": {"flag": "os.O_EXCL"}})", number(0)), "-> true");
}

TEST_F(InterpretTest, FlagsThatAreNotKnown) {
  // Neither holds: the operand may be anything.
  for (const std::string test : {R"({"flag": "os.O_EXCL"})", R"({"not": {"flag": "os.O_EXCL"}})"}) {
    EXPECT_EQ(tested(test, parameter(0)), "-> null");
    EXPECT_THAT(consulted(), ElementsAre("$0"));
    EXPECT_EQ(tested(test, flags({terms.global("os.O_RDWR"), parameter(0)})), "-> null");
    EXPECT_EQ(tested(test, number(0x80)), "-> null");
    EXPECT_EQ(tested(test, terms.global("settings.FLAGS")), "-> null");
  }
}

TEST_F(InterpretTest, FlagsByAnotherName) {
  load(R"({"aliases": {"lib.LOCK_NB": "lib.Flags.NON_BLOCKING"}})");
  EXPECT_EQ(tested(R"({"flag": "lib.Flags.NON_BLOCKING"})", flags({"lib.Flags.EXCLUSIVE", "lib.LOCK_NB"})),
            "-> true");
}

TEST_F(InterpretTest, TextInText) {
  EXPECT_EQ(tested(R"({"has": "w"})", text("wb")), "-> true");
  EXPECT_EQ(tested(R"({"has": "w"})", text("rb")), "-> null");
  EXPECT_EQ(tested(R"({"not": {"has": "w"}})", text("rb")), "-> true");
  const ir::Term parts[] = {text("w"), parameter(0)};
  EXPECT_EQ(tested(R"({"has": "w"})", terms.concat(parts)), "-> true");
  EXPECT_EQ(tested(R"({"not": {"has": "b"}})", terms.concat(parts)), "-> null");
  EXPECT_EQ(tested(R"({"not": {"has": "b"}})", parameter(0)), "-> null");
}

TEST_F(InterpretTest, Constants) {
  EXPECT_EQ(tested(R"({"is": false})", terms.boolean(false)), "-> true");
  EXPECT_EQ(tested(R"({"is": false})", number(0)), "-> true");
  EXPECT_EQ(tested(R"({"is": "a"})", text("a")), "-> true");
  EXPECT_EQ(tested(R"({"is": null})", terms.null()), "-> true");
  EXPECT_EQ(tested(R"({"is": {"global": "m.A"}})", terms.global("m.A")), "-> true");
  EXPECT_EQ(tested(R"({"not": {"is": {"global": "m.A"}}})", terms.global("m.B")), "-> true");
  EXPECT_EQ(tested(R"({"not": {"is": {"global": "m.A"}}})", terms.global("other.B")), "-> null");
  EXPECT_EQ(tested(R"({"not": {"is": null}})", number(0)), "-> true");
  EXPECT_EQ(tested(R"({"not": {"is": null}})", fraction("0.5")), "-> true");
  EXPECT_EQ(tested(R"({"not": {"is": -1}})", fraction("0.5")), "-> true");
  EXPECT_EQ(tested(R"({"not": {"is": null}})", terms.make(terms.global("T"), {})), "-> true");
  EXPECT_EQ(tested(R"({"not": {"is": null}})", parameter(0)), "-> null");
  EXPECT_EQ(tested(R"({"is": null})", parameter(0)), "-> null");
}

TEST_F(InterpretTest, MentionedConstants) {
  const ir::Term packed[] = {text("hh"), terms.global("fcntl.F_UNLCK"), number(0)};
  const ir::Term lock = terms.apply(terms.global("struct.pack"), packed);
  EXPECT_EQ(tested(R"({"mentions": "fcntl.F_UNLCK"})", lock), "-> true");
  EXPECT_EQ(tested(R"({"not": {"mentions": "fcntl.F_WRLCK"}})", lock), "-> true");
  const ir::Term open[] = {text("hh"), parameter(0)};
  EXPECT_EQ(
      tested(R"({"not": {"mentions": "fcntl.F_WRLCK"}})", terms.apply(terms.global("struct.pack"), open)),
      "-> null");
}

TEST_F(InterpretTest, Classes) {
  load(R"({"types": {"Child": "Base", "Base": []}})");
  types[parameter(0)] = "Child";
  EXPECT_EQ(tested(R"({"type": "Base"})", parameter(0)), "-> true");
  EXPECT_EQ(tested(R"({"not": {"type": "Other"}})", parameter(0)), "-> true");
  EXPECT_EQ(tested(R"({"not": {"type": "Base"}})", parameter(1)), "-> null");
  EXPECT_THAT(consulted(), IsEmpty());
  EXPECT_EQ(tested(R"({"type": "builtins.int"})", number(3)), "-> true");
  EXPECT_EQ(tested(R"({"type": "builtins.slice"})", terms.make(terms.global("builtins.slice"), {})),
            "-> true");
}

TEST_F(InterpretTest, WhetherAnArgumentWasGiven) {
  load(R"({"rows": [{"callee": "f", "parameters": ["a"], "cases": [
      {"when": {"a": {"given": true}}, "outcomes": [{"returns": {"text": "given"}}]},
      {"when": {"a": {"given": false}}, "outcomes": [{"returns": {"text": "not given"}}]},
      {"outcomes": [{"returns": null}]}]}]})");
  EXPECT_THAT(called("f", {{.value = terms.null()}}), ElementsAre("-> \"given\""));
  EXPECT_THAT(called("f"), ElementsAre("-> \"not given\""));
  EXPECT_THAT(called("f", {spread(parameter(0))}), ElementsAre("-> null"));
}

TEST_F(InterpretTest, ADefaultMayBeWhatAFieldHolds) {
  load(R"({"rows": [{"method": "acquire", "on": "Lock",
      "parameters": [{"name": "timeout", "default": {"field": "$self", "name": "<timeout>"}}], "cases": [
      {"when": {"timeout": {"is": 0}}, "outcomes": [{"returns": {"text": "at once"}}]},
      {"outcomes": [{"returns": {"text": "waits"}}]}]}]})");
  EXPECT_THAT(sent("Lock", "acquire"), ElementsAre("-> \"waits\""));
  fields[terms.field(parameter(0), "<timeout>")] = number(0);
  EXPECT_THAT(sent("Lock", "acquire"), ElementsAre("-> \"at once\""));
  EXPECT_THAT(sent("Lock", "acquire", {{.value = number(5)}}), ElementsAre("-> \"waits\""));
}

TEST_F(InterpretTest, OperationsFieldsAndExceptions) {
  load(R"({"rows": [{"callee": "f", "parameters": ["path"], "outcomes": [
      {"do": [{"op": "open", "file": "$path", "handle": "new", "create": true}],
       "set": [{"of": "new", "name": "<file>", "value": "$path"}], "returns": "new", "type": "File"},
      {"do": [{"op": "open", "file": "$path", "refused": true}], "raises": "E"}], "raises": ["F", "?"]}]})");
  EXPECT_THAT(called("f", {{.value = parameter(0)}}),
              ElementsAre("open(file=$0 handle=#7 create); -> #7: File", "open(file=$0 refused); raises E",
                          "raises F", "raises anything"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$0"));
}

TEST_F(InterpretTest, NestedCalls) {
  load(R"({"rows": [
      {"callee": "now", "parameters": ["f"], "outcomes": [{"call": [{"function": "$f", "suspends": true, "rest": true}]}]},
      {"callee": "later", "parameters": ["f"], "outcomes": [
          {"call": [{"when": "spawn", "function": "$f", "arguments": [1]}], "returns": "new"}]},
      {"callee": "all", "outcomes": [{"call": [{"function": "$rest"}], "returns": null}]},
      {"method": "push", "on": "Stack", "parameters": ["f"], "outcomes": [
          {"call": [{"when": "defer", "function": "$f", "stack": "$self"}], "returns": null}]},
      {"method": "close", "on": "Stack", "outcomes": [{"run-deferred": true, "returns": null}]}]})");
  EXPECT_THAT(called("now", {{.value = parameter(0)}, {.value = number(1)}, named("k", number(2))}),
              ElementsAre("now suspends $0(1, k=2); ->"));
  EXPECT_THAT(called("later", {{.value = parameter(0)}}), ElementsAre("spawn $0(1); -> #7"));
  EXPECT_THAT(called("all", {{.value = parameter(0)}, {.value = parameter(1)}}),
              ElementsAre("now $0(); now $1(); -> null"));
  EXPECT_THAT(called("all", {spread(parameter(0))}), ElementsAre("now ?(); -> null"));
  EXPECT_THAT(sent("Stack", "push", {{.value = parameter(1)}}), ElementsAre("defer $1() on $0; -> null"));
  EXPECT_THAT(sent("Stack", "close"), ElementsAre("run deferred; -> null"));
}

TEST_F(InterpretTest, AnArgumentTupleIsSpread) {
  load(R"({"rows": [{"callee": "f", "parameters": ["target", "args"], "outcomes": [
      {"call": [{"function": "$target", "spread": "$args"}], "returns": null}]}]})");
  const ir::Term elements[] = {number(1), parameter(1)};
  EXPECT_THAT(
      called("f", {{.value = parameter(0)}, {.value = terms.make(terms.global("builtins.tuple"), elements)}}),
      ElementsAre("now $0(1, $1); -> null"));
  EXPECT_THAT(called("f", {{.value = parameter(0)}}), ElementsAre("now $0(); -> null"));
  EXPECT_THAT(called("f", {{.value = parameter(0)}, {.value = parameter(1)}}),
              ElementsAre("now $0(*$1); -> null"));
}

TEST_F(InterpretTest, AClassRowServesItsSubclassesConstructors) {
  load(R"({"types": {"Lock": [], "MyLock": "Lock"}, "constructors": ["__init__"], "rows": [
      {"callee": "Lock", "parameters": ["path"], "outcomes": [
          {"set": [{"of": "new", "name": "<file>", "value": "$path"}], "returns": "new", "type": "$callee"}]}]})");
  EXPECT_THAT(called("Lock", {{.value = text("a")}}), ElementsAre("-> #7: Lock"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=\"a\""));
  sent("MyLock", "__init__", {{.value = text("a")}});
  EXPECT_THAT(fields_of(0), ElementsAre("$0.<file>=\"a\""));
  EXPECT_EQ(models.method("MyLock", "close"), nullptr);
}

}  // namespace
}  // namespace lockwright::models
