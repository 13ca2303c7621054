// Locks held along a path.
//
// Who loses what when (lock-facts.md): flock and OFD locks go with their descriptor; POSIX locks go with any
// descriptor of the file; a lock file goes with its name; a library's lock goes with its object's last
// release. Whether an exclusively created file is meant as a lock is not decided here.
#include "analyzer/paths/held.h"

#include <algorithm>

namespace lockwright::paths {

using ir::Term;
using models::Mechanism;
using models::Operation;
using models::OperationKind;

Mechanism lock_attempt(const Step& step) {
  const Operation& operation = step.operation;
  switch (operation.kind) {
    case OperationKind::acquire: return operation.mechanism;
    case OperationKind::open:
      return operation.create && operation.exclusive ? Mechanism::lock_file : Mechanism::none;
    case OperationKind::make_directory: return operation.exclusive ? Mechanism::lock_file : Mechanism::none;
    case OperationKind::link: return Mechanism::lock_file;
    default: return Mechanism::none;
  }
}

bool may_be_refused(const Step& step) {
  const OperationKind kind = step.operation.kind;
  return kind == OperationKind::acquire || kind == OperationKind::make_directory ||
         kind == OperationKind::link || (kind == OperationKind::open && step.operation.exclusive);
}

Term lock_file_of(const Step& step) {
  return step.operation.kind == OperationKind::link ? step.operation.other : step.operation.file;
}

void HeldLocks::acquire(std::size_t index, Mechanism mechanism) {
  const Operation& operation = steps_[index].operation;
  if (operation.refused) return;
  const Term file = lock_file_of(steps_[index]);
  const Term handle = mechanism == Mechanism::lock_file ? Term::none : operation.handle;
  const auto same = std::find_if(held_.begin(), held_.end(), [&](const HeldLock& lock) {
    return lock.mechanism == mechanism && handle != Term::none && lock.handle == handle;
  });
  if (same != held_.end()) {
    if (operation.reentrant) ++same->count;
    return;  // flock again on the same description converts it
  }
  bool collected = operation.collected && mechanism != Mechanism::lock_file;
  for (const Step& step : steps_.first(index)) {
    if (step.operation.kind == OperationKind::open && handle != Term::none &&
        step.operation.handle == handle) {
      collected = step.operation.collected;
    }
  }
  held_.push_back({index, mechanism, file, handle, operation.shared, 1, collected});
}

void HeldLocks::release(const Operation& operation) {
  for (auto lock = held_.rbegin(); lock != held_.rend(); ++lock) {
    if (lock->mechanism != operation.mechanism) continue;
    const bool same = operation.handle != Term::none && lock->handle != Term::none
                          ? lock->handle == operation.handle
                          : lock->file == operation.file;
    if (!same) continue;
    if (--lock->count == 0) held_.erase(std::next(lock).base());
    return;
  }
}

void HeldLocks::pass(std::size_t index) {
  const Step& step = steps_[index];
  const Operation& operation = step.operation;
  if (step.detached) return;
  if (const Mechanism mechanism = lock_attempt(step); mechanism != Mechanism::none) acquire(index, mechanism);
  // A release that failed was tried: what is left of the lock is not this path's fault.
  switch (operation.kind) {
    case OperationKind::release: release(operation); break;
    case OperationKind::close:
      std::erase_if(held_, [&](const HeldLock& lock) {
        if (lock.mechanism == Mechanism::posix) {
          return lock.handle == operation.handle || (lock.file != Term::none && lock.file == operation.file);
        }
        const bool kernel = lock.mechanism == Mechanism::flock || lock.mechanism == Mechanism::ofd ||
                            lock.mechanism == Mechanism::windows;
        return kernel && lock.handle == operation.handle;
      });
      break;
    case OperationKind::unlink:
    case OperationKind::rename:
      if (operation.refused && operation.kind == OperationKind::rename) break;
      std::erase_if(held_, [&](const HeldLock& lock) {
        return lock.mechanism == Mechanism::lock_file && lock.file == operation.file;
      });
      break;
    default: break;
  }
}

const HeldLock* HeldLocks::blocks(const ir::TermTable& terms, std::size_t index) const {
  const Step& step = steps_[index];
  const Mechanism mechanism = lock_attempt(step);
  // POSIX locks belong to the process: the second one succeeds.
  if (step.detached || mechanism == Mechanism::none || mechanism == Mechanism::posix) return nullptr;
  const Term file = lock_file_of(step);
  if (!terms.definite(file)) return nullptr;
  for (const HeldLock& lock : held_) {
    if (lock.mechanism != mechanism || lock.file != file || (lock.shared && step.operation.shared)) continue;
    if (mechanism != Mechanism::lock_file) {
      if (!terms.definite(lock.handle) || !terms.definite(step.operation.handle)) continue;
      if (lock.handle == step.operation.handle) continue;
    }
    return &lock;
  }
  return nullptr;
}

std::vector<HeldLock> held_at_end(const Path& path) {
  HeldLocks held(path.steps);
  for (std::size_t index = 0; index < path.steps.size(); ++index) held.pass(index);
  return held.now();
}

}  // namespace lockwright::paths
