// Proving by halves: a set of fixes is tried as a whole; if that does not hold, each half for itself, down to
// single fixes. What fails alone is dropped.
#include "analyzer/fixes/prove.h"

#include <algorithm>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/propose.h"

namespace lockwright::fixes {
namespace {

/// "f.<locals>.<arrow>" for "f.<locals>.<arrow@150>": functions without a name are called by their line,
/// which an edit above them changes.
std::string without_lines(std::string_view function) {
  std::string result;
  for (std::size_t i = 0; i < function.size(); ++i) {
    if (function[i] != '@') {
      result += function[i];
      continue;
    }
    while (i + 1 < function.size() && function[i + 1] >= '0' && function[i + 1] <= '9') ++i;
  }
  return result;
}

}  // namespace

using findings::Edit;
using findings::Fix;
using findings::Judged;

Census::Census(std::span<const Judged> findings, const source::FileTable& files,
               std::span<const source::Note> notes) {
  for (const Judged& judged : findings) ++findings_[key(judged.finding, files)];
  for (const source::Note& note : notes) ++notes_[note.path + '\n' + note.message];
}

Census::Key Census::key(const findings::Finding& finding, const source::FileTable& files) {
  return {finding.rule, std::string(files.path(finding.primary.file)), without_lines(finding.function)};
}

bool Census::repairs(const Census& before, std::span<const Key> repaired) const {
  std::map<Key, std::size_t> allowed = before.findings_;
  for (const Key& key : repaired) {
    const auto found = allowed.find(key);
    if (found == allowed.end() || found->second == 0) return false;
    --found->second;
  }
  const auto at_most = [](const auto& now, const auto& limit) {
    return std::all_of(now.begin(), now.end(), [&](const auto& each) {
      const auto found = limit.find(each.first);
      return found != limit.end() && each.second <= found->second;
    });
  };
  return at_most(findings_, allowed) && at_most(notes_, before.notes_);
}

std::vector<ChangedFile> changed_by(std::span<const Fix* const> fixes, const source::FileTable& files) {
  std::map<source::FileId, std::vector<Edit>> by_file;
  for (const Fix* fix : fixes) {
    for (const Edit& edit : fix->edits) by_file[edit.range.file].push_back(edit);
  }
  std::vector<ChangedFile> result;
  for (auto& [id, edits] : by_file) {
    std::stable_sort(edits.begin(), edits.end(), [](const Edit& left, const Edit& right) {
      return left.range.begin < right.range.begin;
    });
    result.push_back({std::string(files.path(id)), edited(files.get(id)->text(), edits)});
  }
  return result;
}

namespace {

/// A proposed fix and what it is to repair.
struct Candidate {
  Judged* judged;
  Fix fix;
};

class Prover {
 public:
  Prover(const source::FileTable& files, const Census& before, const Reanalyse& reanalyse)
      : files_(files), before_(before), reanalyse_(reanalyse) {}

  /// REQUIRES: the candidates do not overlap.
  void prove(std::span<Candidate* const> candidates) {
    if (candidates.empty()) return;
    if (holds(candidates)) {
      for (Candidate* each : candidates) each->judged->fixes.push_back(std::move(each->fix));
    } else if (candidates.size() > 1) {
      const std::size_t half = candidates.size() / 2;
      prove(candidates.first(half));
      prove(candidates.subspan(half));
    }
  }

 private:
  [[nodiscard]] bool holds(std::span<Candidate* const> candidates) const {
    std::vector<const Fix*> fixes;
    std::vector<Census::Key> repaired;
    for (const Candidate* each : candidates) {
      fixes.push_back(&each->fix);
      repaired.push_back(Census::key(each->judged->finding, files_));
    }
    const std::optional<Census> after = reanalyse_(changed_by(fixes, files_));
    return after && after->repairs(before_, repaired);
  }

  const source::FileTable& files_;
  const Census& before_;
  const Reanalyse& reanalyse_;
};

}  // namespace

void find_fixes(std::span<Judged> findings, const source::FileTable& files,
                std::span<const source::Note> notes, const Reanalyse& reanalyse) {
  std::vector<Candidate> candidates;
  for (Judged& judged : findings) {
    if (judged.state != findings::State::open) continue;
    for (Fix& fix : propose(judged.finding, files)) candidates.push_back({&judged, std::move(fix)});
  }
  if (candidates.empty()) return;
  const Census before(findings, files, notes);
  Prover prover(files, before, reanalyse);
  std::vector<Candidate*> left;
  for (Candidate& each : candidates) left.push_back(&each);
  while (!left.empty()) {
    // As many as do not touch each other, one a finding.
    std::vector<Candidate*> together;
    std::vector<Candidate*> later;
    for (Candidate* each : left) {
      const bool free = std::none_of(together.begin(), together.end(), [&](const Candidate* other) {
        return other->judged == each->judged || overlap(other->fix.edits, each->fix.edits);
      });
      (free ? together : later).push_back(each);
    }
    prover.prove(together);
    left = std::move(later);
  }
}

}  // namespace lockwright::fixes
