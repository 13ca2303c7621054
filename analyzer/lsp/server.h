// The language server: `lockwright server`.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "analyzer/lsp/checker.h"
#include "analyzer/lsp/connection.h"
#include "analyzer/lsp/worker.h"
#include "analyzer/lsp/world.h"

namespace lockwright::lsp {

/// The reader's side: takes messages one at a time, keeps the client's documents, answers what can be
/// answered at once, and leaves the rest to the worker.
class Server {
 public:
  Server(const Analyzer& analyzer, std::string_view version, Connection::Write write);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Takes one message, whatever is in it.
  void take(std::string_view message);
  /// What came was no message.
  void take_broken(const std::string& why);

  /// The client has said exit.
  [[nodiscard]] bool is_over() const { return over_; }
  /// ... after shutdown, as it should.
  [[nodiscard]] bool was_shut_down() const { return state_ == State::shut_down; }
  /// The client's process, 0 if it did not say or cannot be seen from here (it runs in another container).
  [[nodiscard]] int client_process() const { return client_process_; }

  /// Ends the worker; false if it is busy for longer than that.
  [[nodiscard]] bool stop(std::chrono::milliseconds patience);

 private:
  enum class State : std::uint8_t { uninitialized, initialized, shut_down };

  void take_request(const Json& id, const std::string& method, const Json& parameters);
  void take_notification(const std::string& method, const Json& parameters);
  void take_response(const Json& message);

  Json initialize(const Json& parameters);
  void initialized();
  void register_watchers();
  void open(const Json& parameters);
  void change(const Json& parameters);
  void close(const Json& parameters);
  void save(const Json& parameters);
  void change_folders(const Json& parameters);
  void change_watched(const Json& parameters);
  void change_settings(const Json& parameters);
  void set_settings(const Json& settings);
  Json execute(const Json& parameters);
  void tell_worker(Update update);

  const Analyzer& analyzer_;
  std::string_view version_;
  Connection connection_;
  Client client_;
  World world_;
  State state_ = State::uninitialized;
  bool over_ = false;
  int client_process_ = 0;
  std::unique_ptr<Worker> worker_;  ///< last: its thread uses the others
};

/// Serves a client on these file descriptors until it says exit or is gone. The process's exit code.
[[nodiscard]] int serve(const Analyzer& analyzer, std::string_view version, int input, int output);

}  // namespace lockwright::lsp
