// Loading models. A model file is a table that people write by hand, so the loader's main work is to say
// precisely what is wrong with one: every member is looked up by name in the object it is allowed in, and a
// member that nothing asked for is an error, not a silent nothing.
#include "analyzer/models/loader.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "analyzer/models/row_check.h"
#include "analyzer/models/row_effect.h"

namespace lockwright::models {
namespace {

using Json = nlohmann::json;

/// Thrown inside this file only; load() turns it into an Error.
struct Malformed {
  std::string message;
};

/// Where in the file we are, from the inside out. Spelled out only when something is wrong there.
struct Where {
  const Where* outer = nullptr;
  std::string_view name;

  [[nodiscard]] std::string text() const {
    const std::string before = outer == nullptr ? std::string() : outer->text();
    return before.empty() || name.empty() ? before + std::string(name) : fmt::format("{}: {}", before, name);
  }
};

[[noreturn]] void fail(const Where& where, const std::string& what) {
  const std::string text = where.text();
  throw Malformed{text.empty() ? what : fmt::format("{}: {}", text, what)};
}

/// An object whose members are taken one by one; what is left over is an error.
class Members {
 public:
  Members(const Json& json, const Where& where) : where_(where) {
    if (!json.is_object()) fail(where_, "expected an object");
    members_.reserve(json.size());
    for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) members_.push_back({key, &value});
  }

  const Json* take(std::string_view key) {
    for (Member& each : members_) {
      if (each.key != key) continue;
      each.taken = true;
      return each.value;
    }
    return nullptr;
  }

  std::string text(const char* key) {
    const Json* value = take(key);
    if (value == nullptr) return {};
    if (!value->is_string()) fail(where_, fmt::format("\"{}\" must be a string", key));
    return value->get<std::string>();
  }

  bool flag(const char* key) {
    const Json* value = take(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) fail(where_, fmt::format("\"{}\" must be true or false", key));
    return value->get<bool>();
  }

  std::size_t count(const char* key) {
    const Json* value = take(key);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned()) fail(where_, fmt::format("\"{}\" must be a number, not negative", key));
    return value->get<std::size_t>();
  }

  /// A string or a list of strings.
  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> result;
    const Json* value = take(key);
    if (value == nullptr) return result;
    if (value->is_string()) return {value->get<std::string>()};
    if (!value->is_array()) fail(where_, fmt::format("\"{}\" must be a string or a list of strings", key));
    for (const Json& item : *value) {
      if (!item.is_string()) fail(where_, fmt::format("\"{}\" must hold strings", key));
      result.push_back(item.get<std::string>());
    }
    return result;
  }

  void done() const {
    for (const Member& each : members_) {
      if (!each.taken) fail(where_, fmt::format("unknown member \"{}\"", each.key));
    }
  }

  [[nodiscard]] const Where& where() const { return where_; }

 private:
  struct Member {
    std::string_view key;
    const Json* value;
    bool taken = false;
  };
  Where where_;
  std::vector<Member> members_;
};

template <typename Value>
Value named(const Where& where, const char* what, const std::string& name,
            const std::map<std::string, Value>& values) {
  const auto found = values.find(name);
  if (found == values.end()) fail(where, fmt::format("unknown {} \"{}\"", what, name));
  return found->second;
}

std::vector<Expression> expressions(const Json& json, const Where& where);

