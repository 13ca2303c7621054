// The executable: hands the process's arguments, streams and terminal to `run`.
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "analyzer/cli/run.h"

namespace {

std::optional<std::size_t> terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace

int main(int count, char** words) {
  // A reader that has seen enough (| head) closes the pipe: the write then fails, which `run` takes quietly.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);

  std::error_code error;
  const std::filesystem::path here = std::filesystem::current_path(error);
  if (error) {
    std::cerr << "lockwright: error: the working directory is gone: " << error.message()
              << ": change to another one\n";
    return lockwright::cli::exit_failure;
  }
  const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
  return lockwright::cli::run(arguments,
                              {.in = std::cin,
                               .out = std::cout,
                               .err = std::cerr,
                               .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                               .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                               .width = terminal_width(),
                               .working_directory = here,
                               .environment = [](const char* name) { return std::getenv(name); }},
                              lockwright::cli::real_services());
}
