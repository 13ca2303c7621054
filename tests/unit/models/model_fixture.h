// What a call means, as text that a test can expect: "acquire(flock attempt handle=$0) -> null".
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/ir/term_print.h"
#include "analyzer/models/model.h"

namespace lockwright::models {

inline std::string file_text(const std::string& path) {
  std::ifstream file(std::string(LOCKWRIGHT_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class ModelTest : public ::testing::Test {
 protected:
  using Arguments = std::vector<ir::Argument>;

  /// Loads rows of the test's own.
  void load(std::string_view json) {
    const auto added = models.add(json, "test.json");
    ASSERT_TRUE(added) << added.error().message;
  }

  // Terms, shortly.
  ir::Term text(std::string_view value) { return terms.string(value); }
  ir::Term number(std::int64_t value) { return terms.integer(value); }
  ir::Term parameter(std::uint32_t position) { return terms.param(position); }
  ir::Term fraction(std::string_view digits) {
    const ir::Term operand[] = {terms.string(digits)};
    return terms.apply(terms.global("builtins.float"), operand);
  }
  /// a | b | c
  ir::Term flags(std::initializer_list<ir::Term> operands) {
    ir::Term result = ir::Term::none;
    for (const ir::Term each : operands) {
      const ir::Term both[] = {result, each};
      result = result == ir::Term::none ? each : terms.apply(terms.global("operator.or"), both);
    }
    return result;
  }
  ir::Term flags(std::initializer_list<const char*> names) {
    ir::Term result = ir::Term::none;
    for (const char* each : names) {
      const ir::Term flag = terms.global(each);
      result = result == ir::Term::none ? flag : flags({result, flag});
    }
    return result;
  }
  static ir::Argument named(std::string_view name, ir::Term value) { return {.value = value, .name = name}; }
  static ir::Argument spread(ir::Term value) { return {.value = value, .spread = true}; }

  Meaning meaning(const Row* row, ir::Term callee, ir::Term receiver, const Arguments& arguments) {
    if (row == nullptr) {
      ADD_FAILURE() << "no row for " << to_string(terms, callee);
      return {};
    }
    Call call{.callee = callee, .receiver = receiver, .arguments = arguments, .fresh = terms.fresh(7, 0)};
    call.round = 2;
    call.resolve = [this](ir::Term term) {
      const auto found = fields.find(term);
      return found == fields.end() ? term : found->second;
    };
    call.type_of = [this](ir::Term term) {
      const auto found = types.find(term);
      return found == types.end() ? std::string() : found->second;
    };
    return models.interpret(*row, call, terms);
  }

  /// What a call of a function or class comes to.
  std::vector<std::string> called(std::string_view name, const Arguments& arguments = {}) {
    last = meaning(models.function(name), terms.global(name), ir::Term::none, arguments);
    return described();
  }

  /// What a call of a method comes to; type "*": of a receiver whose class is not known.
  std::vector<std::string> sent(std::string_view type, std::string_view name,
                                const Arguments& arguments = {}) {
    const ir::Term receiver = parameter(0);
    const Row* row = type == "*" ? models.method_of_unknown(name) : models.method(type, name);
    last = meaning(row, terms.field(receiver, name), receiver, arguments);
    return described();
  }

  std::vector<std::string> consulted() {
    std::vector<std::string> result;
    for (const ir::Term each : last.consulted) result.push_back(to_string(terms, each));
    return result;
  }

  std::vector<std::string> described() {
    std::vector<std::string> result;
    for (const Outcome& each : last.outcomes) result.push_back(describe(each));
    return result;
  }

  std::string describe(const Outcome& outcome) {
    std::string result;
    for (const Operation& each : outcome.operations) result += describe(each) + "; ";
    for (const NestedCall& each : outcome.calls) result += describe(each) + "; ";
    for (const Operation& each : outcome.finally) result += "finally " + describe(each) + "; ";
    if (outcome.run_deferred) result += "run deferred; ";
    if (outcome.raised != ir::Term::none) {
      const bool any = terms.kind(outcome.raised) == ir::TermKind::unknown;
      return result + "raises " + (any ? "anything" : to_string(terms, terms.operands(outcome.raised)[0]));
    }
    if (!outcome.collects.empty()) result += "collects " + std::string(outcome.collects) + " ";
    result += outcome.result == ir::Term::none ? "->" : "-> " + to_string(terms, outcome.result);
    if (!outcome.result_type.empty()) result += ": " + std::string(outcome.result_type);
    return result;
  }

  std::string describe(const NestedCall& call) {
    static constexpr const char* whens[] = {"now", "spawn", "defer"};
    std::string result = whens[static_cast<std::size_t>(call.when)];
    if (call.suspends) result += " suspends";
    result += " " + to_string(terms, call.function) + "(";
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
      if (i > 0) result += ", ";
      if (call.arguments[i].spread) result += "*";
      if (!call.arguments[i].name.empty()) result += std::string(call.arguments[i].name) + "=";
      result += to_string(terms, call.arguments[i].value);
    }
    result += ")";
    if (call.stack != ir::Term::none) result += " on " + to_string(terms, call.stack);
    return result;
  }

  std::string describe(const Operation& operation) {
    static constexpr const char* kinds[] = {
        "open",   "close", "read",           "write",   "truncate", "flush",   "sync",  "exists",  "unlink",
        "rename", "link",  "make-directory", "acquire", "release",  "insert",  "erase", "look-up", "probe",
        "await",  "spawn", "yield",          "escape",  "drop",     "suspend", "join"};
    static constexpr const char* mechanisms[] = {"",        "flock",     "posix",   "ofd",
                                                 "windows", "lock-file", "library", "mutex"};
    static constexpr const char* waits[] = {"block", "timeout", "attempt"};
    static constexpr const char* probes[] = {"",         "pid",     "pid-alive", "process",
                                             "host",     "clock",   "random",    "weak-random",
                                             "identity", "feature", "content"};
    std::string result = kinds[static_cast<std::size_t>(operation.kind)];
    std::string inside;
    const auto word = [&](std::string_view part) {
      if (part.empty()) return;
      if (!inside.empty()) inside += " ";
      inside += part;
    };
    const auto term = [&](const char* name, ir::Term value) {
      if (value != ir::Term::none) word(std::string(name) + "=" + to_string(terms, value));
    };
    word(mechanisms[static_cast<std::size_t>(operation.mechanism)]);
    word(probes[static_cast<std::size_t>(operation.probe)]);
    if (operation.kind == OperationKind::acquire) word(waits[static_cast<std::size_t>(operation.wait)]);
    term("file", operation.file);
    term("other", operation.other);
    term("handle", operation.handle);
    term("key", operation.key);
    term("value", operation.value);
    if (operation.create) word("create");
    if (operation.exclusive) word("exclusive");
    if (operation.truncate) word("truncate");
    if (operation.writable) word("writable");
    if (operation.shared) word("shared");
    if (operation.reentrant) word("reentrant");
    if (operation.collected) word("collected");
    if (operation.buffered) word("buffered");
    if (operation.refused) word("refused");
    return inside.empty() ? result : result + "(" + inside + ")";
  }

  /// The fields that the n-th outcome sets: "#7.<file>=$0".
  std::vector<std::string> fields_of(std::size_t outcome) {
    std::vector<std::string> result;
    if (outcome >= last.outcomes.size()) return result;
    for (const FieldEffect& each : last.outcomes[outcome].fields) {
      const std::string place =
          each.key == ir::Term::none ? "." + std::string(each.name) : "[" + to_string(terms, each.key) + "]";
      result.push_back(to_string(terms, each.base) + place + "=" + to_string(terms, each.value));
    }
    return result;
  }

  ir::TermTable terms;
  Models models;
  Meaning last;
  std::map<ir::Term, ir::Term> fields;    ///< what fields hold where the call is
  std::map<ir::Term, std::string> types;  ///< classes of objects there
};

/// The rows that ship with the analyzer, for Python.
class PythonModelTest : public ModelTest {
 protected:
  void SetUp() override { load(file_text("rules/models/python.json")); }
};

/// The same for TypeScript and JavaScript.
class TypeScriptModelTest : public ModelTest {
 protected:
  void SetUp() override { load(file_text("rules/models/typescript.json")); }

  ir::Argument path() { return {.value = parameter(1)}; }
  ir::Argument words(std::string_view value) { return {.value = text(value)}; }
  /// { name: value }
  ir::Argument options(std::string_view name, ir::Term value) {
    const ir::Term member[] = {terms.keyword(name, value)};
    return {.value = terms.make(terms.global("globalThis.Object"), member)};
  }
  ir::Argument function() { return {.value = terms.closure("m.f.<locals>.done", ir::Term::none)}; }
};

}  // namespace lockwright::models
