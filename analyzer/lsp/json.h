// JSON as the server reads it: what is missing or of the wrong kind is invalid parameters, and nothing else.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace lockwright::lsp {

using Json = nlohmann::json;

/// The error codes of JSON-RPC and of the protocol that are in use here.
enum class ErrorCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  server_not_initialized = -32002,
  request_cancelled = -32800,
  content_modified = -32801,
};

/// A request is answered with this error. Never leaves the stage.
struct RequestError : std::runtime_error {
  RequestError(ErrorCode error_code, const std::string& message)
      : std::runtime_error(message), code(error_code) {}
  ErrorCode code;
};

/// Throws RequestError (invalid_params) where a member is missing or of the wrong kind.
[[nodiscard]] const Json& member(const Json& object, const char* name);
[[nodiscard]] const std::string& text_member(const Json& object, const char* name);
[[nodiscard]] std::uint32_t number_member(const Json& object, const char* name);

/// The value at a path of member names; null where there is none. Never throws.
[[nodiscard]] const Json& value_at(const Json& object, std::initializer_list<const char*> path);
/// Whether the value there is `true`.
[[nodiscard]] bool is_set(const Json& object, std::initializer_list<const char*> path);
/// The texts in an array; what is no text is left out.
[[nodiscard]] std::vector<std::string> texts_in(const Json& array);

/// The bytes of a message; what is not UTF-8 in it is replaced.
[[nodiscard]] std::string dumped(const Json& message);

}  // namespace lockwright::lsp
