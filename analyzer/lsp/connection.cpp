// See connection.h.
#include "analyzer/lsp/connection.h"

#include <fmt/format.h>

#include "analyzer/lsp/framing.h"

namespace lockwright::lsp {
namespace {

enum MessageType : int { error = 1, warning = 2, info = 3, log_only = 4 };

Json message_of(MessageType type, const std::string& text) {
  return {{"type", static_cast<int>(type)}, {"message", text}};
}

}  // namespace

std::string Connection::own(std::string_view name) const {
  return incarnation_ == 0 ? std::string(name) : fmt::format("{}#{}", name, incarnation_);
}

void Connection::notify(std::string_view method, Json parameters) {
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(parameters)}});
}

void Connection::request(std::string_view id, std::string_view method, Json parameters) {
  Json message = {{"jsonrpc", "2.0"}, {"id", own(id)}, {"method", method}};
  if (!parameters.is_null()) message["params"] = std::move(parameters);
  send(message);
}

void Connection::respond(const Json& id, Json result) {
  send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

void Connection::fail(const Json& id, ErrorCode code, const std::string& message, Json data) {
  Json error = {{"code", static_cast<int>(code)}, {"message", message}};
  if (!data.is_null()) error["data"] = std::move(data);
  send({{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}});
}

void Connection::log(const std::string& message) {
  notify("window/logMessage", message_of(info, message));
}

void Connection::show_error(const std::string& message) {
  notify("window/showMessage", message_of(error, message));
}

void Connection::show_warning(const std::string& message) {
  notify("window/showMessage", message_of(warning, message));
}

void Connection::send(const Json& message) {
  const std::string text = framed(dumped(message));
  const std::lock_guard lock(mutex_);
  write_(text);
}

}  // namespace lockwright::lsp
