// Interpreting a row: binding a call's arguments to the row's parameters, choosing the case by the constant
// ones among them, and filling in the templates of what can come of it.
//
// A test on an argument has three answers: yes, no, and "not known on this path" (a parameter of the function
// under analysis). The third passes the case over, and the argument is reported as consulted, so that the
// engine can ask again with the caller's constant in its place.
#include <algorithm>
#include <utility>

#include "analyzer/ir/printf.h"
#include "analyzer/models/row.h"

namespace lockwright::models {
namespace {

using ir::Term;
using ir::TermKind;

enum class Answer : std::uint8_t { no, yes, unknown };

Answer answer(bool value) {
  return value ? Answer::yes : Answer::no;
}

bool is_rest(const Expression& expression) {
  return expression.kind == Expression::Kind::argument && expression.text == "rest";
}

/// One call being interpreted.
class Interpreter {
 public:
  Interpreter(const Models& models, const Row& row, const Call& call, ir::TermTable& terms)
      : models_(models), row_(row), call_(call), terms_(terms) {
    bind();
  }

  Meaning run() {
    Meaning meaning;
    for (const Case& each : row_.text->cases) {
      if (ask(each.when) != Answer::yes) continue;
      meaning.promise = each.promise;
      for (const OutcomeTemplate& outcome : each.outcomes) meaning.outcomes.push_back(fill(outcome));
      break;
    }
    meaning.consulted = std::move(consulted_);
    return meaning;
  }

 private:
  // Arguments.

  /// Positional arguments take the parameters in order, up to a spread one: what that holds may fill any of
  /// the parameters not named, so from there on they are unknown.
  void bind() {
    bound_.assign(row_.text->parameters.size(), Term::none);
    const ir::Argument* last = bind_last();
    std::size_t next = 0;
    for (const ir::Argument& argument : call_.arguments) {
      if (&argument == last) {
        continue;
      } else if (argument.spread) {
        spread_ = true;
        rest_.push_back(argument);
      } else if (!argument.name.empty()) {
        if (const std::size_t index = position(argument.name); index < bound_.size()) {
          bound_[index] = argument.value;
        } else {
          rest_.push_back(argument);
        }
      } else {
        while (next < bound_.size() && !is_positional(row_.text->parameters[next])) ++next;
        if (!spread_ && next < bound_.size()) {
          bound_[next++] = argument.value;
        } else {
          rest_.push_back(argument);
        }
      }
    }
  }

  static bool is_positional(const RowParameter& parameter) {
    return !parameter.keyword && !parameter.last && parameter.of.empty();
  }

  /// The row's `last` parameter takes the last argument if that may be a function and the parameters without
  /// a default have theirs without it. The argument that was taken; null: none.
  const ir::Argument* bind_last() {
    std::size_t needed = 0;
    for (std::size_t i = 0; i < bound_.size(); ++i) {
      const RowParameter& parameter = row_.text->parameters[i];
      if (is_positional(parameter) && parameter.default_value.kind == Expression::Kind::absent) ++needed;
      if (!parameter.last || call_.arguments.size() <= needed) continue;
      const ir::Argument& argument = call_.arguments.back();
      static constexpr ir::TermKinds no_function =
          ir::kinds_of(TermKind::string, TermKind::integer, TermKind::boolean, TermKind::null,
                       TermKind::concat, TermKind::make);
      if (argument.spread || !argument.name.empty() ||
          (ir::kinds_of(terms_.kind(argument.value)) & no_function) != 0) {
        return nullptr;
      }
      bound_[i] = argument.value;
      return &argument;
    }
    return nullptr;
  }

  /// A member of an object that is passed: what a literal says, or what is known of the field. None: it has
  /// no such member, or is no object at all (an encoding where options could stand).
  Term member(const RowParameter& parameter) {
    const Term object = argument(parameter.of);
    switch (terms_.kind(object)) {
      case TermKind::string:
      case TermKind::integer:
      case TermKind::boolean:
      case TermKind::concat:
      case TermKind::closure:
      case TermKind::null: return Term::none;
      case TermKind::unknown: return object;
      default: break;
    }
    const Term field = terms_.field(object, parameter.name);
    if (const Term known = resolved(field); known != field) return known;
    if (terms_.kind(object) != TermKind::make) return field;
    bool open = false;  // a part that is no member by name may hold any member
    for (const Term operand : terms_.operands(object).subspan(1)) {
      if (terms_.kind(operand) != TermKind::keyword) open = true;
      if (terms_.kind(operand) == TermKind::keyword && terms_.text(operand) == parameter.name) {
        return terms_.operands(operand)[0];
      }
    }
    return open ? terms_.unknown() : Term::none;
  }

