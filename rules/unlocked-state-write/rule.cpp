// LW206: a file is emptied and written again in place, and not everybody who reads or writes it takes the
// lock: a reader without it finds half a file, a writer without it destroys what the holder is writing.
#include <fmt/format.h>

#include <algorithm>

#include "rules/judgement.h"
#include "rules/state_file.h"

namespace lockwright::rules {
namespace {

using models::Operation;
using models::OperationKind;

constexpr int weaknesses[] = {362, 667};  // race condition; improper locking

/// The function in whose text it is done.
std::string_view function_of(const Deed& deed) {
  const paths::CallChain* call = paths::innermost(deed.at().through);
  return call != nullptr ? call->callee : deed.function->function->qualified_name;
}

/// Where writes begin: the step that empties the file, or that writes where nothing was opened by this path.
bool begins(const Access& write) {
  const Operation& operation = write.at().operation;
  return operation.kind == OperationKind::open || operation.kind == OperationKind::truncate ||
         operation.handle == ir::Term::none;
}

/// Whether two names of lock_name can mean one file: a gap in one is a field in the other.
bool alike(std::string_view left, std::string_view right) {
  // What is known within its module only needs more than an ending in common.
  for (const std::string_view name : {left, right}) {
    const std::size_t module = name.find('|');
    if (module != std::string_view::npos && name.find('/', module) == std::string_view::npos) return false;
  }
  const auto skip_field = [](std::string_view text) { return text.substr(text.find('>') + 1); };
  while (!left.empty() && !right.empty()) {
    if (left.starts_with("{}") && right.starts_with("<")) {
      left.remove_prefix(2);
      right = skip_field(right);
    } else if (right.starts_with("{}") && left.starts_with("<")) {
      right.remove_prefix(2);
      left = skip_field(left);
    } else if (left[0] == right[0]) {
      left.remove_prefix(1);
      right.remove_prefix(1);
    } else {
      return false;
    }
  }
  return left.empty() && right.empty();
}

/// Whether the path takes a lock between processes after the step: a first look, or an open before its lock,
/// which are other rules' business.
bool locks_later(const Access& access) {
  return std::any_of(access.path->steps.begin() + static_cast<std::ptrdiff_t>(access.step),
                     access.path->steps.end(), [](const paths::Step& step) {
                       const models::Mechanism mechanism = lock_attempt(step);
                       return mechanism != models::Mechanism::none && mechanism != models::Mechanism::mutex;
                     });
}

class Check {
 public:
  Check(const Analysis& analysis, Reporter& reporter)
      : analysis_(analysis), terms_(analysis.terms()), reporter_(reporter) {}

  void run() {
    for (const auto& [name, file] : analysis_.state_files().all()) {
      if (const Access* writer = locked_rewrite(file)) check_readers(name, *writer);
      for (const auto& place : by_place(file.writes)) {
        const bool opens_first =
            std::any_of(place.begin(), place.end(), [](const Access* write) { return locks_later(*write); });
        if (!opens_first && !may_be_locked(place)) check_writers(file, place);
      }
    }
  }

 private:
  /// Who empties the file under a lock, or on the way to it, and fills it again; null: nobody.
  static const Access* locked_rewrite(const StateFile& file) {
    const auto found = std::find_if(file.writes.begin(), file.writes.end(), [](const Access& write) {
      return lock_step(write) != Access::nowhere && !write.replaces && begins(write);
    });
    return found == file.writes.end() ? nullptr : &*found;
  }

  /// The step that took the lock that a write is done under, or takes it on what the write has opened.
  static std::size_t lock_step(const Access& write) {
    if (write.lock != Access::nowhere) return write.lock;
    const ir::Term handle = write.at().operation.handle;
    const std::vector<paths::Step>& steps = write.path->steps;
    for (std::size_t index = write.step; index < steps.size() && handle != ir::Term::none; ++index) {
      const Operation& operation = steps[index].operation;
      if (operation.kind == OperationKind::acquire && operation.handle == handle && !operation.refused &&
          operation.mechanism != models::Mechanism::mutex) {
        return index;
      }
    }
    return Access::nowhere;
  }

