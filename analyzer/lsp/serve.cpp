// The process's side: bytes from one file descriptor to another, and the three ways in which a client goes:
// it says exit, it closes the stream, or its process ends and leaves the stream open.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "analyzer/lsp/framing.h"
#include "analyzer/lsp/process.h"
#include "analyzer/lsp/server.h"

namespace lockwright::lsp {
namespace {

constexpr int milliseconds_between_looks = 1000;
constexpr std::chrono::milliseconds patience{3000};

/// Writes all of it. What a client that has gone does not take is lost, and its end is noticed by the reader.
void write_all(int output, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(output, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

int serve(const Analyzer& analyzer, std::string_view version, int input, int output) {
  Server server(analyzer, version, [output](std::string_view bytes) { write_all(output, bytes); });
  MessageReader reader;
  std::array<char, std::size_t{1} << 16> bytes{};
  while (!server.is_over()) {
    pollfd readable{input, POLLIN, 0};
    const int ready = ::poll(&readable, 1, milliseconds_between_looks);
    if (server.client_process() != 0 && !is_alive(server.client_process())) break;
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t count = ::read(input, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    reader.feed({bytes.data(), static_cast<std::size_t>(count)});
    while (!server.is_over()) {
      const std::optional<MessageReader::Item> item = reader.next();
      if (!item) break;
      if (item->broken) {
        server.take_broken(item->text);
      } else {
        server.take(item->text);
      }
    }
  }
  const int code = server.is_over() && server.was_shut_down() ? 0 : 1;
  // Nobody waits for the analysis any more, and what it holds goes with the process.
  if (!server.stop(patience)) std::_Exit(code);
  return code;
}

}  // namespace lockwright::lsp