  /// What a parameter was given, without its default.
  Term given(std::size_t index) {
    const RowParameter& parameter = row_.text->parameters[index];
    return parameter.of.empty() ? bound_[index] : member(parameter);
  }

  [[nodiscard]] std::size_t position(std::string_view name) const {
    for (std::size_t i = 0; i < row_.text->parameters.size(); ++i) {
      if (row_.text->parameters[i].name == name) return i;
    }
    return row_.text->parameters.size();
  }

  /// The argument's value: passed, by default, or unknown when *args may hold it.
  Term argument(std::string_view name) {
    if (name == "self") return call_.receiver == Term::none ? terms_.unknown() : call_.receiver;
    const std::size_t index = position(name);
    if (index >= bound_.size()) return terms_.unknown();
    if (const Term passed = given(index); passed != Term::none) return passed;
    if (spread_) return terms_.unknown();
    const Expression& fallback = row_.text->parameters[index].default_value;
    return fallback.kind == Expression::Kind::absent ? terms_.null() : value(fallback);
  }

  /// What a field holds here, as far as the caller can tell.
  Term resolved(Term term) { return call_.resolve ? call_.resolve(term) : term; }

  // Values.

  Term pure_value() {
    std::vector<Term> operands;
    for (const ir::Argument& each : call_.arguments) {
      if (each.spread) return terms_.unknown();
      operands.push_back(each.name.empty() ? each.value : terms_.keyword(each.name, each.value));
    }
    return terms_.apply(
        row_.text->method ? terms_.field(argument("self"), row_.name) : terms_.global(row_.name), operands);
  }

  /// The object that the call makes. Called on a receiver, a class's row is the constructor of a class below
  /// it (`super().__init__(path)`): the object is there already.
  Term made() { return row_.text->method || call_.receiver == Term::none ? call_.fresh : call_.receiver; }

  Term attribute(Term base, Term name) {
    if (terms_.kind(name) != TermKind::string) return terms_.unknown();
    const std::string_view text = terms_.text(name);
    const bool module =
        terms_.kind(base) == TermKind::global && terms_.text(base).find('.') == std::string_view::npos;
    return module ? terms_.global(std::string(terms_.text(base)) + "." + std::string(text))
                  : terms_.field(base, text);
  }

  /// A package; which file of the tree a relative name stands for is not known here.
  Term module(Term name) {
    if (std::find(consulted_.begin(), consulted_.end(), name) == consulted_.end()) consulted_.push_back(name);
    const bool package = terms_.kind(name) == TermKind::string && !terms_.text(name).starts_with(".");
    return package ? terms_.global(terms_.text(name)) : terms_.unknown();
  }

  Term value(const Expression& expression) {
    using Kind = Expression::Kind;
    switch (expression.kind) {
      case Kind::absent: return Term::none;
      case Kind::argument: return argument(expression.text);
      case Kind::made: return made();
      case Kind::pure: return pure_value();
      case Kind::unknown: return terms_.unknown();
      case Kind::round: return terms_.integer(call_.round);
      case Kind::null: return terms_.null();
      case Kind::boolean: return terms_.boolean(expression.number != 0);
      case Kind::integer: return terms_.integer(expression.number);
      case Kind::text: return terms_.string(expression.text);
      case Kind::global: return terms_.global(expression.text);
      case Kind::field: return resolved(terms_.field(value(expression.parts[0]), expression.text));
      case Kind::attribute:
        return resolved(attribute(value(expression.parts[0]), value(expression.parts[1])));
      case Kind::module: return module(value(expression.parts[0]));
      case Kind::index: return resolved(terms_.index(value(expression.parts[0]), value(expression.parts[1])));
      case Kind::concat: return terms_.concat(values(expression.parts));
      case Kind::join: return joined(values(expression.parts));
      case Kind::format: return formatted(values(expression.parts));
      case Kind::make: return object(expression.text, values(expression.parts));
    }
    return terms_.unknown();
  }

