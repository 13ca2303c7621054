// The progress line: drawn over itself from the start of the line, and wiped by the escape that clears a
// line.
#include "analyzer/cli/progress_line.h"

#include <fmt/format.h>

#include <ostream>

namespace lockwright::cli {
namespace {

constexpr std::chrono::milliseconds between_updates{100};
constexpr const char* clear_line = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(const Progress& progress, std::ostream& out, bool wanted,
                           std::chrono::milliseconds delay)
    : progress_(progress), out_(out), delay_(delay) {
  if (wanted) watcher_ = std::thread([this] { watch(); });
}

ProgressLine::~ProgressLine() {
  if (!watcher_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_one();
  watcher_.join();
}

void ProgressLine::watch() {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return over_; };
  if (ended_.wait_for(lock, delay_, over)) return;
  do {
    show();
  } while (!ended_.wait_for(lock, between_updates, over));
  out_ << clear_line << std::flush;
}

void ProgressLine::show() {
  const std::size_t total = progress_.total.load();
  std::string text = progress_.stage.load();
  if (text.empty()) text = "working";
  if (total > 0) text += fmt::format(" {}/{}", progress_.done.load(), total);
  out_ << clear_line << text << std::flush;
}

}  // namespace lockwright::cli
