// Bytes that are on their way to somebody who may be slow.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lockwright::lsp {

/// What a file descriptor does not take yet. Never waits.
class Outbox {
 public:
  /// From here on nothing more should be asked for that would be added.
  static constexpr std::size_t enough = std::size_t{1} << 20;

  /// `blocking`: writing to it may block, and that must not be changed, for others have it open as well.
  Outbox(int output, bool blocking) : output_(output), blocking_(blocking) {}

  /// Writes at once what can be written at once.
  void add(std::string_view bytes);
  /// Writes what can be written now. What somebody who has gone does not take is lost.
  void write();

  [[nodiscard]] bool is_empty() const { return waiting_.size() == written_; }
  [[nodiscard]] bool is_full() const { return waiting_.size() - written_ >= enough; }

 private:
  int output_;
  bool blocking_;
  bool gone_ = false;
  std::string waiting_;
  std::size_t written_ = 0;  ///< of what is waiting
};

}  // namespace lockwright::lsp
