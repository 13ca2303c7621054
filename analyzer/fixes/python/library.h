// Moving what is locked by hand to the lock library, lockwright_runtime.
//
// The library's lock on `path` is a flock on `path.lock`. So whoever locks a file of that name by flock
// already may move alone; any other protocol (an exclusively created file, a lock on the data file itself) is
// left behind by all who take part in it in the file at hand, or by none: the old and the new do not exclude
// each other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {

/// What the library's lock is to be like.
struct LockOptions {
  bool shared = false;
  bool once = false;  ///< do not wait
  bool reentrant = false;
};

/// How a section uses the file that it opens for its lock.
enum class Content : std::uint8_t {
  none,     ///< not at all: the file is there to be locked
  written,  ///< emptied and written from the beginning
  other,    ///< read, or changed in place
};

/// A stretch of a function from the acquire of a lock made by hand to its last release, and what of it stays
/// when the library keeps the lock.
class Section {
 public:
  Section(const Code& code, const source::Range& acquire) : code_(code), acquire_(acquire) {}

  /// False: it has no form that is known.
  bool read();

  [[nodiscard]] const source::Range& acquire() const { return acquire_; }
  [[nodiscard]] Node function() const { return function_; }
  [[nodiscard]] Content content() const { return content_; }
  [[nodiscard]] bool creates() const { return creates_; }  ///< the lock is a file that is made exclusively
  /// What the file is called in the code, and what the library's lock is for.
  [[nodiscard]] Node path() const { return path_; }
  [[nodiscard]] const std::string& target() const { return target_; }
  /// The library takes the very lock that this takes.
  [[nodiscard]] bool same_protocol() const { return same_protocol_ && !creates_; }
  /// Its caller learns by an error of the file system that somebody else has the lock.
  [[nodiscard]] bool refuses_otherwise() const { return creates_ && found_.once && !tried_; }
  [[nodiscard]] bool covers_range(std::uint32_t begin, std::uint32_t end) const;

  /// Names of the library that the new text uses go to `names`, modules to `modules`. False: it cannot be
  /// said in edits.
  bool move(Edits& edits, const LockOptions& options, std::vector<std::string>& names,
            std::vector<std::string>& modules) const;
  /// Whether the stretch of text is gone when the section has moved.
  [[nodiscard]] bool removes(std::uint32_t begin, std::uint32_t end) const;

 private:
  struct Level {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view indent;
  };

  bool read_creation(Node call);
  bool read_kernel_lock(Node call);
  bool read_open(Node call);
  bool read_fallback(const std::vector<Node>& bindings);
  bool find_region(Node call);
  bool flatten(Node block, std::size_t begin, std::size_t end);
  bool take(Node statement);
  bool take_try(Node statement);
  bool take_acquire(Node statement, bool& taken);
  bool only_releases(Node statement) const;
  [[nodiscard]] bool is_release_call(Node call) const;
  [[nodiscard]] bool is_upkeep(Node statement) const;
  [[nodiscard]] bool holds_acquire(Node node) const;
  [[nodiscard]] bool gives_up(Node statement) const;
  bool drop_inner_releases(Node statement);
  bool judge_content();
  void drop_flags();
  void find_target();
  void drop(Node statement) { dropped_.push_back({statement.begin(), statement.end()}); }

  const Code& code_;
  source::Range acquire_;
  Node function_;
  Node path_;
  Node opened_;                ///< the call that opens or creates
  std::string_view variable_;  ///< of the handle; "": none
  bool creates_ = false;
  bool released_ = false;  ///< what has been read up to now ends the lock
  bool binary_ = false;
  bool truncates_ = false;
  std::string encoding_;        ///< of text: what encode() is given
  Node fallback_;               ///< `try: f = open(p, "r+") except FileNotFoundError: f = open(p, "w")`
  std::vector<Node> prepared_;  ///< what else that handler does: directories made
  Node with_;                   ///< the statement that opens, if it is a with
  Node block_;
  Node first_;
  Node last_;
  Node tried_;    ///< the try around the acquire that tells when the lock is taken
  Node handler_;  ///< its handler
  LockOptions found_;
  std::vector<Span> dropped_;
  std::vector<Level> levels_;  ///< blocks that dissolve, outermost first
  std::vector<Node> kept_;
  std::vector<Node> writes_;  ///< statements that write the file
  Content content_ = Content::none;
  std::string target_;
  Node named_;  ///< the assignment of the lock file's name, when nothing else needs it
  bool same_protocol_ = false;
};

/// `E` as bytes: what a statement writes to the handle `variable`; "": it does something else.
std::string written_bytes(Node statement, std::string_view variable, bool binary,
                          const std::string& encoding);

/// "lockwright_runtime." where the file has another meaning for one of the library's names; else "".
std::string library_prefix(const Code& code);

/// Imports of modules that nothing needs any more when all goes for which `goes` holds.
std::vector<Node> idle_imports(const Code& code, const std::function<bool(Node)>& goes);

/// LW101: a function that acquires and returns the handle, and the one that releases it, move together; their
/// callers do not notice.
Proposals move_helpers(const Code& code, const source::Range& acquire);

/// LW302: a registry of descriptors becomes one of holds.
Proposals move_registry(const Code& code, const findings::Finding& finding);

/// LW201: the removal and the creation become one replacement.
Proposals replace_by_library(const Code& code, const findings::Finding& finding);

/// What may repair the finding by way of the library; nothing where it does not know how.
Proposals move_to_library(const Code& code, const findings::Finding& finding);

}  // namespace lockwright::fixes::python