Expression expression(const Json& json, const Where& where) {
  using Kind = Expression::Kind;
  Expression result;
  if (json.is_null()) return {.kind = Kind::null};
  if (json.is_boolean()) return {.kind = Kind::boolean, .number = json.get<bool>() ? 1 : 0};
  if (json.is_number_integer()) return {.kind = Kind::integer, .number = json.get<std::int64_t>()};
  if (json.is_string()) {
    const auto text = json.get<std::string>();
    if (text.starts_with("$")) return {.kind = Kind::argument, .text = text.substr(1)};
    if (text == "new") return {.kind = Kind::made};
    if (text == "value") return {.kind = Kind::pure};
    if (text == "unknown") return {.kind = Kind::unknown};
    if (text == "round") return {.kind = Kind::round};
    fail(where,
         fmt::format("\"{}\" is no value: expected $parameter, \"new\", \"value\", \"unknown\" or an object",
                     text));
  }
  Members members(json, where);
  if (members.take("text") != nullptr) {
    result = {.kind = Kind::text, .text = members.text("text")};
  } else if (members.take("global") != nullptr) {
    result = {.kind = Kind::global, .text = members.text("global")};
  } else if (const Json* parts = members.take("concat")) {
    result = {.kind = Kind::concat, .parts = expressions(*parts, where)};
  } else if (const Json* joined = members.take("join")) {
    result = {.kind = Kind::join, .parts = expressions(*joined, where)};
  } else if (const Json* format = members.take("format")) {
    result = {.kind = Kind::format, .parts = expressions(*format, where)};
  } else if (const Json* base = members.take("field")) {
    result = {.kind = Kind::field, .text = members.text("name"), .parts = {expression(*base, where)}};
    if (result.text.empty()) fail(where, "a \"field\" needs a \"name\"");
  } else if (const Json* attribute = members.take("attribute")) {
    result = {.kind = Kind::attribute, .parts = expressions(*attribute, where)};
    if (result.parts.size() != 2) fail(where, "\"attribute\" must be a list of two: object, name");
  } else if (const Json* module = members.take("module")) {
    result = {.kind = Kind::module, .parts = {expression(*module, where)}};
  } else if (const Json* indexed = members.take("index")) {
    result = {.kind = Kind::index, .parts = expressions(*indexed, where)};
    if (result.parts.size() != 2) fail(where, "\"index\" must be a list of two: container, key");
  } else if (members.take("make") != nullptr) {
    result = {.kind = Kind::make, .text = members.text("make")};
    if (const Json* arguments = members.take("arguments")) result.parts = expressions(*arguments, where);
  } else {
    fail(where, "expected one of text, global, concat, join, field, attribute, module, index, make");
  }
  members.done();
  return result;
}

std::vector<Expression> expressions(const Json& json, const Where& where) {
  if (!json.is_array()) fail(where, "expected a list of values");
  std::vector<Expression> result;
  for (const Json& item : json) result.push_back(expression(item, where));
  return result;
}

Expression optional_expression(Members& members, const char* key) {
  const Json* json = members.take(key);
  return json == nullptr ? Expression{} : expression(*json, Where{&members.where(), key});
}

Test test_of(const std::string& parameter, const Json& json, const Where& where) {
  using Kind = Test::Kind;
  if (json.is_array()) {
    Test any{.kind = Kind::any};
    for (const Json& item : json) any.parts.push_back(test_of(parameter, item, where));
    return any;
  }
  Members members(json, where);
  Test result{.parameter = parameter};
  if (members.take("flag") != nullptr) {
    result.kind = Kind::flag;
    result.text = members.text("flag");
  } else if (members.take("has") != nullptr) {
    result.kind = Kind::has;
    result.text = members.text("has");
  } else if (const Json* value = members.take("is")) {
    result.kind = Kind::equals;
    result.value = value->is_string()
                       ? Expression{.kind = Expression::Kind::text, .text = value->get<std::string>()}
                       : expression(*value, where);
  } else if (members.take("mentions") != nullptr) {
    result.kind = Kind::mentions;
    result.text = members.text("mentions");
  } else if (members.take("type") != nullptr) {
    result.kind = Kind::type;
    result.text = members.text("type");
  } else if (members.take("given") != nullptr) {
    result.kind = Kind::given;
    if (!members.flag("given")) {
      Test negation{.kind = Kind::none};
      negation.parts.push_back(result);
      result = negation;
    }
  } else if (const Json* negated = members.take("not")) {
    result.kind = Kind::none;
    result.parts.push_back(test_of(parameter, *negated, where));
  } else {
    fail(where, "expected one of flag, has, is, mentions, type, given, not");
  }
  members.done();
  return result;
}

