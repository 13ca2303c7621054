// See json.h.
#include "analyzer/lsp/json.h"

#include <fmt/format.h>

#include <limits>

namespace lockwright::lsp {

const Json& member(const Json& object, const char* name) {
  if (object.is_object()) {
    if (const auto found = object.find(name); found != object.end()) return *found;
  }
  throw RequestError(ErrorCode::invalid_params, fmt::format("'{}' is missing", name));
}

const std::string& text_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_string())
    throw RequestError(ErrorCode::invalid_params, fmt::format("'{}' is no string", name));
  return value.get_ref<const std::string&>();
}

std::uint32_t number_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max()) {
    throw RequestError(ErrorCode::invalid_params, fmt::format("'{}' is no unsigned integer", name));
  }
  return value.get<std::uint32_t>();
}

const Json& value_at(const Json& object, std::initializer_list<const char*> path) {
  static const Json nothing;
  const Json* value = &object;
  for (const char* const name : path) {
    if (!value->is_object()) return nothing;
    const auto found = value->find(name);
    if (found == value->end()) return nothing;
    value = &*found;
  }
  return *value;
}

bool is_set(const Json& object, std::initializer_list<const char*> path) {
  const Json& value = value_at(object, path);
  return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts_in(const Json& array) {
  std::vector<std::string> texts;
  if (!array.is_array()) return texts;
  for (const Json& each : array) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

std::string dumped(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lockwright::lsp
