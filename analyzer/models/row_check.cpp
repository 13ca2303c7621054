// Checking names. A "$pth" where "$path" was meant would be an unknown value for ever, and the row would
// never apply as its author thought; so every name is compared with the row's parameters. "self" is the
// receiver of a method, "rest" the arguments beyond the parameters.
#include "analyzer/models/row_check.h"

#include <algorithm>

namespace lockwright::models {
namespace {

class NameCheck {
 public:
  explicit NameCheck(const RowText& row) : row_(row) {}

  std::string run() {
    for (const RowParameter& each : row_.parameters) {
      value(each.default_value);
      if (!each.of.empty()) name(each.of);
    }
    for (const Case& each : row_.cases) {
      test(each.when);
      for (const OutcomeTemplate& one : each.outcomes) outcome(one);
    }
    return wrong_;
  }

 private:
  void name(const std::string& name) {
    const bool known = name == "rest" || (name == "self" && row_.method) ||
                       std::any_of(row_.parameters.begin(), row_.parameters.end(),
                                   [&](const RowParameter& each) { return each.name == name; });
    if (!known && wrong_.empty()) wrong_ = name;
  }

  void value(const Expression& expression) {
    if (expression.kind == Expression::Kind::argument) name(expression.text);
    for (const Expression& part : expression.parts) value(part);
  }

  void test(const Test& test) {
    const bool combined =
        test.kind == Test::Kind::always || !test.parts.empty() || test.kind == Test::Kind::all;
    if (!combined) name(test.parameter);
    value(test.value);
    for (const Test& part : test.parts) this->test(part);
  }

  void operation(const OperationTemplate& each) {
    for (const Expression* one : {&each.file, &each.other, &each.handle, &each.key, &each.value}) value(*one);
    for (const Test* one :
         {&each.create, &each.exclusive, &each.truncate, &each.writable, &each.shared, &each.reentrant}) {
      test(*one);
    }
  }

  void outcome(const OutcomeTemplate& outcome) {
    for (const OperationTemplate& each : outcome.operations) operation(each);
    for (const OperationTemplate& each : outcome.finally) operation(each);
    for (const FieldTemplate& each : outcome.fields) {
      value(each.base);
      value(each.key);
      value(each.value);
    }
    for (const CallTemplate& each : outcome.calls) {
      value(each.function);
      for (const Expression& argument : each.arguments) value(argument);
      value(each.spread);
      value(each.stack);
    }
    value(outcome.result);
  }

  const RowText& row_;
  std::string wrong_;
};

}  // namespace

std::string unknown_name(const RowText& row) {
  return NameCheck(row).run();
}

}  // namespace lockwright::models