  /// An object of a class, with the fields that all of its objects have.
  Term object(std::string_view type, std::vector<Term> arguments) {
    for (const auto& [name, text] : models_.constants_of(type))
      arguments.push_back(terms_.keyword(name, terms_.string(text)));
    return terms_.make(terms_.global(type), arguments);
  }

  /// "$rest" stands for all arguments beyond the row's parameters.
  std::vector<Term> values(const std::vector<Expression>& expressions) {
    std::vector<Term> result;
    for (const Expression& each : expressions) {
      if (!is_rest(each)) {
        result.push_back(value(each));
        continue;
      }
      for (const ir::Argument& argument : rest_) {
        if (argument.spread) {
          result.push_back(terms_.unknown());
        } else {
          result.push_back(argument.name.empty() ? argument.value
                                                 : terms_.keyword(argument.name, argument.value));
        }
      }
    }
    return result;
  }

  /// printf's text: what stands between the conversions, and an argument for each.
  Term formatted(const std::vector<Term>& parts) {
    if (parts.empty() || terms_.kind(parts[0]) != TermKind::string) return terms_.unknown();
    const ir::PrintfFormat format = ir::printf_format(terms_.text(parts[0]));
    if (!format.complete) return terms_.unknown();
    std::vector<Term> result = {terms_.string(format.texts[0])};
    for (std::size_t i = 1; i < format.texts.size(); ++i) {
      result.push_back(i < parts.size() ? parts[i] : terms_.unknown());
      result.push_back(terms_.string(format.texts[i]));
    }
    return terms_.concat(result);
  }

  /// The parts of a path with separators between them. An absolute part makes those before it void.
  Term joined(const std::vector<Term>& parts) {
    std::vector<Term> result;
    for (const Term part : parts) {
      const Term first = terms_.kind(part) == TermKind::concat ? terms_.operands(part)[0] : part;
      const bool text = terms_.kind(first) == TermKind::string;
      if (text && terms_.text(first).empty()) continue;
      if (text && terms_.text(first).starts_with("/")) result.clear();
      if (!result.empty()) {
        const Term before = result.back();
        const Term last = terms_.kind(before) == TermKind::concat ? terms_.operands(before).back() : before;
        const bool separated = terms_.kind(last) == TermKind::string && terms_.text(last).ends_with("/");
        if (!separated) result.push_back(terms_.string("/"));
      }
      result.push_back(part);
    }
    return terms_.concat(result);
  }

  // Tests.

  Answer ask(const Test& test) {
    using Kind = Test::Kind;
    switch (test.kind) {
      case Kind::always: return Answer::yes;
      case Kind::all: {
        Answer result = Answer::yes;
        for (const Test& part : test.parts) {
          const Answer each = ask(part);
          if (each == Answer::no) return Answer::no;
          if (each == Answer::unknown) result = Answer::unknown;
        }
        return result;
      }
      case Kind::any: {
        Answer result = Answer::no;
        for (const Test& part : test.parts) {
          const Answer each = ask(part);
          if (each == Answer::yes) return Answer::yes;
          if (each == Answer::unknown) result = Answer::unknown;
        }
        return result;
      }
      case Kind::none: {
        const Answer inner = ask(test.parts[0]);
        return inner == Answer::unknown ? inner : answer(inner == Answer::no);
      }
      case Kind::given: {
        const std::size_t index = position(test.parameter);
        const Term passed = index < bound_.size() ? given(index) : Term::none;
        if (passed == Term::none) return spread_ ? Answer::unknown : Answer::no;
        // A member of an object that is not seen may be there or not.
        const bool seen = row_.text->parameters[index].of.empty() || terms_.kind(passed) != TermKind::field;
        return seen && (terms_.kind(passed) != TermKind::unknown || bound_[index] != Term::none)
                   ? Answer::yes
                   : Answer::unknown;
      }
      case Kind::flag: return has_flag(consult(test), test.text);
      case Kind::has: return has_text(consult(test), test.text);
      case Kind::equals: return equals(consult(test), value(test.value));
      case Kind::mentions: return mentions(consult(test), test.text);
      case Kind::type:
        // Not consulted: a summary for every class of argument would cost more than it tells.
        return has_type(argument(test.parameter), test.text);
    }
    return Answer::unknown;
  }

