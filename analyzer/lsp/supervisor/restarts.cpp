// See restarts.h.
#include "analyzer/lsp/supervisor/restarts.h"

#include <algorithm>

namespace lockwright::lsp {

bool Restarts::is_repeated(Clock::time_point now, bool before_it_took_over) {
  if (now - last_ > longest_pause + window) next_pause_ = first_pause;
  last_ = now;
  while (!crashes_.empty() && now - crashes_.front() > window) crashes_.pop_front();
  crashes_.push_back(now);
  if (crashes_.size() > too_many) crashes_.pop_front();
  return before_it_took_over || crashes_.size() == too_many;
}

Restarts::Clock::duration Restarts::pause() {
  const Clock::duration pause = next_pause_;
  next_pause_ = std::min<Clock::duration>(2 * next_pause_, longest_pause);
  return pause;
}

}  // namespace lockwright::lsp
