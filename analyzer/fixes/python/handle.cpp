// A use is told by the smallest call around it: a method of the handle, or a function that is given it.
#include "analyzer/fixes/python/handle.h"

#include <algorithm>
#include <array>

namespace lockwright::fixes::python {
namespace {

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Use use_of_method(Node call, std::string_view method) {
  if (one_of(method, {"fileno", "close", "flush", "closed", "name"})) return Use::neutral;
  if (one_of(method, {"write", "writelines"})) return Use::sequential;
  if (one_of(method, {"read", "readline", "readlines", "readinto"})) return Use::reading;
  if (method == "truncate") return Use::truncate;
  if (method == "seek") {
    const std::vector<Node> given = arguments(call);
    return given.size() == 1 && given[0].text() == "0" ? Use::rewind : Use::general;
  }
  return Use::general;
}

bool is_lock_function(std::string_view name, std::string_view lock_callee) {
  return name == lock_callee || last_name(name).find("lock") != std::string_view::npos;
}

/// What a function does with a file, or a descriptor, that it is given.
Use use_of_argument(std::string_view name, std::string_view lock_callee) {
  if (is_lock_function(name, lock_callee)) return Use::neutral;
  const std::string_view last = last_name(name);
  if (one_of(name, {"os.fsync", "os.fdatasync", "os.close", "os.fstat"})) return Use::neutral;
  if (last == "ftruncate") return Use::truncate;
  if (one_of(name, {"os.write", "json.dump", "pickle.dump", "marshal.dump", "yaml.dump", "yaml.safe_dump",
                    "toml.dump", "tomli_w.dump", "csv.writer", "csv.DictWriter", "print"})) {
    return Use::sequential;
  }
  if (one_of(name, {"os.read", "json.load", "pickle.load", "yaml.safe_load", "yaml.load", "toml.load",
                    "tomllib.load", "csv.reader", "csv.DictReader"})) {
    return Use::reading;
  }
  return Use::general;
}

Use use_at(const Path& way, const source::Range& lock, std::string_view lock_callee) {
  const Node name = way.back();
  const Node parent = way.size() > 1 ? way[way.size() - 2] : Node{};
  if (parent.kind() == Kind::as_pattern_target_ || parent.kind() == Kind::with_item_) {
    return parent.kind() == Kind::with_item_ ? Use::neutral : Use::binding;
  }
  if (parent.kind() == Kind::assignment_ && name.field() == Field::left_) return Use::binding;
  if (parent.kind() == Kind::for_statement_ && name.field() == Field::right_) return Use::reading;
  const bool locks = std::any_of(way.begin(), way.end(), [&](Node node) {
    return (node.begin() == lock.begin && node.end() == lock.end) ||
           (node.kind() == Kind::call_ && is_lock_function(callee(node), lock_callee));
  });
  if (locks) return Use::neutral;
  Use result = Use::general;
  std::size_t at = way.size() - 1;
  if (parent.kind() == Kind::attribute_ && name.field() == Field::object_) {
    const Node method = parent.child(Field::attribute_);
    const Node call = way.size() > 2 ? way[way.size() - 3] : Node{};
    const bool called = call.kind() == Kind::call_ && parent.field() == Field::function_;
    if (!called) return one_of(method.text(), {"name", "closed"}) ? Use::neutral : Use::general;
    result = use_of_method(call, method.text());
    if (method.text() != "fileno") return result;
    at = way.size() - 3;
  }
  // Given to a call, itself or as its number.
  const Node list = at > 0 ? way[at - 1] : Node{};
  if (list.kind() == Kind::argument_list_ && at > 1) return use_of_argument(callee(way[at - 2]), lock_callee);
  if (list.kind() == Kind::keyword_argument_ && at > 2)
    return use_of_argument(callee(way[at - 3]), lock_callee);
  return result;
}

}  // namespace

std::vector<HandleUse> uses_of(const Code& code, Node scope, std::string_view variable,
                               const source::Range& lock) {
  const Node call = code.call_at(lock);
  const std::string_view lock_callee = call ? callee(call) : std::string_view();
  std::vector<HandleUse> result;
  for (const Node name : code.names(scope, variable)) {
    result.push_back({name, use_at(code.way(name), lock, lock_callee)});
  }
  return result;
}

}  // namespace lockwright::fixes::python
