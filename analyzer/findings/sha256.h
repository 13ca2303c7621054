// SHA-256 (FIPS 180-4), for fingerprints that must be the same on every machine and in every release.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::findings {

/// The digest of `bytes` as 64 lower-case hexadecimal digits, as `sha256sum` prints it.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace lockwright::findings