  Term consult(const Test& test) {
    const Term term = test.parameter == "self" ? call_.receiver : argument(test.parameter);
    if (std::find(consulted_.begin(), consulted_.end(), term) == consulted_.end()) consulted_.push_back(term);
    return term;
  }

  /// Two constants of one module or class have different values; those of two may have the same.
  [[nodiscard]] Answer same_constant(std::string_view left, std::string_view right) const {
    left = models_.alias(left);
    right = models_.alias(right);
    if (left == right) return Answer::yes;
    const bool siblings = left.substr(0, left.rfind('.')) == right.substr(0, right.rfind('.'));
    return siblings ? Answer::no : Answer::unknown;
  }

  Answer has_flag(Term term, std::string_view flag) {
    switch (terms_.kind(term)) {
      case TermKind::global: return same_constant(terms_.text(term), flag);
      case TermKind::integer: return terms_.number(term) == 0 ? Answer::no : Answer::unknown;
      case TermKind::boolean:
      case TermKind::string:
      case TermKind::null: return Answer::no;
      case TermKind::apply: {
        const std::span<const Term> operands = terms_.operands(term);
        if (terms_.text(operands[0]) != "operator.or" && terms_.text(operands[0]) != "operator.add") {
          return Answer::unknown;
        }
        Answer result = Answer::no;
        for (const Term operand : operands.subspan(1)) {
          const Answer each = has_flag(operand, flag);
          if (each == Answer::yes) return each;
          if (each == Answer::unknown) result = each;
        }
        return result;
      }
      default: return Answer::unknown;
    }
  }

  Answer has_text(Term term, std::string_view text) {
    switch (terms_.kind(term)) {
      case TermKind::null: return Answer::no;
      case TermKind::string: return answer(terms_.text(term).find(text) != std::string_view::npos);
      case TermKind::concat: {
        const std::span<const Term> parts = terms_.operands(term);
        const bool found = std::any_of(parts.begin(), parts.end(), [&](Term part) {
          return terms_.kind(part) == TermKind::string &&
                 terms_.text(part).find(text) != std::string_view::npos;
        });
        return found ? Answer::yes : Answer::unknown;
      }
      default: return Answer::unknown;
    }
  }

  Answer equals(Term term, Term wanted) {
    const auto is_number = [&](Term each) {
      return terms_.kind(each) == TermKind::integer || terms_.kind(each) == TermKind::boolean;
    };
    if (term == wanted && terms_.definite(term)) return Answer::yes;
    if (is_number(term) && is_number(wanted)) return answer(terms_.number(term) == terms_.number(wanted));
    if (terms_.kind(wanted) == TermKind::global) {
      return terms_.kind(term) == TermKind::global ? same_constant(terms_.text(term), terms_.text(wanted))
                                                   : Answer::unknown;
    }
    switch (terms_.kind(term)) {
      case TermKind::string:
      case TermKind::integer:
      case TermKind::boolean:
      case TermKind::null:
      case TermKind::self:
      case TermKind::make:
      case TermKind::closure: return Answer::no;
      case TermKind::concat: return terms_.kind(wanted) == TermKind::string ? Answer::unknown : Answer::no;
      case TermKind::apply: return is_fraction(term) ? Answer::no : Answer::unknown;
      default: return Answer::unknown;
    }
  }

  /// 0.5, -0.5: frontends give them as float("0.5").
  [[nodiscard]] bool is_fraction(Term term) const {
    const std::span<const Term> operands = terms_.operands(term);
    if (operands.size() != 2) return false;
    const std::string_view function = terms_.text(operands[0]);
    if (function == "operator.neg" && terms_.kind(operands[1]) == TermKind::apply)
      return is_fraction(operands[1]);
    return function == "builtins.float" && terms_.kind(operands[1]) == TermKind::string;
  }

  Answer mentions(Term term, std::string_view name) {
    static constexpr ir::TermKinds open =
        ir::kinds_of(TermKind::unknown, TermKind::local, TermKind::param, TermKind::self, TermKind::field,
                     TermKind::index, TermKind::fresh);
    if (terms_.contains(term, terms_.global(name))) return Answer::yes;
    return (terms_.kinds_in(term) & open) != 0 || terms_.kind(term) == TermKind::global ? Answer::unknown
                                                                                        : Answer::no;
  }

