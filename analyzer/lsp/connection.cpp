// See connection.h.
#include "analyzer/lsp/connection.h"

#include "analyzer/lsp/framing.h"

namespace lockwright::lsp {
namespace {

enum MessageType : int { error = 1, warning = 2, info = 3, log_only = 4 };

Json message_of(MessageType type, const std::string& text) {
  return {{"type", static_cast<int>(type)}, {"message", text}};
}

}  // namespace

void Connection::notify(std::string_view method, Json parameters) {
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(parameters)}});
}

void Connection::request(std::string_view id, std::string_view method, Json parameters) {
  Json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!parameters.is_null()) message["params"] = std::move(parameters);
  send(message);
}

void Connection::respond(const Json& id, Json result) {
  send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

void Connection::fail(const Json& id, ErrorCode code, const std::string& message) {
  send({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", static_cast<int>(code)}, {"message", message}}}});
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
