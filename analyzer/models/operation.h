// Operations: what calls mean. The vocabulary in which models answer and rules ask; the same for all
// languages. An operation names files by the term of their path and handles by the term of the descriptor or
// lock object, so that "the same file" and "the same handle" are comparisons of terms.
#pragma once

#include <cstdint>

#include "analyzer/ir/term.h"

namespace lockwright::models {

enum class OperationKind : std::uint8_t {
  open,      ///< file, handle; create, exclusive, truncate
  close,     ///< handle: its kernel locks go with it (flock, ofd; posix: all of the process's on that file)
  read,      ///< handle or file; result
  write,     ///< handle or file
  truncate,  ///< handle or file
  flush,     ///< handle: user-space buffer to the kernel
  sync,      ///< handle: to the disk
  exists,    ///< file; looked whether it is there, or read its metadata
  unlink,    ///< file
  rename,    ///< file becomes other
  link,      ///< other becomes another name of file
  make_directory,  ///< file; exclusive unless create is set
  acquire,         ///< mechanism, wait, shared; handle and/or file
  release,         ///< mechanism; handle and/or file
  insert,          ///< registry handle: key := value
  erase,           ///< registry handle: key
  look_up,         ///< registry handle: key
  probe,           ///< result := pid, clock, random, … (what identities and staleness are judged by)
  await,           ///< everything else may run here
  spawn,           ///< what follows as `detached` has been started and is not waited for
  yield,           ///< a generator hands out `value` and is suspended
  escape,          ///< handle has been given to code that is not seen: somebody else may own it now
  drop,            ///< the reference to `handle` that the place `key` kept is cleared
  suspend,         ///< value := a coroutine or generator that has been made and whose body runs later
  join,            ///< waits until work that was started has ended; handle: which
  callback,        ///< calls the function `handle` that the caller has given; value: what that returns
};

enum class Mechanism : std::uint8_t {
  none,
  flock,      ///< belongs to the open file description: flock(2)
  posix,      ///< belongs to the process: fcntl(2) F_SETLK, lockf(3)
  ofd,        ///< belongs to the open file description: fcntl(2) F_OFD_SETLK
  windows,    ///< belongs to the handle, mandatory: LockFileEx, msvcrt.locking
  lock_file,  ///< the existence of a file made by exclusive create, mkdir, link or symlink
  library,    ///< a lock library's own kind of lock, on `file`
  mutex,      ///< between threads or tasks of one process
};

/// What an acquire does when somebody else has the lock.
enum class Wait : std::uint8_t {
  block,    ///< waits for ever
  timeout,  ///< waits, then gives up
  attempt,  ///< gives up at once
};

/// What the system was asked.
enum class Probe : std::uint8_t {
  none,
  pid,
  pid_alive,    ///< whether there is a process of the number `key`
  process,      ///< what tells the process of the number `key` from a later one: start time, command line
  host,         ///< which machine this is, by name
  clock,        ///< a time of day, in fractions of a second
  random,       ///< nobody else has it
  weak_random,  ///< of few values, or seeded alike in several processes
  identity,     ///< where an object lies in memory
  feature,      ///< whether this system has a library
  content,  ///< text that was read is taken for data; refused: it is none (empty, cut short, something else)
};

struct Operation {
  OperationKind kind = OperationKind::open;
  Mechanism mechanism = Mechanism::none;
  Wait wait = Wait::block;
  Probe probe = Probe::none;
  ir::Term file = ir::Term::none;    ///< path
  ir::Term other = ir::Term::none;   ///< rename, link: the second path
  ir::Term handle = ir::Term::none;  ///< descriptor, file object, lock object, registry
  ir::Term key = ir::Term::none;     ///< insert, erase, look_up; probe pid_alive: the pid; content: the text
  ir::Term value =
      ir::Term::none;   ///< insert: what is stored; read, probe: the result; write: what is written
  bool create = false;  ///< open: makes the file when it is missing; make_directory: content with an old one
  bool exclusive = false;  ///< open: fails when it exists
  bool parents = false;    ///< make_directory: those above it too, where they are missing
  bool truncate = false;   ///< open: empties it
  bool writable = false;   ///< open
  bool shared = false;     ///< acquire: a reader's lock
  bool reentrant = false;  ///< acquire: the same lock object may acquire again
  bool collected = false;  ///< open, acquire: the lock goes when its handle is garbage-collected
  bool buffered = false;   ///< write: into a buffer of this process first
  bool refused = false;    ///< the operation was tried and failed: a lock was not obtained, a file not made

  /// acquire, exclusive open: an attempt that is made again after it was refused, so that it waits all the
  /// same. A property of the place in the code, set by the engine; not compared.
  bool retried = false;

  friend bool operator==(const Operation& left, const Operation& right) {
    return left.kind == right.kind && left.mechanism == right.mechanism && left.wait == right.wait &&
           left.probe == right.probe && left.file == right.file && left.other == right.other &&
           left.handle == right.handle && left.key == right.key && left.value == right.value &&
           left.create == right.create && left.exclusive == right.exclusive &&
           left.parents == right.parents && left.truncate == right.truncate &&
           left.writable == right.writable && left.shared == right.shared &&
           left.reentrant == right.reentrant && left.collected == right.collected &&
           left.buffered == right.buffered && left.refused == right.refused;
  }
};

}  // namespace lockwright::models
