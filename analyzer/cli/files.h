// Reading a small file whole, and writing one so that nobody ever sees half of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "analyzer/source/result.h"

namespace lockwright::cli {

/// The file's content. The error continues a sentence: "cannot be read (permission denied)".
[[nodiscard]] source::Result<std::string> read_file(const std::filesystem::path& path);

/// Replaces the file's content: written under a unique name beside it, then renamed over it, so that a reader
/// sees the old content or the new one and a failure leaves the old one. Permissions of an existing file are
/// kept, a symbolic link is followed. What is no regular file (a pipe, /dev/stdout) is written to directly.
/// The error continues a sentence: "cannot be written (no such file or directory)".
[[nodiscard]] std::optional<source::Error> write_file(const std::filesystem::path& path,
                                                      std::string_view content);

}  // namespace lockwright::cli
