// Headers are read leniently: of all fields only Content-Length counts, a line may end without its carriage
// return. A header without a length leaves no way to tell where its message ends; the reader then looks for
// the next "Content-Length:", and what lies before it is lost.
#include "analyzer/lsp/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace lockwright::lsp {
namespace {

constexpr std::string_view length_field = "content-length:";

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool starts_with_field(std::string_view line) {
  return line.size() >= length_field.size() &&
         std::equal(length_field.begin(), length_field.end(), line.begin(),
                    [](char left, char right) { return left == lower(right); });
}

/// Where the next header may begin, after the first line.
std::size_t next_header(std::string_view text) {
  for (std::size_t at = 1; at + length_field.size() <= text.size(); ++at) {
    if (starts_with_field(text.substr(at))) return at;
  }
  return std::string_view::npos;
}

/// The end of the header, behind its empty line.
std::size_t end_of_header(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    std::size_t next = at + 1;
    if (next < text.size() && text[next] == '\r') ++next;
    if (next < text.size() && text[next] == '\n') return next + 1;
  }
  return std::string_view::npos;
}

/// The length that a header says; nothing if it says none.
std::optional<std::size_t> length_in(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = header.find('\n');
    std::string_view line = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    if (!starts_with_field(line)) continue;
    line.remove_prefix(length_field.size());
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    std::size_t length = 0;
    const auto [stopped, error] = std::from_chars(line.data(), line.data() + line.size(), length);
    if (error != std::errc() || stopped != line.data() + line.size()) return std::nullopt;
    return length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<MessageReader::Item> MessageReader::next() {
  if (to_skip_ > 0) {
    const std::size_t skipped = std::min(to_skip_, buffer_.size());
    buffer_.erase(0, skipped);
    to_skip_ -= skipped;
    if (to_skip_ > 0) return std::nullopt;
  }
  const std::size_t body = end_of_header(buffer_);
  if (body == std::string::npos) {
    if (buffer_.size() > max_header_bytes) return resynchronize("a header does not end");
    return std::nullopt;
  }
  if (body > max_header_bytes) return resynchronize("a header is too long");
  const std::optional<std::size_t> length = length_in(std::string_view(buffer_).substr(0, body));
  if (!length) {
    const std::size_t at = next_header(std::string_view(buffer_).substr(0, body));
    buffer_.erase(0, at == std::string_view::npos ? body : at);
    if (std::exchange(resynchronizing_, false)) return next();
    return Item{true, "a header has no Content-Length"};
  }
  if (*length > max_message_bytes) {
    buffer_.erase(0, body);
    to_skip_ = *length;
    return Item{true, fmt::format("a message of {} bytes is too long", *length)};
  }
  if (buffer_.size() - body < *length) return std::nullopt;
  Item item{false, buffer_.substr(body, *length)};
  buffer_.erase(0, body + *length);
  resynchronizing_ = false;
  return item;
}

std::optional<MessageReader::Item> MessageReader::resynchronize(std::string why) {
  const std::size_t at = next_header(buffer_);
  if (at != std::string_view::npos) {
    buffer_.erase(0, at);
  } else {
    // The field's name may have come in part.
    buffer_.erase(0, buffer_.size() - std::min(buffer_.size() - 1, length_field.size() - 1));
  }
  if (resynchronizing_) return at == std::string_view::npos ? std::nullopt : next();
  resynchronizing_ = true;
  return Item{true, std::move(why)};
}

std::string framed(std::string_view message) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", message.size(), message);
}

}  // namespace lockwright::lsp
