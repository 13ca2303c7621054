// The C++ locks; the arguments are those of locks.py.
#include <fcntl.h>
#include <unistd.h>

#include <boost/interprocess/sync/file_lock.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "lockwright/file_lock.h"

namespace {

using Clock = std::chrono::steady_clock;

template <typename Step>
double uncontended(double seconds, Step step) {
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const auto began = Clock::now();
    const auto end = began + std::chrono::duration<double>(seconds / 5);
    long count = 0;
    while (Clock::now() < end) {
      for (int one = 0; one < 50; ++one) step([] {});
      count += 50;
    }
    best = std::max(best,
                    static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - began).count());
  }
  return best;
}

void compute(std::chrono::microseconds work) {
  for (const auto end = Clock::now() + work; Clock::now() < end;) {
  }
}

template <typename Step>
long contended(double seconds, std::chrono::microseconds work, const std::string& path, Step step) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  long count = 0;
  for (; Clock::now() < end; ++count) {
    step([file, work] {
      char text[24] = {};
      if (::pread(file, text, 20, 0) < 0) std::abort();
      const int length = std::snprintf(text, sizeof text, "%020ld", std::strtol(text, nullptr, 10) + 1);
      if (::pwrite(file, text, static_cast<std::size_t>(length), 0) < 0) std::abort();
      if (work.count() > 0) compute(work);
    });
    if (work.count() > 0) compute(work);
  }
  return count;
}

template <typename Step>
void run(char** arguments, Step step) {
  const std::string path = arguments[2];
  const double seconds = std::strtod(arguments[4], nullptr);
  if (std::string(arguments[3]) != "contended") {
    std::cout << uncontended(seconds, step) << '\n';
    return;
  }
  std::cout << "ready" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  std::cout << contended(seconds, std::chrono::microseconds(std::atol(arguments[5])), path, step) << '\n';
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5 || (count < 6 && std::string(arguments[3]) == "contended")) return 2;
  const std::string name = arguments[1];
  const std::string path = arguments[2];
  if (name.starts_with("lockwright")) {
    const lockwright::runtime::FileLock lock(path, {.keep_open = name == "lockwright, keep_open"});
    run(arguments, [&](auto section) {
      const auto hold = lock.acquire();
      section();
    });
  } else {
    const std::string lock_path = path + ".lock";
    std::ofstream(lock_path, std::ios::app);
    boost::interprocess::file_lock lock(lock_path.c_str());
    run(arguments, [&](auto section) {
      const boost::interprocess::scoped_lock<boost::interprocess::file_lock> hold(lock);
      section();
    });
  }
}