  /// Whether a lock is held at this place on some path; a function within another runs as whoever got it
  /// likes.
  [[nodiscard]] bool may_be_locked(const std::vector<const Access*>& place) const {
    return analysis_.state_files().is_guarded(place.front()->at().range) ||
           std::any_of(place.begin(), place.end(), [](const Access* access) {
             return access->function->function->parent != ir::FunctionIndex::none;
           });
  }

  /// Somebody who reads or writes the file under a lock, in another function; null when there is none, or
  /// when the function of `access` does so itself: then whether it locks is its own choice.
  static const Access* sibling(const StateFile& file, const Access& access) {
    const Access* result = nullptr;
    for (const auto* all : {&file.writes, &file.reads}) {
      for (const Access& other : *all) {
        if (other.lock == Access::nowhere) continue;
        if (function_of(other) == function_of(access)) return nullptr;
        if (result == nullptr) result = &other;
      }
    }
    return result;
  }

  void check_readers(const std::string& name, const Access& writer) {
    const ir::Module& home = analysis_.program().module_of(writer.function->id);
    for (const auto& [other, file] : analysis_.state_files().all()) {
      if (other != name && !alike(name, other)) continue;
      for (const auto& place : by_place(file.reads)) {
        if (may_be_locked(place)) continue;
        for (const Access* read : place) {
          const bool same = other == name || &analysis_.program().module_of(read->function->id) == &home;
          if (!same || locks_later(*read) || function_of(*read) == function_of(writer)) continue;
          report_reader(*read, writer);
          break;
        }
      }
    }
  }

  void check_writers(const StateFile& file, const std::vector<const Access*>& place) {
    for (const Access* write : place) {
      const ir::Term written = content(*write);
      if (write->replaces || !begins(*write) || written == ir::Term::none || is_constant(terms_, written) ||
          is_private_name(terms_, *write->path, write->file())) {
        continue;
      }
      // Who is given the file leaves it to his callers to hold its lock, and these are not all seen.
      const bool is_given = terms_.kind(write->file()) == ir::TermKind::param;
      // The way that has the lock may be one of those that were too many.
      const bool is_unseen = write->function->summary->truncated && speaks_of_locks(*write);
      if (const Access* other = is_given || is_unseen ? nullptr : sibling(file, *write)) {
        report_writer(*write, *other);
        return;
      }
      if (const Access* read = read_before(file, *write)) {
        report_update(*read, *write);
        return;
      }
    }
  }

  /// What is written by the write that begins here.
  static ir::Term content(const Access& write) {
    const Operation& begun = write.at().operation;
    for (std::size_t index = write.step; index < write.path->steps.size(); ++index) {
      const Operation& operation = write.path->steps[index].operation;
      const bool same = operation.handle == begun.handle && operation.file == begun.file;
      if (operation.kind == OperationKind::write && same) return operation.value;
    }
    return ir::Term::none;
  }

  /// The read of the file on the same path that what is written was made of, when nobody locks the file.
  const Access* read_before(const StateFile& file, const Access& write) const {
    const auto locks = [](const Access& access) { return access.lock != Access::nowhere; };
    if (std::any_of(file.reads.begin(), file.reads.end(), locks) ||
        std::any_of(file.writes.begin(), file.writes.end(), locks) || speaks_of_locks(write)) {
      return nullptr;
    }
    const auto found = std::find_if(file.reads.begin(), file.reads.end(), [&](const Access& read) {
      return read.path == write.path && read.step < write.step &&
             same_file(terms_, read.file(), write.file()) && terms_.contains(content(write), read.result());
    });
    return found == file.reads.end() ? nullptr : &*found;
  }

  /// Whether a function on the way to the write mentions something that is called a lock: it may be one that
  /// nothing is known of.
  [[nodiscard]] bool speaks_of_locks(const Access& write) const {
    if (class_mentions_lock(write.function->id)) return true;
    return std::ranges::any_of(paths::Calls(write.at().through), [&](const paths::CallChain& call) {
      const paths::FunctionId callee = analysis_.program().function_named(call.callee);
      return callee != paths::FunctionId::none && class_mentions_lock(callee);
    });
  }

