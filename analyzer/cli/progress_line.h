// "parsing 812/2093": a line on the terminal while a run takes long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <iosfwd>
#include <mutex>
#include <thread>

#include "analyzer/cli/analysis.h"

namespace lockwright::cli {

/// Shows `progress` on `out` from `delay` after construction until destruction, which erases it. A run that
/// is over earlier shows nothing. Watches from a thread of its own, and only if `wanted` (a terminal).
class ProgressLine {
 public:
  ProgressLine(const Progress& progress, std::ostream& out, bool wanted,
               std::chrono::milliseconds delay = std::chrono::seconds(1));
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

 private:
  void watch();
  void show();

  const Progress& progress_;
  std::ostream& out_;
  std::chrono::milliseconds delay_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::thread watcher_;
};

}  // namespace lockwright::cli
