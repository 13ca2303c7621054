// Protocols: all that the program does to one lock, in whatever function and file it does it. What one path
// shows is half of a race; the other half is another path over the same lock.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"

namespace lockwright::rules {

/// What a path has found out about a lock file before it removes it: the reason for the removal.
enum class Basis : std::uint8_t {
  none,        ///< it has not looked, or drawn no conclusion: a release, a clean-up
  own,         ///< what the file says is who we are, or the handle that we have is open on it
  unreadable,  ///< the file is empty, or what it says does not parse
  stale,       ///< old, or of a process that is gone, or of somebody else
  waited,      ///< the path was refused the lock, or found it there, and goes for it nevertheless
  idle,        ///< the path got the kernel lock on the file, and has given it back
};

/// A lock file is removed by its name: unlinked, or renamed to something else.
struct Removal : Deed {
  /// The step alone.
  [[nodiscard]] Deed deed() const { return {function, path, step}; }

  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  Basis basis = Basis::none;
  std::size_t look = nowhere;  ///< the step that looked at the file last
  bool held = false;           ///< this path acquired the lock and has it still
  bool guarded = false;        ///< another lock, between processes, is held over the removal
  bool refused = false;        ///< this path asked for the lock and did not get it
  bool graced = false;         ///< the removal hangs on the file's age, or on a second look at what it says
  bool or_stale = false;       ///< basis unreadable: that, or stale
  std::size_t recreated = nowhere;  ///< the step after the removal that acquires the lock anew
  ir::Term identity =
      ir::Term::none;  ///< basis own: who the file was found to belong to; none: by its handle

  /// Whether somebody else's lock is removed because it is taken for abandoned.
  [[nodiscard]] bool reclaims() const { return basis > Basis::own && !held; }
};

/// All that is done to one lock.
struct Protocol {
  std::string lock;                ///< its identity; nothing to show to people
  std::vector<Deed> creations;     ///< lock files made
  std::vector<Deed> kernel_locks;  ///< flock, fcntl, LockFileEx taken on the file
  std::vector<Deed> libraries;     ///< taken by a lock library
  std::vector<Deed> plain;  ///< lock files made, whether or not there is one, after a look that there is none
  std::vector<Removal> removals;

  [[nodiscard]] bool has_acquirers() const {
    return !creations.empty() || !kernel_locks.empty() || !libraries.empty() || !plain.empty();
  }
  /// A removal by somebody who takes a lock that says whose it is for abandoned, and is kept from it by no
  /// other lock; null: none.
  [[nodiscard]] const Removal* reclaimer() const;
};

/// The protocols of all locks of the program.
///
/// Locks are told apart by the names of their files as all functions would write them: fields by their class,
/// globals and constants as they are, parameters and what is made on the way as gaps. A name that says little
/// ("{}.lock") is one lock only within its module; one that says nothing, only under one parameter's name, or
/// where the module makes but one lock: the file in the field that acquirers keep it in, and what functions
/// that speak of locks judge and remove.
class Protocols {
 public:
  explicit Protocols(const Analysis& analysis);

  [[nodiscard]] const std::map<std::string, Protocol>& all() const { return protocols_; }

 private:
  void add(const FunctionPaths& function, const paths::Path& path);
  void add_removal(const FunctionPaths& function, const paths::Path& path, std::size_t step);
  void find_fields(const FunctionPaths& function, const paths::Path& path, ir::Term file);
  void add_strays();

  const Analysis& analysis_;
  std::map<std::string_view, std::set<std::string_view>>
      kept_in_;                  ///< by module: fields of acquirers' records
  std::vector<Removal> strays_;  ///< of files whose names say nothing
  std::map<std::string, Protocol> protocols_;
  std::map<std::pair<const FunctionPaths*, ir::Term>, std::string> names_;
  const std::string& name_of_lock(const FunctionPaths& function, ir::Term file);
};

/// The lock that `file` is to `function`, as all functions of the program would call it; "": nobody can tell.
std::string lock_name(const Analysis& analysis, const FunctionPaths& function, ir::Term file);

/// One removal a place in the code, out of all paths that come by: of those seen from the outermost callers,
/// for which locks are held over it is known best there. By place, in order.
std::vector<std::vector<const Removal*>> by_place(const std::vector<Removal>& removals);

}  // namespace lockwright::rules
