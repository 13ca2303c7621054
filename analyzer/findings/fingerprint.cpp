// Fingerprints: what makes a finding itself, hashed. Equal ones (the same statement twice in one function)
// are told apart by counting, from the top of the file down.
#include "analyzer/findings/fingerprint.h"

#include <string_view>
#include <unordered_map>

#include "analyzer/findings/sha256.h"

namespace lockwright::findings {
namespace {

constexpr std::string_view scheme = "lockwright/v1";
constexpr std::size_t digits = 32;
constexpr std::string_view white_space = " \t\r\n\f\v";

std::string normalised(std::string_view line) {
  std::string words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(white_space);
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(line.find_first_of(white_space, begin), line.size());
    if (!words.empty()) words += ' ';
    words += line.substr(begin, end - begin);
    line.remove_prefix(end);
  }
}

std::string primary_line(const Finding& finding, const source::FileTable& files) {
  const source::SourceFile* const file = files.get(finding.primary.file);
  if (file == nullptr) return "";
  return normalised(file->lines().line_text(file->lines().line_of(finding.primary.begin)));
}

}  // namespace

std::vector<std::string> fingerprints(std::span<const Finding> findings, const source::FileTable& files,
                                      const ProjectPaths& paths) {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> seen;
  for (const Finding& finding : findings) {
    std::string identity;
    const auto add = [&](std::string_view part) {
      identity += part;
      identity += '\0';
    };
    add(scheme);
    add(finding.rule);
    add(paths.of(files.path(finding.primary.file)));
    add(finding.function);
    add(primary_line(finding, files));
    add(std::to_string(seen[identity]++));
    names.push_back(sha256_hex(identity).substr(0, digits));
  }
  return names;
}

}  // namespace lockwright::findings