/// {"flags": {"flag": "os.O_EXCL"}, "mode": […]}: all of them.
Test test(const Json& json, const Where& where) {
  if (!json.is_object()) fail(where, "expected an object of parameter: test");
  Test all{.kind = Test::Kind::all};
  for (const auto& [parameter, value] : json.items()) all.parts.push_back(test_of(parameter, value, where));
  return all;
}

/// A member that is true, false or a test.
void switchable(Members& members, const char* key, bool& fixed, Test& decided) {
  const Json* json = members.take(key);
  if (json == nullptr) return;
  if (json->is_boolean()) {
    fixed = json->get<bool>();
  } else {
    decided = test(*json, Where{&members.where(), key});
  }
}

Probe probe(const Where& where, const std::string& name) {
  static const std::map<std::string, Probe> probes = {{"", Probe::none},
                                                      {"pid", Probe::pid},
                                                      {"pid-alive", Probe::pid_alive},
                                                      {"process", Probe::process},
                                                      {"host", Probe::host},
                                                      {"clock", Probe::clock},
                                                      {"random", Probe::random},
                                                      {"weak-random", Probe::weak_random},
                                                      {"identity", Probe::identity},
                                                      {"content", Probe::content},
                                                      {"feature", Probe::feature}};
  return named(where, "probe", name, probes);
}

OperationTemplate operation(const Json& json, const Where& where) {
  static const std::map<std::string, OperationKind> kinds = {
      {"open", OperationKind::open},         {"close", OperationKind::close},
      {"read", OperationKind::read},         {"write", OperationKind::write},
      {"truncate", OperationKind::truncate}, {"flush", OperationKind::flush},
      {"sync", OperationKind::sync},         {"exists", OperationKind::exists},
      {"unlink", OperationKind::unlink},     {"rename", OperationKind::rename},
      {"link", OperationKind::link},         {"make-directory", OperationKind::make_directory},
      {"acquire", OperationKind::acquire},   {"release", OperationKind::release},
      {"insert", OperationKind::insert},     {"erase", OperationKind::erase},
      {"look-up", OperationKind::look_up},   {"probe", OperationKind::probe},
      {"await", OperationKind::await},       {"escape", OperationKind::escape},
      {"join", OperationKind::join},
  };
  static const std::map<std::string, Mechanism> mechanisms = {
      {"", Mechanism::none},           {"flock", Mechanism::flock},     {"posix", Mechanism::posix},
      {"ofd", Mechanism::ofd},         {"windows", Mechanism::windows}, {"lock-file", Mechanism::lock_file},
      {"library", Mechanism::library}, {"mutex", Mechanism::mutex},
  };
  static const std::map<std::string, Wait> waits = {
      {"", Wait::block}, {"block", Wait::block}, {"timeout", Wait::timeout}, {"attempt", Wait::attempt}};
  Members members(json, where);
  OperationTemplate result;
  result.fixed.kind = named(where, "operation", members.text("op"), kinds);
  result.fixed.mechanism = named(where, "mechanism", members.text("mechanism"), mechanisms);
  result.fixed.wait = named(where, "wait", members.text("wait"), waits);
  result.fixed.probe = probe(where, members.text("probe"));
  result.fixed.collected = members.flag("collected");
  result.fixed.buffered = members.flag("buffered");
  result.fixed.refused = members.flag("refused");
  result.file = optional_expression(members, "file");
  result.other = optional_expression(members, "other");
  result.handle = optional_expression(members, "handle");
  result.key = optional_expression(members, "key");
  result.value = optional_expression(members, "value");
  switchable(members, "create", result.fixed.create, result.create);
  switchable(members, "exclusive", result.fixed.exclusive, result.exclusive);
  switchable(members, "parents", result.fixed.parents, result.parents);
  switchable(members, "truncate", result.fixed.truncate, result.truncate);
  switchable(members, "writable", result.fixed.writable, result.writable);
  switchable(members, "shared", result.fixed.shared, result.shared);
  switchable(members, "reentrant", result.fixed.reentrant, result.reentrant);
  members.done();
  return result;
}

