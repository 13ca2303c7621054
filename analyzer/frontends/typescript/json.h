// JSON as people write it into configuration files: with comments and trailing commas. Internal to the
// frontend.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "analyzer/source/result.h"

namespace lockwright::frontends::typescript {

/// The text without comments, trailing commas and byte order mark; lines stay what they are.
std::string plain_json(std::string_view text);

/// The value of a configuration file. The error continues the file's path: "is not JSON (line 3)".
source::Result<nlohmann::json> parse_json(std::string_view text);

}  // namespace lockwright::frontends::typescript
