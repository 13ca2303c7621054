// update_file() for JSON. A header of its own, since it shows nlohmann::json.
#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lockwright/replace_file.h"

namespace lockwright::runtime {

/// Parses the file, lets `fn` change the value, and replaces the file by it, under the file's lock; returns
/// the new value. If there is no file, `fn` gets `missing`. A file that is not JSON (an empty one is not)
/// throws nlohmann::json::parse_error and stays as it is. Otherwise like update_file().
template <typename Fn>
nlohmann::json update_json(const std::filesystem::path& path, Fn&& fn,
                           const nlohmann::json& missing = nullptr,
                           std::optional<std::chrono::milliseconds> timeout = {}) {
  nlohmann::json value;
  update_file(
      path,
      [&](const std::optional<std::string>& text) {
        value = text ? nlohmann::json::parse(*text) : missing;
        fn(value);
        return value.dump(2) + "\n";
      },
      timeout);
  return value;
}

}  // namespace lockwright::runtime
