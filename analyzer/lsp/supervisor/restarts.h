// Whether it helps to start again.
#pragma once

#include <chrono>
#include <deque>

namespace lockwright::lsp {

/// Counts crashes. The time comes from outside.
class Restarts {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t too_many = 3;
  static constexpr std::chrono::seconds window{60};
  static constexpr std::chrono::seconds first_pause{2};
  static constexpr std::chrono::seconds longest_pause{300};

  /// Takes a crash down. Whether to start the same again is no use: it is one of too many within the window,
  /// or the server had not even taken over what the one before it crashed on.
  [[nodiscard]] bool is_repeated(Clock::time_point now, bool before_it_took_over);

  /// How long to go without what has been given up: each time twice as long, until it has been calm for the
  /// longest pause.
  [[nodiscard]] Clock::duration pause();

 private:
  std::deque<Clock::time_point> crashes_;  ///< those within the window
  Clock::time_point last_{};
  Clock::duration next_pause_ = first_pause;
};

}  // namespace lockwright::lsp