CallTemplate nested_call(const Json& json, const Where& where) {
  static const std::map<std::string, NestedCall::When> whens = {{"", NestedCall::When::now},
                                                                {"now", NestedCall::When::now},
                                                                {"spawn", NestedCall::When::spawn},
                                                                {"defer", NestedCall::When::defer}};
  Members members(json, where);
  CallTemplate result;
  result.when = named(where, "time of a call", members.text("when"), whens);
  result.suspends = members.flag("suspends");
  result.function = optional_expression(members, "function");
  if (result.function.kind == Expression::Kind::absent) fail(where, "a call needs a \"function\"");
  if (const Json* arguments = members.take("arguments")) result.arguments = expressions(*arguments, where);
  result.rest = members.flag("rest");
  result.spread = optional_expression(members, "spread");
  result.stack = optional_expression(members, "stack");
  members.done();
  return result;
}

template <typename Element, typename Read>
std::vector<Element> list(Members& members, const char* key, Read read) {
  std::vector<Element> result;
  const Json* json = members.take(key);
  if (json == nullptr) return result;
  if (!json->is_array()) fail(members.where(), fmt::format("\"{}\" must be a list", key));
  for (const Json& item : *json) result.push_back(read(item, Where{&members.where(), key}));
  return result;
}

FieldTemplate field_effect(const Json& json, const Where& where) {
  Members members(json, where);
  FieldTemplate result{.base = optional_expression(members, "of"),
                       .name = members.text("name"),
                       .key = optional_expression(members, "key"),
                       .value = optional_expression(members, "value")};
  const bool keyed = result.key.kind != Expression::Kind::absent;
  if ((!result.name.empty() && keyed) ||
      (result.name.empty() && !keyed && result.base.kind != Expression::Kind::global)) {
    fail(where, "needs either a \"name\" or a \"key\"");
  }
  members.done();
  return result;
}

OutcomeTemplate outcome(const Json& json, const Where& where) {
  Members members(json, where);
  OutcomeTemplate result;
  result.operations = list<OperationTemplate>(members, "do", operation);
  result.fields = list<FieldTemplate>(members, "set", field_effect);
  result.calls = list<CallTemplate>(members, "call", nested_call);
  result.finally = list<OperationTemplate>(members, "finally", operation);
  result.run_deferred = members.flag("run-deferred");
  result.result = optional_expression(members, "returns");
  result.result_type = members.text("type");
  result.collects = members.text("collects");
  result.raised = members.text("raises");
  if (!result.raised.empty() && result.result.kind != Expression::Kind::absent) {
    fail(where, "an outcome either \"returns\" or \"raises\"");
  }
  if (!result.finally.empty() && result.calls.empty()) fail(where, "\"finally\" is for after a \"call\"");
  members.done();
  return result;
}

Case one_case(const Json& json, const Where& where) {
  Members members(json, where);
  Case result;
  if (const Json* when = members.take("when")) result.when = test(*when, Where{&where, "when"});
  if (members.take("outcomes") == nullptr) fail(where, "a case needs \"outcomes\" ([]: it never comes back)");
  result.outcomes = list<OutcomeTemplate>(members, "outcomes", outcome);
  result.promise = members.flag("promise");
  members.done();
  return result;
}

