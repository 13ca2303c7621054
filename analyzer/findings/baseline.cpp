// The baseline file: written by hand a line at a time (a JSON library would put every field on its own line),
// read with the library.
#include "analyzer/findings/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace lockwright::findings {
namespace {

using nlohmann::json;

constexpr std::string_view version_key = "lockwright-baseline";
constexpr std::string_view findings_key = "findings";
constexpr std::string_view advice = "write it anew with --write-baseline";

source::Error broken(std::string_view origin, std::string_view what) {
  return {fmt::format("{}: {}: {}", what, origin, advice)};
}

std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string line_of(const BaselineEntry& entry) {
  return fmt::format(R"({{"path": {}, "rule": {}, "fingerprint": {}, "function": {}, "message": {}}})",
                     quoted(entry.path), quoted(entry.rule), quoted(entry.fingerprint),
                     quoted(entry.function), quoted(entry.message));
}

std::size_t line_at(std::string_view text, std::size_t byte) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, byte), '\n'));
}

/// The string under `key`, or "" with `missing` set.
std::string string_at(const json& object, const char* key, bool& missing) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    missing = true;
    return "";
  }
  return found->get<std::string>();
}

}  // namespace

std::string write_baseline(Baseline baseline) {
  std::ranges::sort(baseline.entries, [](const BaselineEntry& left, const BaselineEntry& right) {
    return std::tie(left.path, left.rule, left.fingerprint) <
           std::tie(right.path, right.rule, right.fingerprint);
  });
  std::string text =
      fmt::format("{{\n  \"{}\": {},\n  \"{}\": [", version_key, baseline_version, findings_key);
  const char* separator = "\n    ";
  for (const BaselineEntry& entry : baseline.entries) {
    text += separator + line_of(entry);
    separator = ",\n    ";
  }
  text += baseline.entries.empty() ? "]\n}\n" : "\n  ]\n}\n";
  return text;
}

source::Result<Baseline> read_baseline(std::string_view text, std::string_view origin) {
  json document;
  try {
    document = json::parse(text);
  } catch (const json::parse_error& error) {
    return broken(fmt::format("{}:{}", origin, line_at(text, error.byte)), "baseline is not valid JSON");
  }
  if (!document.is_object() || !document.contains(version_key)) {
    return broken(origin, fmt::format("not a baseline: no \"{}\" in it", version_key));
  }
  const json& version = document[std::string(version_key)];
  if (version != baseline_version) {
    return broken(origin, fmt::format("baseline has version {}, this release reads version {}",
                                      version.dump(), baseline_version));
  }
  const auto findings = document.find(findings_key);
  if (findings == document.end() || !findings->is_array()) {
    return broken(origin, fmt::format("baseline has no list \"{}\"", findings_key));
  }
  Baseline baseline;
  for (const json& item : *findings) {
    bool missing = !item.is_object();
    BaselineEntry entry;
    if (!missing) {
      entry = {string_at(item, "path", missing), string_at(item, "rule", missing),
               string_at(item, "fingerprint", missing), string_at(item, "function", missing),
               string_at(item, "message", missing)};
    }
    if (missing) {
      return broken(origin, fmt::format("baseline entry {} is not complete", baseline.entries.size() + 1));
    }
    baseline.entries.push_back(std::move(entry));
  }
  return baseline;
}

}  // namespace lockwright::findings