  Answer has_type(Term term, std::string_view type) {
    std::string known = call_.type_of ? call_.type_of(term) : std::string();
    if (known.empty()) known = literal_type(term);
    return known.empty() ? Answer::unknown : answer(models_.is_subclass(known, type));
  }

  [[nodiscard]] std::string literal_type(Term term) const {
    switch (terms_.kind(term)) {
      case TermKind::string: return "builtins.str";
      case TermKind::integer: return "builtins.int";
      case TermKind::boolean: return "builtins.bool";
      case TermKind::null: return "builtins.NoneType";
      case TermKind::make: return std::string(terms_.text(terms_.operands(term)[0]));
      default: return {};
    }
  }

  // Outcomes.

  void decide(const Test& test, bool& flag) {
    if (test.kind != Test::Kind::always) flag = ask(test) == Answer::yes;
  }

  Outcome fill(const OutcomeTemplate& outcome) {
    Outcome result;
    for (const OperationTemplate& each : outcome.operations) {
      if (!is_rest(each.handle)) {
        result.operations.push_back(operation(each, value(each.handle)));
        continue;
      }
      for (const ir::Argument& argument : rest_) result.operations.push_back(operation(each, argument.value));
    }
    for (const FieldTemplate& each : outcome.fields) {
      result.fields.push_back({value(each.base), each.name, value(each.key), value(each.value)});
    }
    for (const CallTemplate& each : outcome.calls) {
      if (!is_rest(each.function)) {
        result.calls.push_back(nested(each, value(each.function)));
        continue;
      }
      for (const ir::Argument& argument : rest_) {
        if (argument.name.empty()) {
          result.calls.push_back(nested(each, argument.spread ? terms_.unknown() : argument.value));
        }
      }
    }
    for (const OperationTemplate& each : outcome.finally) {
      result.finally.push_back(operation(each, value(each.handle)));
    }
    result.run_deferred = outcome.run_deferred;
    result.result = value(outcome.result);
    result.result_type = outcome.result_type == "$callee" ? std::string_view(row_.name) : outcome.result_type;
    result.collects = outcome.collects;
    if (outcome.raised == "?") {
      result.raised = terms_.unknown();
    } else if (!outcome.raised.empty()) {
      result.raised = object(outcome.raised, {});
    }
    return result;
  }

  Operation operation(const OperationTemplate& each, Term handle) {
    Operation result = each.fixed;
    result.file = value(each.file);
    result.other = value(each.other);
    result.handle = handle;
    result.key = value(each.key);
    result.value = value(each.value);
    decide(each.create, result.create);
    decide(each.exclusive, result.exclusive);
    decide(each.parents, result.parents);
    decide(each.truncate, result.truncate);
    decide(each.writable, result.writable);
    decide(each.shared, result.shared);
    decide(each.reentrant, result.reentrant);
    return result;
  }

  NestedCall nested(const CallTemplate& each, Term function) {
    NestedCall call{.when = each.when, .suspends = each.suspends, .function = function};
    call.stack = value(each.stack);
    for (const Expression& argument : each.arguments) call.arguments.push_back({.value = value(argument)});
    if (each.spread.kind != Expression::Kind::absent) {
      const Term packed = value(each.spread);
      if (terms_.kind(packed) == TermKind::make) {
        for (const Term element : terms_.operands(packed).subspan(1))
          call.arguments.push_back({.value = element});
      } else if (terms_.kind(packed) != TermKind::null) {
        call.arguments.push_back({.value = packed, .spread = true});
      }
    }
    if (each.rest) call.arguments.insert(call.arguments.end(), rest_.begin(), rest_.end());
    return call;
  }

  const Models& models_;
  const Row& row_;
  const Call& call_;
  ir::TermTable& terms_;
  std::vector<Term> bound_;
  std::vector<ir::Argument> rest_;
  std::vector<Term> consulted_;
  bool spread_ = false;
};

}  // namespace

Meaning Models::interpret(const Row& row, const Call& call, ir::TermTable& terms) const {
  return Interpreter(*this, row, call, terms).run();
}

}  // namespace lockwright::models