RowParameter parameter(const Json& json, const Where& where) {
  if (json.is_string()) return {.name = json.get<std::string>(), .default_value = {}, .of = {}};
  Members members(json, where);
  RowParameter result{.name = members.text("name"),
                      .default_value = {},
                      .keyword = members.flag("keyword"),
                      .last = members.flag("last"),
                      .of = members.text("of")};
  if (result.name.empty()) fail(where, "a parameter needs a \"name\"");
  if (const Json* value = members.take("default")) {
    result.default_value = value->is_string()
                               ? Expression{.kind = Expression::Kind::text, .text = value->get<std::string>()}
                               : expression(*value, where);
  }
  members.done();
  return result;
}

void row(const Json& json, std::size_t number, ModelFile& file) {
  const std::string position = fmt::format("rows[{}]", number);
  Members head(json, Where{nullptr, position});
  const std::vector<std::string> callees = head.texts("callee");
  const std::vector<std::string> methods = head.texts("method");
  const std::vector<std::string> types = head.texts("on");
  if (callees.empty() == methods.empty()) fail(head.where(), "needs either \"callee\" or \"method\"");
  if (!methods.empty() && types.empty()) {
    fail(head.where(), "a \"method\" needs \"on\": the receiver's type, or \"*\"");
  }
  const std::string title = callees.empty() ? fmt::format("{}.{}", types[0], methods[0]) : callees[0];
  const Where where{nullptr, title};
  Members members(json, where);
  for (const char* known : {"callee", "method", "on", "note"}) members.take(known);

  RowText result;
  result.parameters = list<RowParameter>(members, "parameters", parameter);
  result.cases = list<Case>(members, "cases", one_case);
  auto outcomes = list<OutcomeTemplate>(members, "outcomes", outcome);
  if (const Expression value = optional_expression(members, "returns");
      value.kind != Expression::Kind::absent) {
    outcomes.push_back({.result = value, .result_type = members.text("type")});
  }
  if (!outcomes.empty()) result.cases.push_back({.when = {}, .outcomes = std::move(outcomes)});
  if (members.flag("promise")) {
    for (Case& each : result.cases) each.promise = true;
  }
  if (result.cases.empty()) fail(where, "says nothing: needs \"cases\", \"outcomes\" or \"returns\"");
  if (result.cases.back().when.kind != Test::Kind::always) {
    fail(where, "the last case must have no \"when\": it is what the call means when nothing is known");
  }
  for (const std::string& raised : members.texts("raises")) {
    for (Case& each : result.cases) each.outcomes.push_back({.raised = raised});
  }
  if (members.flag("side-trigger"))
    file.side_triggers.insert(file.side_triggers.end(), callees.begin(), callees.end());
  std::vector<Trigger> triggers;
  for (std::string& literal : members.texts("trigger")) triggers.push_back({std::move(literal)});
  members.done();
  result.method = callees.empty();
  if (const std::string wrong = unknown_name(result); !wrong.empty()) {
    fail(where, fmt::format("\"{}\" is none of its parameters", wrong));
  }

  const Effect effect = effect_of(result);
  const bool names_files = names_file(result);
  const auto text = std::make_shared<const RowText>(std::move(result));
  const auto add = [&](const std::string& type, const std::string& name) {
    const std::string last = name.substr(name.rfind('.') + 1);
    if (effect != Effect::none) file.effects.emplace_back(last, effect);
    for (Trigger& trigger : triggers) trigger.callees.push_back(last);
    if (names_files) file.file_users.push_back(name);
    file.rows.emplace_back(RowKey{type, name}, Row{name, text});
  };
  for (const std::string& callee : callees) add("", callee);
  for (const std::string& type : types) {
    for (const std::string& method : methods) add(type, method);
  }
  std::move(triggers.begin(), triggers.end(), std::back_inserter(file.lock_triggers));
}

