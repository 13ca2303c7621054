// Holds are entered after the kernel has granted them and removed after it has taken them back, so that what
// stands here is never more than what is held.
//
// fork(2) copies descriptors, and with them their share in the open file description that the lock belongs
// to. The handlers below run around it: the child closes its copies, which drops nothing (only LOCK_UN or the
// last close does), and forgets the holds. Opening and closing are one step with the bookkeeping, under the
// mutex that fork takes: the child must neither miss a descriptor nor close a number that is some other
// file's by now.
#include "registry.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <utility>

#ifndef _WIN32
#include <pthread.h>
#endif

namespace lockwright::runtime::detail {

namespace {

using namespace std::chrono_literals;

constexpr auto first_interval = 50us;
constexpr auto longest_interval = 10000us;
constexpr auto patience = 5ms;

std::atomic<std::uint64_t> forks = 0;
std::atomic<std::uint64_t> handed_over = 0;
Registry* current = nullptr;  // never destroyed: holds may end in destructors of static objects

}  // namespace

std::uint64_t this_thread() {
  static std::atomic<std::uint64_t> last = 0;
  thread_local const std::uint64_t mine = ++last;
  return mine;
}

std::uint64_t generation() {
  return forks.load(std::memory_order_relaxed);
}

std::chrono::microseconds jittered(std::chrono::microseconds interval) {
  // Random, not seeded alike in a parent and its children.
  thread_local std::minstd_rand random(std::random_device{}());
  thread_local std::uint64_t seeded = generation();
  if (seeded != generation()) {
    random.seed(std::random_device{}());
    seeded = generation();
  }
  return std::chrono::microseconds(
      std::uniform_int_distribution<std::int64_t>(interval.count() / 2, interval.count())(random));
}

Names::~Names() {
  if (kept.descriptor != kernel::no_descriptor && kept.born == generation())
    static_cast<void>(Registry::instance().close(kept.descriptor));
}

void hand_over() {
  handed_over.fetch_add(1, std::memory_order_acq_rel);
}

Registry& Registry::instance() {
  static const bool made = [] {
    current = new Registry();
#ifndef _WIN32
    // Not earlier: another thread may be forking.
    pthread_atfork(&Registry::before_fork, &Registry::after_fork_in_parent, &Registry::after_fork_in_child);
#endif
    return true;
  }();
  static_cast<void>(made);
  return *current;
}

void Registry::before_fork() {
  current->mutex_.lock();
}

void Registry::after_fork_in_parent() {
  current->mutex_.unlock();
}

void Registry::after_fork_in_child() {
  ++forks;
  for (const kernel::Descriptor descriptor : current->descriptors_)
    static_cast<void>(kernel::close(descriptor));
  current->descriptors_.clear();
  current->holds_.clear();
  // The waiters are threads that do not exist here; what they wait with must not be destroyed.
  static_cast<void>(new std::unordered_map<std::string, Queue>(std::move(current->queues_)));
  current->queues_ = {};
  current->mutex_.unlock();
}

int Registry::open(const Names& names, kernel::Descriptor& descriptor, kernel::FileId& id,
                   std::shared_ptr<HoldState>& held) {
  const std::uint64_t me = this_thread();
  const std::lock_guard guard(mutex_);
  const Kept kept = std::exchange(names.kept, {});
  if (kept.descriptor != kernel::no_descriptor && kept.born == generation()) {
    descriptor = kept.descriptor;
    id = kept.id;
  } else {
    // So that push_back() below does not throw with the file open.
    if (descriptors_.size() == descriptors_.capacity()) descriptors_.reserve(2 * descriptors_.size() + 8);
    const int error = kernel::open_lock_file(names.lock_path, descriptor, id);
    if (error != 0) return error;
    descriptors_.push_back(descriptor);
  }
  for (const auto& hold : holds_) {
    if (hold->owner == me && hold->id == id) held = hold;
  }
  return 0;
}

int Registry::close(kernel::Descriptor descriptor) {
  const std::lock_guard guard(mutex_);
  return close_locked(descriptor);
}

int Registry::close_locked(kernel::Descriptor descriptor) {
  // The newest are closed first, mostly.
  const auto found = std::find(descriptors_.rbegin(), descriptors_.rend(), descriptor);
  if (found != descriptors_.rend()) {
    *found = descriptors_.back();
    descriptors_.pop_back();
  }
  return kernel::close(descriptor);
}

std::shared_ptr<HoldState> Registry::held_here(const std::string& key) {
  const std::uint64_t me = this_thread();
  const std::lock_guard guard(mutex_);
  for (const auto& hold : holds_) {
    if (hold->owner == me && hold->names->key == key) return hold;
  }
  return nullptr;
}

void Registry::add(const std::shared_ptr<HoldState>& state) {
  const std::lock_guard guard(mutex_);
  holds_.push_back(state);
}

int Registry::end(const HoldState& state, bool may_keep) {
  std::shared_ptr<HoldState> last;  // which may be what keeps the hold: not to be destroyed in here
  const std::lock_guard guard(mutex_);
  int error = 0;
  Kept& kept = state.names->kept;
  if (may_keep && state.names->keep_open && kept.descriptor == kernel::no_descriptor) {
    kept = {.descriptor = state.descriptor, .id = state.id, .born = state.born};
  } else {
    error = close_locked(state.descriptor);
  }
  const auto found =
      std::find_if(holds_.rbegin(), holds_.rend(), [&](const auto& hold) { return hold.get() == &state; });
  if (found != holds_.rend()) {
    last = std::move(*found);
    if (found != holds_.rbegin()) *found = std::move(holds_.back());
    holds_.pop_back();
  }
  if (queues_.empty()) return error;
  const auto queue = queues_.find(state.names->key);
  if (queue != queues_.end() && queue->second.starving) wake_first(queue->second);
  return error;
}

bool Registry::probed(std::uint64_t device) {
  const std::lock_guard guard(mutex_);
  return std::find(probed_.begin(), probed_.end(), device) != probed_.end();
}

void Registry::set_probed(std::uint64_t device) {
  const std::lock_guard guard(mutex_);
  probed_.push_back(device);
}

void Registry::wake_first(Queue& queue) {
  if (queue.waiters.empty()) return;
  queue.waiters.front()->woken = true;
  queue.waiters.front()->turn.notify_one();
}

bool Registry::Place::may_try() {
  const std::lock_guard guard(registry_.mutex_);
  if (registry_.queues_.empty()) return true;
  const auto queue = registry_.queues_.find(key_);
  if (queue == registry_.queues_.end()) return true;
  return waiter_ ? queue->second.waiters.front() == waiter_ : !queue->second.starving;
}

void Registry::Place::pause(std::optional<Clock::time_point> deadline, const std::stop_token& stop) {
  std::unique_lock lock(registry_.mutex_);
  Queue& queue = registry_.queues_[key_];
  if (!waiter_) {
    queue.waiters.push_back(std::make_shared<Waiter>());
    waiter_ = queue.waiters.back();
    since_ = Clock::now();
    interval_ = first_interval;
  }
  const auto woken = [this] { return waiter_->woken; };
  if (queue.waiters.front() != waiter_) {
    if (deadline) {
      waiter_->turn.wait_until(lock, stop, *deadline, woken);
    } else {
      waiter_->turn.wait(lock, stop, woken);
    }
  } else {
    if (Clock::now() - since_ >= patience) queue.starving = true;
    auto until = Clock::now() + jittered(interval_);
    if (deadline) until = std::min(until, *deadline);
    interval_ = std::min<std::chrono::microseconds>(interval_ * 2, longest_interval);
    waiter_->turn.wait_until(lock, stop, until, woken);
  }
  waiter_->woken = false;
}

void Registry::Place::leave() {
  if (!waiter_) return;
  const std::lock_guard guard(registry_.mutex_);
  const auto found = registry_.queues_.find(key_);
  const std::shared_ptr<Waiter> waiter = std::move(waiter_);
  waiter_ = nullptr;
  if (found == registry_.queues_.end()) return;
  Queue& queue = found->second;
  const bool was_first = queue.waiters.front() == waiter;
  std::erase(queue.waiters, waiter);
  if (queue.waiters.empty()) {
    registry_.queues_.erase(found);
  } else if (was_first) {
    queue.starving = false;  // until the next one's patience ends
    wake_first(queue);
  }
}

}  // namespace lockwright::runtime::detail
