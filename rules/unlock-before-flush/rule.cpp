// LW305: what was written under a lock sits in a buffer of the process when the lock is released: the next
// holder does not see it, and it reaches the file when somebody else works on it.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace lockwright::rules {
namespace {

using ir::Term;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::HeldLock;
using paths::Path;
using paths::Step;

constexpr int weaknesses[] = {662, 667};  // improper synchronization; improper locking

/// Places of a write and of the release after it; the same for all paths that do so.
using Places = std::pair<source::Range, source::Range>;

/// A write that was still in its buffer, and how it got out.
struct Late {
  std::size_t written = 0;
  std::size_t released = 0;
  bool opened = false;   ///< the file is opened on this path: it has a buffer for certain
  bool flushed = false;  ///< written out in between after all
  bool lent = false;     ///< not written here: handed to the caller to write to
};

bool empties_buffer(OperationKind kind) {
  return kind == OperationKind::flush || kind == OperationKind::close || kind == OperationKind::truncate;
}

/// The exclusive file locks of `held`, by the steps that took them.
std::set<std::size_t> exclusive(const Analysis& analysis, const FunctionPaths& function,
                                const std::vector<HeldLock>& held) {
  std::set<std::size_t> result;
  for (const HeldLock& lock : held) {
    // Many files and directories are made exclusively.
    if (lock.mechanism == Mechanism::lock_file && !analysis.is_called_lock(*function.function, lock.file))
      continue;
    if (lock.mechanism != Mechanism::none && lock.mechanism != Mechanism::mutex && !lock.shared)
      result.insert(lock.acquired);
  }
  return result;
}

/// Follows the buffers along one path.
class Buffers {
 public:
  Buffers(const Analysis& analysis, const FunctionPaths& function, const Path& path)
      : analysis_(analysis), function_(function), path_(path), held_(path.steps) {}

  std::vector<Late> run() {
    for (std::size_t index = 0; index < path_.steps.size(); ++index) {
      const Step& step = path_.steps[index];
      const std::set<std::size_t> before = exclusive(analysis_, function_, held_.now());
      held_.pass(index);
      if (step.detached) continue;
      const Operation& operation = step.operation;
      if (operation.kind == OperationKind::open && !operation.refused) opened_.insert(operation.handle);
      if (operation.kind == OperationKind::open && operation.writable) writable_.insert(operation.handle);
      if (operation.kind == OperationKind::write && operation.buffered && operation.handle != Term::none)
        pending_[operation.handle] = {.written = index, .locks = before};
      const bool lends = operation.kind == OperationKind::yield && !operation.refused;
      if (lends && writable_.contains(operation.value))
        pending_[operation.value] = {.written = index, .locks = before, .lent = true};
      if (empties_buffer(operation.kind)) {
        // A closed file has written itself out, and its own lock went with it.
        if (operation.kind == OperationKind::close) pending_.erase(operation.handle);
        if (const auto found = pending_.find(operation.handle); found != pending_.end())
          found->second.flushed = true;
      }
      lose(index, before, exclusive(analysis_, function_, held_.now()));
    }
    return std::move(late_);
  }

 private:
  struct Pending {
    std::size_t written = 0;
    std::set<std::size_t> locks;  ///< held when it was written
    bool flushed = false;
    bool lent = false;
  };

  /// Step `index` has released what is in `before` and not in `after`.
  void lose(std::size_t index, const std::set<std::size_t>& before, const std::set<std::size_t>& after) {
    if (before.size() <= after.size()) return;
    for (auto& [handle, pending] : pending_) {
      const bool lost = std::any_of(pending.locks.begin(), pending.locks.end(), [&](std::size_t lock) {
        return before.contains(lock) && !after.contains(lock);
      });
      const bool kept = std::any_of(pending.locks.begin(), pending.locks.end(),
                                    [&](std::size_t lock) { return after.contains(lock); });
      if (!lost || kept) continue;
      const bool own = std::any_of(before.begin(), before.end(), [&, of = handle](std::size_t lock) {
        return path_.steps[lock].operation.handle == of;
      });
      if (opened_.contains(handle) || own)
        late_.push_back({pending.written, index, opened_.contains(handle), pending.flushed, pending.lent});
    }
  }

  const Analysis& analysis_;
  const FunctionPaths& function_;
  const Path& path_;
  paths::HeldLocks held_;
  std::set<Term> opened_;
  std::set<Term> writable_;
  std::map<Term, Pending> pending_;
  std::vector<Late> late_;
};

/// A file that is there to be locked: nobody writes to what is handed out.
bool is_only_lock(const Analysis& analysis, const FunctionPaths& function, const Operation& released) {
  return analysis.is_called_lock(*function.function, released.file);
}

void report(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function, const Path& path,
            const Late& late, findings::Severity severity) {
  const Operation& written = path.steps[late.written].operation;
  const Operation& released = path.steps[late.released].operation;
  const Term named = written.file != Term::none ? written.file : late.lent ? released.file : written.handle;
  const std::string file = analysis.name(*function.function, named);
  Evidence evidence{
      .function = &function, .path = &path, .steps = {late.written, late.released}, .primary = 1};
  evidence.texts.emplace_back(0, late.lent ? "hands the open file to its caller, who writes into a buffer"
                                           : fmt::format("writes {}, into a buffer of this process", file));
  reporter.report(
      evidence,
      fmt::format(
          "the lock is released while what {} to {} under it is still in a buffer: the next holder reads "
          "the old content, and its own is overwritten later",
          late.lent ? "callers write" : "was written", file),
      "Flush or close the file before the lock is released, or release the lock by closing.", severity);
}

void check(const Analysis& analysis, Reporter& reporter) {
  std::set<Places> flushed;           // somewhere: where it is not, the flush has failed
  std::set<source::Range> lenders;    // releases of helpers that lend the file to their callers
  std::set<source::Range> witnessed;  // those of them that a caller is seen to write through
  for (const bool reporting : {false, true}) {
    for (const FunctionPaths& function : analysis.functions()) {
      for (const Path& path : function.summary->paths) {
        for (const Late& late : Buffers(analysis, function, path).run()) {
          const source::Range release = path.steps[late.released].range;
          const Places places{path.steps[late.written].range, release};
          if (!reporting) {
            if (late.flushed) flushed.insert(places);
            const bool lock = is_only_lock(analysis, function, path.steps[late.released].operation);
            if (!late.flushed && !(late.lent && lock)) (late.lent ? lenders : witnessed).insert(release);
            continue;
          }
          if (late.flushed || flushed.contains(places)) continue;
          if (late.lent && is_only_lock(analysis, function, path.steps[late.released].operation)) continue;
          if (!late.lent && lenders.contains(release)) continue;  // said once, where it can be repaired
          const bool certain = late.opened && (!late.lent || witnessed.contains(release));
          report(analysis, reporter, function, path, late,
                 certain ? findings::Severity::error : findings::Severity::warning);
        }
      }
    }
  }
}

}  // namespace

extern const Rule unlock_before_flush;
const Rule unlock_before_flush{
    .id = "LW305",
    .name = "unlock-before-flush",
    .summary = "Data written under a lock is still in a buffer when the lock is released.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
