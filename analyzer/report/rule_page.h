// Where the rules' pages are on the web.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace lockwright::report {

/// The project's home, and the folder of the rules' pages in it.
inline constexpr std::string_view project_uri = "https://github.com/lockwright/lockwright";
inline constexpr std::string_view rule_page_uri = "https://github.com/lockwright/lockwright/blob/main/rules";

[[nodiscard]] inline std::string rule_page_address(std::string_view rule_name) {
  return fmt::format("{}/{}/rule.md", rule_page_uri, rule_name);
}

}  // namespace lockwright::report
