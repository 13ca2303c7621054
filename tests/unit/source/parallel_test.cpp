// Every index once, whatever the number of threads.
#include "analyzer/source/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace lockwright::source {
namespace {

TEST(ParallelFor, CallsEveryIndexOnce) {
  for (const unsigned jobs : {1U, 2U, 5U, 64U}) {
    for (const std::size_t count : {0UL, 1UL, 7UL, 8UL, 9UL, 1000UL}) {
      std::vector<std::atomic<int>> calls(count);
      std::atomic<unsigned> highest_worker{0};
      parallel_for(jobs, count, [&](std::size_t index, unsigned worker) {
        ++calls[index];
        unsigned seen = highest_worker;
        while (worker > seen && !highest_worker.compare_exchange_weak(seen, worker)) {
        }
      });
      for (std::size_t index = 0; index < count; ++index) EXPECT_EQ(calls[index], 1) << jobs << " " << index;
      EXPECT_LT(highest_worker, jobs);
    }
  }
}

TEST(ParallelFor, ThrowsWhatAnyThreadThrows) {
  for (const std::size_t guilty : {0UL, 500UL, 999UL}) {
    const auto run = [&] {
      parallel_for(4, 1000, [&](std::size_t index, unsigned /*worker*/) {
        if (index == guilty) throw std::runtime_error("thrown");
      });
    };
    EXPECT_THROW(run(), std::runtime_error) << guilty;
  }
}

TEST(EffectiveJobs, ZeroMeansTheMachines) {
  EXPECT_GE(effective_jobs(0), 1U);
  EXPECT_EQ(effective_jobs(3), 3U);
}

}  // namespace
}  // namespace lockwright::source
