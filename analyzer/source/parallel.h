// A loop over independent pieces of work on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace lockwright::source {

/// The number of threads to use when `requested` were asked for; 0 means one a processor.
[[nodiscard]] inline unsigned effective_jobs(unsigned requested) {
  return requested != 0 ? requested : std::max(1U, std::thread::hardware_concurrency());
}

/// Runs `body(worker)` once on each of up to `workers` threads, worker 0 being the calling thread, and
/// returns when all are done. Where the system gives fewer threads, fewer run: `body` must take its share
/// from what is left, not from its number. It must not throw.
template <typename Body>
void run_workers(unsigned workers, const Body& body) {
  std::vector<std::jthread> threads;
  threads.reserve(workers);
  bool more = true;  // false: the system has no more threads to give
  for (unsigned worker = 1; more && worker < workers; ++worker) {
    try {
      threads.emplace_back([&body, worker] { body(worker); });
    } catch (const std::system_error&) {
      more = false;
    }
  }
  body(0U);
}

/// Calls `body(index, worker)` once for every index in [0, count), on at most `jobs` threads, and returns
/// when all calls are done. `worker` < `jobs` tells the threads apart, so that each can have scratch memory
/// of its own. Indices are handed out `batch` at a time, in ascending order. What `body` throws is thrown
/// here when all threads have ended: the first of it; the rest of its batch then has had no call.
template <typename Body>
void parallel_for(unsigned jobs, std::size_t count, const Body& body, std::size_t batch = 8) {
  const std::size_t batches = (count + batch - 1) / batch;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  run_workers(static_cast<unsigned>(std::min<std::size_t>(jobs, batches)), [&](unsigned worker) {
    try {
      for (;;) {
        const std::size_t begin = next.fetch_add(batch, std::memory_order_relaxed);
        if (begin >= count) return;
        const std::size_t end = std::min(begin + batch, count);
        for (std::size_t index = begin; index < end; ++index) body(index, worker);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lockwright::source
