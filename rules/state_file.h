// State files: all that the program reads from one file and writes to it, in whatever function, and under
// which lock. Updates are lost, and readers see half of one, between functions as much as within one.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/rule.h"

namespace lockwright::rules {

/// The content of a file is read, or written anew.
struct Access : Deed {
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  /// The step that acquired the lock between processes that has been held longest; nowhere: none is held.
  std::size_t lock = nowhere;
  bool writes = false;
  bool replaces = false;  ///< writes: another file takes its name; nobody sees half of it
  /// Writes: what (by the same path, to the file that takes the name); none: nothing yet, it is emptied.
  ir::Term value = ir::Term::none;
  /// The file whose content it is.
  [[nodiscard]] ir::Term file() const { return replaces ? at().operation.other : at().operation.file; }
  /// This access as one act of an interleaving.
  [[nodiscard]] const Deed& deed() const { return *this; }
  /// Reads: what was read.
  [[nodiscard]] ir::Term result() const { return at().operation.value; }
};

/// All that is done to one file.
struct StateFile {
  std::vector<Access> reads;
  std::vector<Access> writes;
};

/// The state files of the program, by their names as all functions would write them (lock_name). Without
/// files that are locks themselves, files that are only added to, and those that nobody else can know.
class StateFiles {
 public:
  explicit StateFiles(const Analysis& analysis);

  [[nodiscard]] const std::map<std::string, StateFile>& all() const { return files_; }
  /// Whether on some path, of whatever file, a lock is held at this place, or the file is none of these.
  [[nodiscard]] bool is_guarded(source::Range place) const { return guarded_.contains(place); }

 private:
  void add(const FunctionPaths& function, const paths::Path& path);
  [[nodiscard]] ir::Term as_kept(const paths::Path& path, ir::Term file) const;
  const std::string& name_of(const FunctionPaths& function, ir::Term file);

  const Analysis& analysis_;
  std::map<std::string, StateFile> files_;
  std::set<source::Range> guarded_;
  std::map<std::pair<const FunctionPaths*, ir::Term>, std::string> names_;
};

/// Of accesses at one place in the code, those seen from the outermost callers: which locks are held is known
/// best there. By place, in order.
std::vector<std::vector<const Access*>> by_place(const std::vector<Access>& accesses);

/// Whether what is written hangs on nothing but constants: a first, an empty state.
bool is_constant(const ir::TermTable& terms, ir::Term value);

}  // namespace lockwright::rules
