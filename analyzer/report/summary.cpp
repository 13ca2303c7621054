// The lines that the formats for people share.
#include "analyzer/report/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "analyzer/report/display.h"
#include "analyzer/report/place.h"

namespace lockwright::report {
namespace {

std::string counted(std::size_t number, std::string_view word) {
  return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// How much of what was found can be repaired; "" if nothing.
std::string fix_line(const Report& report) {
  std::size_t safe = 0;
  std::size_t unsafe = 0;
  for (const findings::Judged& judged : report.findings) {
    if (judged.fixes.empty()) continue;
    const bool any_safe = std::ranges::any_of(judged.fixes, [](const findings::Fix& fix) {
      return fix.applicability == findings::Applicability::safe;
    });
    ++(any_safe ? safe : unsafe);
  }
  if (safe + unsafe == 0) return "";
  std::vector<std::string> parts;
  if (safe > 0) parts.push_back(fmt::format("{} with --fix", safe));
  if (unsafe > 0) parts.push_back(fmt::format("{} with --fix --unsafe-fixes", unsafe));
  return fmt::format("Fixable: {} (--diff shows how)\n", listed(parts));
}

}  // namespace

Counts count(const Report& report) {
  Counts counts;
  for (const findings::Judged& judged : report.findings) {
    if (judged.state == findings::State::suppressed) {
      ++counts.suppressed;
    } else if (judged.state == findings::State::baselined) {
      ++counts.baselined;
    } else if (judged.finding.severity == findings::Severity::error) {
      ++counts.errors;
    } else if (judged.finding.severity == findings::Severity::warning) {
      ++counts.warnings;
    } else {
      ++counts.infos;
    }
  }
  return counts;
}

std::string summary(const Report& report) {
  const Counts counts = count(report);
  std::vector<std::string> found;
  if (counts.errors > 0) found.push_back(counted(counts.errors, "error"));
  if (counts.warnings > 0) found.push_back(counted(counts.warnings, "warning"));
  if (counts.infos > 0) found.push_back(fmt::format("{} info", counts.infos));
  if (found.empty()) found.emplace_back("nothing");

  std::vector<std::string> silent;
  if (counts.suppressed > 0) silent.push_back(fmt::format("{} suppressed", counts.suppressed));
  if (counts.baselined > 0) silent.push_back(fmt::format("{} baselined", counts.baselined));

  std::string text = fmt::format("Found {} in {}", listed(found), counted(report.file_count, "file"));
  if (!silent.empty()) text += fmt::format(" ({})", listed(silent));
  text += '\n';
  if (report.fixed > 0) {
    text = fmt::format("Fixed {} in {}\n", counted(report.fixed, "finding"),
                       counted(report.fixed_files, "file")) +
           text;
  }
  text += fix_line(report);
  if (report.gone_from_baseline > 0) {
    const std::string entries = report.gone_from_baseline == 1 ? "1 entry of the baseline is"
                                                               : fmt::format("{} entries of the baseline are",
                                                                             report.gone_from_baseline);
    text += entries + " no longer found: write it anew with --write-baseline\n";
  }
  return text;
}

std::string note_lines(const Report& report, const Style& style) {
  std::string text;
  for (const source::Note& note : report.notes) {
    if (note.kind == source::NoteKind::bad_input) continue;
    const bool warning = note.kind == source::NoteKind::warning;
    std::string where = printable(note.path);
    if (note.line) where += fmt::format(":{}", *note.line);
    text += fmt::format("{}: {}: {}\n",
                        style.paint(warning ? Ink::warning : Ink::error, warning ? "warning" : "error"),
                        style.paint(Ink::path, where), printable(note.message));
  }
  return text;
}

std::string headline(const findings::Finding& finding, const Report& report, const Style& style) {
  const Place place = place_of(finding.primary, report.files);
  const std::string where =
      fmt::format("{}:{}:{}", printable(place.path), place.begin.line, place.begin.column);
  const std::string rule =
      fmt::format("{} {} {}", findings::severity_word(finding.severity), finding.rule, finding.rule_name);
  return fmt::format("{}: {}: {}\n", style.paint(Ink::path, where),
                     style.paint(ink_of(finding.severity), rule),
                     style.paint(Ink::strong, printable(finding.message)));
}

}  // namespace lockwright::report
