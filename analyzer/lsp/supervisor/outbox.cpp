// poll(2) says of a pipe or a socket that it can be written to when there is room for a page at least: so
// much is written without being kept waiting, even where a longer write would.
#include "analyzer/lsp/supervisor/outbox.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace lockwright::lsp {
namespace {

constexpr std::size_t page = 4096;

bool is_writable(int output) {
  pollfd writable{output, POLLOUT, 0};
  return ::poll(&writable, 1, 0) > 0;
}

}  // namespace

void Outbox::add(std::string_view bytes) {
  if (gone_) return;
  waiting_ += bytes;
  write();
}

void Outbox::write() {
  while (!is_empty()) {
    if (blocking_ && !is_writable(output_)) break;
    const std::size_t left = waiting_.size() - written_;
    const ssize_t count =
        ::write(output_, waiting_.data() + written_, blocking_ ? std::min(left, page) : left);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count < 0) {
      gone_ = true;
      written_ = waiting_.size();
      break;
    }
    written_ += static_cast<std::size_t>(count);
  }
  // What is written is let go when it is most of what there is, not bit by bit.
  if (written_ < waiting_.size() / 2) return;
  waiting_.erase(0, written_);
  written_ = 0;
}

}  // namespace lockwright::lsp
