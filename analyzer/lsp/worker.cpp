// See worker.h.
#include "analyzer/lsp/worker.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace lockwright::lsp {
namespace {

/// How long nothing happens before there is time for what is put off.
constexpr std::chrono::milliseconds quiet{1500};

}  // namespace

Worker::Worker(Connection& connection, const Client& client, const Analyzer& analyzer)
    : connection_(connection), workbench_(connection, client, analyzer), thread_([this] { run(); }) {}

Worker::~Worker() {
  if (thread_.joinable()) {
    static_cast<void>(stop(std::chrono::milliseconds(0)));
    if (thread_.joinable()) thread_.join();
  }
}

void Worker::update(Update update) {
  const std::lock_guard lock(mutex_);
  if (update_) {
    update_->add(std::move(update));
  } else {
    update_ = std::move(update);
  }
  changed_.notify_all();
}

void Worker::ask(Json id, Question question) {
  const std::lock_guard lock(mutex_);
  questions_.push_back({std::move(id), std::move(question)});
  changed_.notify_all();
}

void Worker::cancel(const Json& id) {
  {
    const std::lock_guard lock(mutex_);
    if (!current_.is_null() && current_ == id) {
      cancelled_ = true;
      return;
    }
    const auto asked =
        std::find_if(questions_.begin(), questions_.end(), [&](const Asked& each) { return each.id == id; });
    if (asked == questions_.end()) return;  // answered already
    questions_.erase(asked);
  }
  connection_.fail(id, ErrorCode::request_cancelled, "cancelled");
}

bool Worker::stop(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  cancelled_ = true;
  changed_.notify_all();
  const bool soon = changed_.wait_for(lock, patience, [&] { return ended_; });
  lock.unlock();
  if (soon) thread_.join();
  return soon;
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  bool rested = true;
  while (!stopping_) {
    if (update_) {
      const Update update = std::move(*update_);
      update_.reset();
      lock.unlock();
      try {
        workbench_.update(update);
      } catch (const std::exception& failure) {
        connection_.log(std::string("An update failed: ") + failure.what());
      }
      rested = false;
      lock.lock();
    } else if (!questions_.empty()) {
      const Asked asked = std::move(questions_.front());
      questions_.pop_front();
      current_ = asked.id;
      cancelled_ = false;
      lock.unlock();
      answer(asked);
      lock.lock();
      current_ = nullptr;
    } else if (rested) {
      changed_.wait(lock);
    } else if (changed_.wait_for(lock, quiet) == std::cv_status::timeout) {
      rested = true;
      lock.unlock();
      workbench_.rest();
      lock.lock();
    }
  }
  ended_ = true;
  changed_.notify_all();
}

void Worker::answer(const Asked& asked) {
  try {
    Json result = asked.question(workbench_, [this] { return cancelled_.load(); });
    connection_.respond(asked.id, std::move(result));
  } catch (const RequestError& error) {
    connection_.fail(asked.id, error.code, error.what());
  } catch (const std::exception& failure) {
    connection_.fail(asked.id, ErrorCode::internal_error, failure.what());
  }
}

}  // namespace lockwright::lsp
