// See message.h.
#include "analyzer/lsp/message.h"

#include <utility>

namespace lockwright::lsp {
namespace {

bool is_id(const Json& id) {
  return id.is_string() || id.is_number_integer();
}

}  // namespace

Message read_message(std::string_view text) {
  Message message;
  message.body = Json::parse(text, nullptr, false);
  if (message.body.is_discarded()) {
    message.body = nullptr;
    message.why = "the message is no JSON";
    return message;
  }
  const Json& id = value_at(message.body, {"id"});
  const Json& method = value_at(message.body, {"method"});
  if (is_id(id)) message.id = id;
  const bool answers = message.body.contains("result") || message.body.contains("error");
  if (answers && !method.is_string()) {
    message.kind = Message::Kind::response;
  } else if (value_at(message.body, {"jsonrpc"}) != "2.0" || !method.is_string() ||
             !(id.is_null() || is_id(id))) {
    message.error = ErrorCode::invalid_request;
    message.why = "the message is no JSON-RPC 2.0 request";
  } else {
    message.method = method.get<std::string>();
    message.kind = message.body.contains("id") ? Message::Kind::request : Message::Kind::notification;
  }
  return message;
}

}  // namespace lockwright::lsp
