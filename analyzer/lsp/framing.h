// The base protocol: messages in a stream of bytes, each behind a header that says how long it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lockwright::lsp {

/// Takes bytes as they come and gives whole messages. What cannot be a message is reported once and skipped
/// up to the next header, so that one bad message does not cost those after it.
class MessageReader {
 public:
  static constexpr std::size_t max_header_bytes = std::size_t{8} << 10;
  static constexpr std::size_t max_message_bytes = std::size_t{256} << 20;

  struct Item {
    bool broken = false;
    std::string text;  ///< the message; of a broken one, what is wrong with it
  };

  void feed(std::string_view bytes) { buffer_ += bytes; }

  /// The next message, or what is wrong with the bytes where it should be; nothing until more are fed.
  std::optional<Item> next();

  /// Whether part of a message has been read: the stream must not end here.
  [[nodiscard]] bool is_within_message() const { return !buffer_.empty() || to_skip_ > 0; }

 private:
  std::optional<Item> resynchronize(std::string why);

  std::string buffer_;
  std::size_t to_skip_ = 0;       ///< bytes of a message that is too long to be kept
  bool resynchronizing_ = false;  ///< what is wrong has been said; up to the next header nothing more is
};

/// A message with its header.
[[nodiscard]] std::string framed(std::string_view message);

}  // namespace lockwright::lsp
