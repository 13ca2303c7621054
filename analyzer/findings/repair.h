// What would repair a finding, in the words of a rule: operations and where they stand, never syntax. Which
// edits do it in a language's idiom is the business of fixes/.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/source/range.h"

namespace lockwright::findings {

/// The repairs that rules know, each with the operations it is about, in the order of `Repair::places`.
enum class RepairKind : std::uint8_t {
  /// Open without emptying; empty the file once its lock is held. Places: the open, the acquire.
  truncate_under_lock,
  /// Release on every way out of what lies between. Places: the acquire (or where the only reference to the
  /// lock is cleared), then the releases on the paths that are meant.
  release_in_finally,
  /// Give the lock up when what follows fails: whoever called knows nothing of it then. Places: the acquire.
  release_on_failure,
  /// Erase the entry when the lock has been given up. Places: the erase, then every clean-up, in order.
  erase_after_clean_up,
  /// Write the new content beside the file and rename it over. Places: the removal, the creation.
  replace_by_rename,
  /// Do without the second acquire. Places: the acquire that holds, the acquire that waits.
  leave_out_acquire,
};

/// Where an operation is done, seen from the finding's function.
struct Place {
  source::Range range;                 ///< the text that does it
  std::vector<source::Range> through;  ///< calls on the way there, outermost first; empty: done right here

  /// The text in the finding's own function: the call that leads there, or the operation itself.
  [[nodiscard]] const source::Range& here() const { return through.empty() ? range : through.front(); }
};

struct Repair {
  RepairKind kind{};
  std::vector<Place> places;
};

}  // namespace lockwright::findings