  /// The function, or another method of its class.
  [[nodiscard]] bool class_mentions_lock(paths::FunctionId id) const {
    const paths::Program& program = analysis_.program();
    const ir::Function& function = program.function(id);
    if (function.owner.empty()) return mentions_lock(function);
    const auto& all = program.functions_of(program.module_of(id).name);
    return std::any_of(all.begin(), all.end(), [&](paths::FunctionId other) {
      return program.function(other).owner == function.owner && mentions_lock(program.function(other));
    });
  }

  [[nodiscard]] bool mentions_lock(const ir::Function& function) const {
    const auto speaks = [&](ir::Term term) { return analysis_.is_called_lock(function, term); };
    return lockwright::rules::speaks_of_locks(function.qualified_name) ||
           std::any_of(function.decorators.begin(), function.decorators.end(), speaks) ||
           std::any_of(function.cfg.blocks.begin(), function.cfg.blocks.end(), [&](const ir::Block& block) {
             return std::any_of(
                 block.instructions.begin(), block.instructions.end(),
                 [&](const ir::Instruction& each) { return speaks(each.value) || speaks(each.callee); });
           });
  }

  [[nodiscard]] std::string file_of(const Access& access) const {
    return analysis_.name(*access.function->function, access.file());
  }
  [[nodiscard]] static std::string_view lock_of(const Access& access) {
    return name_of(lock_attempt(access.path->steps[lock_step(access)]));
  }

  void report_reader(const Access& read, const Access& writer) {
    const std::string file = file_of(read);
    const std::string_view lock = lock_of(writer);
    const bool under = writer.lock != Access::nowhere;
    reporter_.report(
        Interleaving{
            .acts = {{findings::Actor::A, writer.deed(),
                      fmt::format("empties {} {} {}", file, under ? "under" : "on the way to", lock)},
                     {findings::Actor::B, read.deed(),
                      fmt::format("reads {} without it: finds it empty, or half written", file)}},
            .primary = 1},
        fmt::format("{} is read without {}, under which it is emptied and written again: the reader can find "
                    "it empty or half written",
                    file, lock),
        "Acquire the lock for the read too (a shared one will do), or write to a temporary file and rename "
        "it "
        "over the old one.",
        findings::Severity::warning);
  }

  void report_writer(const Access& write, const Access& other) {
    const std::string file = file_of(write);
    const std::string_view lock = lock_of(other);
    reporter_.report(
        Interleaving{.acts = {{findings::Actor::A, other.deed(),
                               fmt::format("{} {} under {}", other.writes ? "writes" : "reads", file, lock)},
                              {findings::Actor::B, write.deed(),
                               fmt::format("empties {} without it, whatever A is doing", file)}},
                     .primary = 1},
        fmt::format(
            "{} is overwritten without {}, which is held elsewhere to {} it: the two can mix, and one "
            "is lost",
            file, lock, other.writes ? "write" : "read"),
        "Acquire the same lock around this write.", findings::Severity::warning);
  }

  void report_update(const Access& read, const Access& write) {
    const Evidence evidence{
        .function = write.function, .path = write.path, .steps = {read.step, write.step}, .primary = 1};
    reporter_.report(
        evidence,
        fmt::format("{} is read, changed and overwritten in place without a lock: of two processes that do "
                    "so, one loses its change, and readers can find half a file",
                    file_of(write)),
        "Hold a lock from the read to the write, and replace the file by rename.", findings::Severity::info);
  }

  const Analysis& analysis_;
  const ir::TermTable& terms_;
  Reporter& reporter_;
};

void check(const Analysis& analysis, Reporter& reporter) {
  Check(analysis, reporter).run();
}

}  // namespace

extern const Rule unlocked_state_write;
const Rule unlocked_state_write{
    .id = "LW206",
    .name = "unlocked-state-write",
    .summary = "A file is rewritten in place, and not everybody who reads or writes it takes the lock.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
