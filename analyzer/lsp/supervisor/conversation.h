// What client and server have said to each other, as far as it must not be lost with the server.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lsp/client.h"
#include "analyzer/lsp/handover.h"
#include "analyzer/lsp/message.h"
#include "analyzer/lsp/supervisor/envelope.h"

namespace lockwright::lsp {

/// Follows both sides. It believes of the client's messages what the server believes of them, by the same
/// code.
class Conversation {
 public:
  /// A request of the client's that has no answer yet.
  struct Pending {
    Json id;
    std::string method;
  };

  /// Takes what the client says.
  void hear(const Message& message);
  /// Whether the server is to hear it, too. It is not if it is about a text that is left out.
  [[nodiscard]] bool is_for_server(const Message& message) const;

  /// Takes what the server says.
  void say(const Envelope& envelope, std::string_view text);
  /// Whether the client is to hear it, too. It is not what an earlier server has said for good, or what only
  /// we wait for.
  [[nodiscard]] bool is_for_client(const Envelope& envelope) const;

  /// Grows with everything that may make a difference to the analysis.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

  /// The next server begins: what it takes over.
  [[nodiscard]] Handover hand_over(unsigned incarnation);
  /// An initialize request that has no answer yet: a new server has to be sent it. Null if there is none.
  [[nodiscard]] const Json& unanswered_initialize() const;
  /// ... and never will have.
  void forget_initialize() { initialize_ = nullptr; }

  [[nodiscard]] bool is_initialized() const { return answered_; }
  [[nodiscard]] bool is_shut_down() const { return shut_down_; }
  void shut_down() { shut_down_ = true; }
  [[nodiscard]] const Client& client() const { return client_; }

  /// The server is gone: the requests that it owes an answer, and the tokens of the progress that it has
  /// begun. Initialize is none of them.
  [[nodiscard]] std::vector<Pending> take_pending();
  [[nodiscard]] std::vector<Json> take_progress();

  /// The URIs of the files for which the client still has diagnostics of a server before this incarnation; it
  /// will have none then.
  [[nodiscard]] std::vector<std::string> take_diagnosed(unsigned before_incarnation);

  /// Leaves the text that was changed last out: servers get an empty one in its place. Its path; nothing if
  /// no text was changed since the last time.
  [[nodiscard]] std::optional<std::string> leave_out();
  [[nodiscard]] bool leaves_out() const { return !left_out_.empty(); }
  /// Puts back what has changed since it was left out: what to tell the server.
  [[nodiscard]] std::vector<Json> put_back();

 private:
  void hear_request(const Message& message);
  void hear_notification(const Message& message);
  void open(const Json& parameters);
  void change(const Json& parameters);
  void close(const Json& parameters);
  void change_folders(const Json& parameters);
  void change_settings(const Json& parameters);
  void hear_response(const Json& message);
  void say_response(const Envelope& envelope);

  Json initialize_;  ///< the request
  bool answered_ = false;
  bool initialized_ = false;
  bool shut_down_ = false;
  Client client_;
  Json settings_;
  Documents documents_;
  std::map<std::string, std::shared_ptr<const std::string>> left_out_;  ///< by path: the text that it had
  std::optional<std::string> changed_last_;
  std::uint64_t changes_ = 0;

  std::vector<Pending> pending_;
  std::vector<Json> progress_;
  std::map<std::string, unsigned> diagnosed_;  ///< by URI: the server's incarnation
  unsigned incarnation_ = 0;
  bool registered_ = false;
};

}  // namespace lockwright::lsp
