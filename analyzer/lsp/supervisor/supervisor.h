// What is done when the server crashes: everything but the processes and the streams.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "analyzer/lsp/connection.h"
#include "analyzer/lsp/supervisor/conversation.h"
#include "analyzer/lsp/supervisor/restarts.h"

namespace lockwright::lsp {

/// Stands between the client and one server after the other. Relays what they say, and answers in the
/// server's place while there is none. Not thread-safe; the time comes from outside.
class Supervisor {
 public:
  using Clock = Restarts::Clock;

  /// Both take messages with their headers.
  struct Streams {
    Connection::Write to_client;
    Connection::Write to_server;                       ///< to the one that was started last
    std::function<void(const std::string& line)> log;  ///< for whoever looks into a crash
  };

  explicit Supervisor(Streams streams) : streams_(std::move(streams)), client_(streams_.to_client) {}

  /// Whether a server is to be started now.
  [[nodiscard]] bool wants_server() const { return state_ == State::wanting; }
  /// One is: what it takes over. Call server_started() once it can be written to.
  [[nodiscard]] Handover start_server();
  void server_started();
  /// ... or cannot be.
  void server_not_started(const std::string& why, Clock::time_point now);

  /// A message of the client, whatever is in it, and what came from it that was none.
  void take_from_client(std::string_view text, Clock::time_point now);
  void take_broken(const std::string& why);
  /// A message of the server.
  void take_from_server(std::string_view text);
  /// The server has ended, which nobody had asked of it.
  void server_ended(const std::string& how, Clock::time_point now);
  /// Call it now and then.
  void look_at_clock(Clock::time_point now);

  /// The client has said exit.
  [[nodiscard]] bool is_over() const { return over_; }
  /// ... after shutdown, as it should.
  [[nodiscard]] bool was_shut_down() const { return conversation_.is_shut_down(); }
  /// The client's process, 0 if it did not say or cannot be seen from here.
  [[nodiscard]] int client_process() const { return client_process_; }

 private:
  enum class State : std::uint8_t { wanting, running, given_up };

  void hear(const Message& message);
  void answer_alone(const Message& message);
  void fail(const Conversation::Pending& request, bool again);
  void clear_away();
  void give_up(const std::string& how, Clock::time_point now);
  void clear_diagnostics(unsigned before_incarnation);

  Streams streams_;
  Connection client_;
  Conversation conversation_;
  Restarts restarts_;
  State state_ = State::wanting;
  unsigned started_ = 0;         ///< how many servers were
  bool taken_over_ = false;      ///< what the one before knew
  bool told_ = false;            ///< that there was a crash
  std::set<std::string> named_;  ///< the files that were said to be left out
  Clock::time_point try_again_{};
  std::uint64_t changes_then_ = 0;  ///< when it was given up
  std::size_t refreshes_ = 0;
  bool over_ = false;
  int client_process_ = 0;
};

}  // namespace lockwright::lsp
