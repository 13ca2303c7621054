// The thread that analyses. The reader hands it updates and questions, and is never kept waiting.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "analyzer/lsp/connection.h"
#include "analyzer/lsp/workbench.h"

namespace lockwright::lsp {

/// Takes updates before questions, and only the newest of the updates that have come meanwhile; so a question
/// is answered from the newest text.
class Worker {
 public:
  using Question = std::function<Json(Workbench&, const Cancelled&)>;

  Worker(Connection& connection, const Client& client, const Analyzer& analyzer);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void update(Update update);
  void ask(Json id, Question question);
  /// The request of this id is not wanted any more.
  void cancel(const Json& id);

  /// Ends the thread when it has finished what it is at. Whether that was soon; if not, only ending the
  /// process is left.
  [[nodiscard]] bool stop(std::chrono::milliseconds patience);

 private:
  struct Asked {
    Json id;
    Question question;
  };

  void run();
  void answer(const Asked& asked);

  Connection& connection_;
  Workbench workbench_;  ///< the thread's own
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Update> update_;
  std::deque<Asked> questions_;
  Json current_;  ///< the id of the question that is being answered
  std::atomic<bool> cancelled_{false};
  bool stopping_ = false;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace lockwright::lsp
