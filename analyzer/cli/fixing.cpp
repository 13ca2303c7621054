// Every round proves its fixes anew, on the texts that the round before has made: a fix is never applied to
// anything but the very text that it was proved on.
#include "analyzer/cli/fixing.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "analyzer/cli/files.h"
#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/diff.h"
#include "analyzer/fixes/prove.h"
#include "analyzer/source/file_reader.h"

namespace lockwright::cli {
namespace {

constexpr int max_rounds = 16;

using findings::Fix;
using findings::Judged;

/// The texts that a run with repairs sees: those of the rounds before, and `more`.
std::vector<source::InMemoryFile> texts_of(const Repairs& repairs,
                                           const std::vector<fixes::ChangedFile>& more) {
  std::map<std::string, std::string> texts;
  for (const auto& [path, file] : repairs.files) texts[path] = file.after;
  for (const fixes::ChangedFile& file : more) texts[file.path] = file.text;
  std::vector<source::InMemoryFile> result;
  for (auto& [path, text] : texts) result.push_back({path, std::move(text)});
  return result;
}

fixes::Census census_of(const Judgement& judgement) {
  return {judgement.triage.findings, *judgement.analysis.files, judgement.analysis.notes};
}

void find_fixes(Judgement& judgement, const Repairs& repairs, const AnalyseAgain& again) {
  fixes::find_fixes(judgement.triage.findings, *judgement.analysis.files, judgement.analysis.notes,
                    [&](const std::vector<fixes::ChangedFile>& changed) -> std::optional<fixes::Census> {
                      const source::Result<Judgement> next = again(texts_of(repairs, changed));
                      if (!next) return std::nullopt;
                      return census_of(*next);
                    });
}

/// What this round applies: of each finding the first fix that may be, if no other is in its way.
struct Round {
  std::vector<const Fix*> fixes;
  std::vector<fixes::Census::Key> repaired;
};

Round next_round(const Judgement& judgement, Wanted wanted, const std::set<std::string>& untouched,
                 std::size_t limit) {
  const auto allowed = [&](const Fix& fix) {
    return (wanted.unsafe || (wanted.library && fix.library) ||
            fix.applicability == findings::Applicability::safe) &&
           std::ranges::none_of(fix.edits, [&](const findings::Edit& edit) {
             return untouched.contains(std::string(judgement.analysis.files->path(edit.range.file)));
           });
  };
  Round round;
  for (const Judged& judged : judgement.triage.findings) {
    if (round.fixes.size() == limit) break;
    auto fix = judged.fixes.end();
    if (wanted.library) {
      fix =
          std::ranges::find_if(judged.fixes, [&](const Fix& each) { return each.library && allowed(each); });
    }
    if (fix == judged.fixes.end()) fix = std::ranges::find_if(judged.fixes, allowed);
    if (fix == judged.fixes.end()) continue;
    const bool free = std::ranges::none_of(
        round.fixes, [&](const Fix* other) { return fixes::overlap(other->edits, fix->edits); });
    if (!free) continue;
    round.fixes.push_back(&*fix);
    round.repaired.push_back(fixes::Census::key(judged.finding, *judgement.analysis.files));
  }
  return round;
}

}  // namespace

std::vector<source::InMemoryFile> laid_over(std::vector<source::InMemoryFile> below,
                                            const std::vector<source::InMemoryFile>& texts) {
  for (const source::InMemoryFile& text : texts) {
    const auto same = std::ranges::find(below, text.path, &source::InMemoryFile::path);
    if (same == below.end()) {
      below.push_back(text);
    } else {
      same->text = text.text;
    }
  }
  return below;
}

void find_fixes(Judgement& judgement, const AnalyseAgain& again) {
  find_fixes(judgement, Repairs{}, again);
}

Repairs repair(Judgement& judgement, Wanted wanted, const std::set<std::string>& untouched,
               const AnalyseAgain& again) {
  Repairs repairs;
  std::size_t limit = static_cast<std::size_t>(-1);
  for (int number = 0; number < max_rounds; ++number) {
    const Round round = next_round(judgement, wanted, untouched, limit);
    if (round.fixes.empty()) break;
    const std::vector<fixes::ChangedFile> changed = fixes::changed_by(round.fixes, *judgement.analysis.files);
    source::Result<Judgement> next = again(texts_of(repairs, changed));
    if (!next) break;
    if (!census_of(*next).repairs(census_of(judgement), round.repaired)) {
      // Each was proved, but not in this company: one at a time.
      if (limit == 1) break;
      limit = 1;
      continue;
    }
    for (const fixes::ChangedFile& file : changed) {
      const std::optional<source::FileId> id = judgement.analysis.files->find(file.path);
      RepairedFile& repaired =
          repairs.files
              .try_emplace(file.path,
                           RepairedFile{std::string(judgement.analysis.files->get(*id)->text()), ""})
              .first->second;
      repaired.after = file.text;
    }
    repairs.findings += round.fixes.size();
    judgement = std::move(*next);
    find_fixes(judgement, repairs, again);
  }
  return repairs;
}

std::optional<source::Error> why_not_written(const std::string& directory, const std::string& path,
                                             const RepairedFile& file) {
  const std::filesystem::path place = std::filesystem::path(directory) / path;
  const source::Result<std::string> now = read_file(place);
  if (!now) return now.error();
  if (*now != file.before) return source::Error{"has changed since it was analysed"};
  if (::access(place.c_str(), W_OK) != 0) {
    return source::Error{"cannot be written (" + source::describe_errno(errno) + ")"};
  }
  return std::nullopt;
}

std::string diff_of(const Repairs& repairs) {
  std::string diff;
  for (const auto& [path, file] : repairs.files) diff += fixes::unified_diff(path, file.before, file.after);
  return diff;
}

}  // namespace lockwright::cli
