// Which configuration file counts: the first found on the way from the checked path to the root of the file
// system. A directory's own lockwright.toml comes before its pyproject.toml, and a pyproject.toml that does
// not speak of Lockwright is passed over, since most do not.
#include <array>

#include "analyzer/cli/config.h"
#include "analyzer/cli/error_line.h"
#include "analyzer/cli/files.h"

namespace lockwright::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> file_names = {"lockwright.toml", "pyproject.toml"};

/// The path as a person in `working_directory` would write it: relative if it is below, else whole.
std::string shown(const fs::path& path, const fs::path& working_directory) {
  const fs::path relative = path.lexically_relative(working_directory);
  const bool outside = relative.empty() || *relative.begin() == "..";
  return (outside ? path : relative).generic_string();
}

source::Result<std::optional<Config>> read_config(const fs::path& path, const ConfigRequest& request,
                                                  std::span<const findings::RuleInfo> rules) {
  const std::string origin = shown(path, request.working_directory);
  const source::Result<std::string> text = read_file(path);
  if (!text) {
    return error_about("configuration " + text.error().message, origin,
                       request.file ? "name another file" : "make it readable, or pass --isolated");
  }
  return parse_config(*text, path, origin, rules);
}

fs::path first_directory(const ConfigRequest& request) {
  const fs::path start = (request.working_directory / request.start).lexically_normal();
  std::error_code ignored;
  if (fs::is_directory(start, ignored)) return start.has_filename() ? start : start.parent_path();
  return start.parent_path();
}

Config none(const ConfigRequest& request) {
  Config config;
  config.directory = request.working_directory;
  return config;
}

}  // namespace

source::Result<Config> load_config(const ConfigRequest& request, std::span<const findings::RuleInfo> rules) {
  if (request.isolated) return none(request);
  if (request.file) {
    const fs::path path = (request.working_directory / *request.file).lexically_normal();
    source::Result<std::optional<Config>> config = read_config(path, request, rules);
    if (!config) return config.error();
    if (*config) return **config;
    return error_about("configuration has no table [tool.lockwright]", request.file->generic_string(),
                       "add the table, or name another file");
  }
  for (fs::path directory = first_directory(request);; directory = directory.parent_path()) {
    for (const std::string_view name : file_names) {
      const fs::path path = directory / name;
      std::error_code ignored;
      if (!fs::is_regular_file(path, ignored)) continue;
      source::Result<std::optional<Config>> config = read_config(path, request, rules);
      if (!config) return config.error();
      if (*config) return **config;
    }
    if (directory == directory.parent_path()) return none(request);
  }
}

}  // namespace lockwright::cli
