// One message of JSON-RPC, as it came.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/lsp/json.h"

namespace lockwright::lsp {

struct Message {
  enum class Kind : std::uint8_t { request, notification, response, broken };

  Kind kind = Kind::broken;
  Json body;                                 ///< all of it
  Json id;                                   ///< null if it has none that could be answered to
  std::string method;                        ///< of requests and notifications
  ErrorCode error = ErrorCode::parse_error;  ///< of a broken one, to be answered to `id`
  std::string why;                           ///< ... in words

  [[nodiscard]] const Json& parameters() const { return value_at(body, {"params"}); }
};

/// Whatever is in it. Never throws.
[[nodiscard]] Message read_message(std::string_view text);

}  // namespace lockwright::lsp
