// What goes out to the client.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "analyzer/lsp/json.h"

namespace lockwright::lsp {

/// Writes messages. May be used from several threads.
class Connection {
 public:
  using Write = std::function<void(std::string_view bytes)>;
  explicit Connection(Write write) : write_(std::move(write)) {}

  void notify(std::string_view method, Json parameters);
  /// `id` must be a text of ours that no open request has.
  void request(std::string_view id, std::string_view method, Json parameters);
  void respond(const Json& id, Json result);
  void fail(const Json& id, ErrorCode code, const std::string& message);

  /// The client's log, for what nobody has to see.
  void log(const std::string& message);
  void show_error(const std::string& message);
  void show_warning(const std::string& message);

 private:
  void send(const Json& message);

  std::mutex mutex_;
  Write write_;
};

}  // namespace lockwright::lsp
