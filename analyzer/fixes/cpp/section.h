// A stretch of a function of C++ from the acquire of a lock made by hand to its last release.
//
// It becomes a Hold of the library, declared where the file was opened or made. A Hold releases when it goes,
// so nothing is nested and nothing is indented: what released before a return is left out, and where other
// work follows the release the Hold is released there. What was done when the lock was not to be had stays as
// it is, behind `if (!hold)` or in a handler of the library's errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/cpp/code.h"

namespace lockwright::fixes::cpp {

/// How a section uses the file that it opens for its lock.
enum class Content : std::uint8_t {
  none,     ///< not at all: the file is there to be locked
  written,  ///< emptied and written once
  other,    ///< read, or changed in place
};

class Section {
 public:
  Section(const Code& code, const source::Range& acquire) : code_(code), acquire_(acquire) {}

  /// False: it has no form that is known.
  bool read();

  [[nodiscard]] const source::Range& acquire() const { return acquire_; }
  [[nodiscard]] Node function() const { return function_; }
  [[nodiscard]] bool creates() const { return creates_; }  ///< the lock is a file that is made exclusively
  /// The library takes the very lock that this takes.
  [[nodiscard]] bool same_protocol() const { return same_protocol_; }
  [[nodiscard]] bool replaces() const { return content_ == Content::written; }
  [[nodiscard]] std::string_view path() const { return path_; }
  /// Whether what stands here is gone when the section has moved.
  [[nodiscard]] bool removes(Node node) const;
  /// What is gone.
  [[nodiscard]] const std::vector<Node>& dropped() const { return dropped_; }

  /// Standard headers that the new text needs go to `headers`.
  bool move(Edits& edits, std::string_view hold, bool reentrant, std::vector<std::string>& headers) const;

 private:
  /// What is done when the file is not opened, or the lock not got.
  struct Failure {
    Node condition;  ///< of the if, or of the loop, around the call
    Node body;       ///< none: nobody looks

    /// Somebody up the stack is told by an error of the standard library, as the library tells.
    [[nodiscard]] bool throws() const;
  };

  bool read_creation(Node call);
  bool read_kernel_lock(Node call);
  bool read_record(Node call);
  bool read_open(Node call);
  bool read_first();
  bool read_retry(const Path& way, std::size_t at);
  bool read_waiting(Node loop, Node call);
  bool find_region();
  bool take(Node statement);
  bool take_acquire(Node statement);
  bool read_failure(Node statement, Node call, Failure& failure) const;
  bool judge_content();
  bool drop_inner_releases(Node statement);
  bool drop_idle();
  void find_target();
  [[nodiscard]] bool is_check(Node statement) const;
  [[nodiscard]] bool is_release_call(Node call) const;
  [[nodiscard]] bool is_unlock(Node call) const;
  [[nodiscard]] bool only_releases(Node statement) const;
  [[nodiscard]] bool gives_up(Node statement) const;
  [[nodiscard]] bool is_upkeep(Node statement) const;
  [[nodiscard]] bool may_throw() const;
  [[nodiscard]] std::string written_bytes(Node call) const;
  void remove(Edits& edits) const;
  [[nodiscard]] std::string branch(Node body) const;
  [[nodiscard]] std::vector<std::string> hold_lines(std::string_view hold, const std::string& lock,
                                                    bool optional, std::vector<std::string>& headers) const;
  [[nodiscard]] const Failure* failure() const;

  const Code& code_;
  source::Range acquire_;
  Node function_;
  Node call_;                  ///< that locks; none when a guard does
  Node opened_;                ///< the call that opens or creates
  std::string path_;           ///< as the code names it
  std::string_view variable_;  ///< of the handle; "": none
  bool creates_ = false;
  bool flock_ = false;
  bool once_ = false;
  bool shared_ = false;
  bool truncates_ = false;
  bool stream_ = false;  ///< a std::ofstream
  Node block_;
  Node first_;
  Node last_;
  Failure open_failure_;
  Failure lock_failure_;
  std::vector<Node> dropped_;   ///< that go
  std::vector<Node> released_;  ///< that become a release of the hold
  std::vector<Node> returned_;  ///< `return fclose(file);`: that become `return 0;`
  std::vector<Node> kept_;
  Node end_;  ///< the statement that gives the lock up, of the block itself
  Node write_;
  std::string content_text_;
  Content content_ = Content::none;
  std::string target_;
  bool same_protocol_ = false;
};

/// LW302: a registry of descriptors becomes one of holds.
std::vector<findings::Fix> move_registry(const Code& code, const findings::Repair& repair);

/// LW201: the removal and the creation become one replacement.
std::vector<findings::Fix> replace_by_library(const Code& code, const findings::Repair& repair);

/// LW101: a class that locks as long as it lives has a Hold in place of its descriptor.
std::vector<findings::Fix> move_wrapper(const Code& code, const source::Range& acquire, bool reentrant);

/// LW102: a lock and its guard, of boost::interprocess, become a Hold.
std::vector<findings::Fix> move_guard(const Code& code, const source::Range& acquire);

/// `flock(fd, LOCK_EX) != 0` without spaces.
std::string squeezed(std::string_view text);

}  // namespace lockwright::fixes::cpp
