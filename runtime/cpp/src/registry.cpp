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
Registry* current = nullptr;  // never destroyed: holds may end in destructors of static objects

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

}  // namespace

std::uint64_t this_thread() {
  static std::atomic<std::uint64_t> last = 0;
  thread_local const std::uint64_t mine = ++last;
  return mine;
}

std::uint64_t generation() {
  return forks.load(std::memory_order_relaxed);
}

Registry::Registry() {
#ifndef _WIN32
  pthread_atfork(&Registry::before_fork, &Registry::after_fork_in_parent, &Registry::after_fork_in_child);
#endif
}

Registry& Registry::instance() {
  static const bool made = [] {
    current = new Registry();
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
  current->by_name_.clear();
  current->by_id_.clear();
  // The waiters are threads that do not exist here; what they wait with must not be destroyed.
  static_cast<void>(new std::unordered_map<std::string, Queue>(std::move(current->queues_)));
  current->queues_ = {};
  current->mutex_.unlock();
}

int Registry::open(const std::filesystem::path& lock_path, kernel::Descriptor& descriptor,
                   kernel::FileId& id) {
  const std::lock_guard guard(mutex_);
  descriptors_.reserve(descriptors_.size() +
                       1);  // so that push_back() below does not throw with the file open
  const int error = kernel::open_lock_file(lock_path, descriptor, id);
  if (error == 0) descriptors_.push_back(descriptor);
  return error;
}

int Registry::close(kernel::Descriptor descriptor) {
  const std::lock_guard guard(mutex_);
  // The newest are closed first, mostly.
  const auto found = std::find(descriptors_.rbegin(), descriptors_.rend(), descriptor);
  if (found != descriptors_.rend()) {
    *found = descriptors_.back();
    descriptors_.pop_back();
  }
  return kernel::close(descriptor);
}

std::shared_ptr<HoldState> Registry::held_here(const std::string& key, const kernel::FileId* id) {
  const std::uint64_t me = this_thread();
  const std::lock_guard guard(mutex_);
  const auto [first, last] = by_name_.equal_range(key);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second->owner == me) return entry->second;
  }
  if (id != nullptr) {
    const auto [from, to] = by_id_.equal_range(*id);
    for (auto entry = from; entry != to; ++entry) {
      if (entry->second->owner == me) return entry->second;
    }
  }
  return nullptr;
}

void Registry::add(const std::shared_ptr<HoldState>& state) {
  const std::lock_guard guard(mutex_);
  const auto named = by_name_.emplace(state->names->key, state);
  try {
    by_id_.emplace(state->id, state);
  } catch (...) {
    by_name_.erase(named);
    throw;
  }
}

void Registry::remove(const HoldState& state) {
  const std::lock_guard guard(mutex_);
  const auto erase = [&state](auto& entries, const auto& key) {
    const auto [first, last] = entries.equal_range(key);
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second.get() == &state; });
    if (found != last) entries.erase(found);
  };
  erase(by_id_, state.id);
  erase(by_name_, std::string_view(state.names->key));
  const auto queue = queues_.find(state.names->key);
  if (queue != queues_.end() && queue->second.starving) wake_first(queue->second);
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