/// What the triggers of the file, its rows' included, need beside them.
void beside(const Json& entries, ModelFile& file) {
  const Where where{nullptr, "beside"};
  if (!entries.is_array()) fail(where, "must be a list");
  for (const Json& each : entries) {
    Members entry(each, where);
    const std::vector<std::string> words = entry.texts("words");
    const std::size_t within = entry.count("within");
    for (const std::string& literal : entry.texts("triggers")) {
      bool known = false;
      for (Trigger& trigger : file.lock_triggers) {
        if (trigger.literal != literal) continue;
        trigger.beside = words;
        trigger.within = within;
        known = true;
      }
      if (!known) fail(where, fmt::format("\"{}\" is no trigger", literal));
    }
    entry.done();
  }
}

ModelFile read(const Json& json) {
  ModelFile file;
  Members members(json, Where{});
  for (const char* known : {"$schema", "note"}) members.take(known);
  file.language = members.text("language");
  if (const Json* types = members.take("types")) {
    Members classes(*types, Where{nullptr, "types"});
    for (const auto& [name, bases] : types->items())
      file.bases.emplace_back(name, classes.texts(name.c_str()));
  }
  if (const Json* aliases = members.take("aliases")) {
    Members names(*aliases, Where{nullptr, "aliases"});
    for (const auto& [name, target] : aliases->items())
      file.aliases.emplace_back(name, names.text(name.c_str()));
  }
  if (const Json* probes = members.take("probes")) {
    const Where where{nullptr, "probes"};
    Members globals(*probes, where);
    for (const auto& [global, name] : probes->items())
      file.probes.emplace_back(global, probe(where, globals.text(global.c_str())));
  }
  if (const Json* constants = members.take("constants")) {
    const Where where{nullptr, "constants"};
    if (!constants->is_object()) fail(where, "expected an object");
    for (const auto& [type, fields] : constants->items()) {
      Members texts(fields, where);
      file.constants.emplace_back(type, std::vector<std::pair<std::string, std::string>>{});
      for (const auto& [name, text] : fields.items())
        file.constants.back().second.emplace_back(name, texts.text(name.c_str()));
    }
  }
  if (const Json* codes = members.take("error-codes")) {
    Members classes(*codes, Where{nullptr, "error-codes"});
    for (const auto& [code, type] : codes->items())
      file.error_codes.emplace_back(code, classes.text(code.c_str()));
  }
  file.containers = members.texts("containers");
  file.sequences = members.texts("sequences");
  file.may_be_false = members.texts("may-be-false");
  file.scope_guards = members.texts("scope-guards");
  file.memoizers = members.texts("memoizers");
  file.scope_enters = members.texts("scope-enter");
  file.scope_exits = members.texts("scope-exit");
  file.constructors = members.texts("constructors");
  file.never_negative = members.texts("never-negative");
  file.ranges = members.texts("ranges");
  file.copies = members.flag("copies");
  file.distinct.push_back(members.texts("distinct"));
  file.by_name_only = members.texts("raised-by-name-only");
  file.ends_process = members.texts("ends-process");
  file.cancellation = members.text("cancellation");
  file.platform = members.texts("platform");
  for (std::string& literal : members.texts("triggers")) file.lock_triggers.push_back({std::move(literal)});
  const Json* rows = members.take("rows");
  if (rows != nullptr) {
    if (!rows->is_array()) fail(Where{nullptr, "rows"}, "must be a list");
    for (std::size_t number = 0; number < rows->size(); ++number) row((*rows)[number], number, file);
  }
  if (const Json* entries = members.take("beside")) beside(*entries, file);
  members.done();
  return file;
}

}  // namespace

source::Result<ModelFile> load(std::string_view json, std::string_view name) {
  try {
    return read(Json::parse(json));
  } catch (const Malformed& malformed) {
    return source::Error{fmt::format("{}: {}", name, malformed.message)};
  } catch (const nlohmann::json::exception& error) {
    return source::Error{fmt::format("{}: not a valid model file: {}", name, error.what())};
  }
}

}  // namespace lockwright::models
