// Acquiring and releasing. The order of steps is what matters here:
//
//   acquire: open, ask the kernel, look that the file still has its name, (once a file system) see that a
//   second
//            descriptor is refused, write the holder record, enter the hold in the registry;
//   release: unlock, close (or keep, if that was asked for), remove the hold from the registry, tell who
//   waits
//            in this process.
//
// Whatever fails in acquire undoes the steps before it.
#include "lockwright/file_lock.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>

#include "internal.h"
#include "lockwright/errors.h"
#include "registry.h"

namespace lockwright::runtime {

namespace fs = std::filesystem;
using Clock = detail::Registry::Clock;

struct FileLock::Wait {
  std::optional<std::chrono::milliseconds> timeout;
  std::stop_token stop;
  std::source_location site;
  bool throws_timeout = true;  ///< else null is returned
};

namespace {

/// How a newcomer waits after its turn of asking, before it stands in the kernel's queue. The kernel wakes
/// who stands there at every release; if the holder is just coming back, both have worked for nothing. Who
/// asks now and then lets it work undisturbed, and is sure to find the lock free soon if holds are short. If
/// they are long, this is over soon.
class Polls {
 public:
  /// Waits for a moment; false: enough of that.
  bool wait() {
    const auto now = Clock::now();
    if (pause_ == first_pause) end_ = now + poll_time;
    if (now >= end_) return false;
    std::this_thread::sleep_for(detail::jittered(pause_));
    pause_ = std::min(2 * pause_, longest_pause);
    return true;
  }

 private:
  static constexpr std::chrono::microseconds first_pause{50};
  static constexpr std::chrono::microseconds longest_pause{400};
  static constexpr std::chrono::milliseconds poll_time{1};

  std::chrono::microseconds pause_ = first_pause;
  Clock::time_point end_;
};

/// An open lock file that no hold owns yet.
class OpenLockFile {
 public:
  explicit OpenLockFile(const detail::Names& names) : names_(names), lock_path_(names.lock_path) {}
  OpenLockFile(const OpenLockFile&) = delete;
  OpenLockFile& operator=(const OpenLockFile&) = delete;
  ~OpenLockFile() { drop(); }

  void open() {
    if (descriptor_ != kernel::no_descriptor) return;
    const int error = detail::Registry::instance().open(names_, descriptor_, id_, held_);
    if (error != 0) {
      descriptor_ = kernel::no_descriptor;
      detail::throw_error("cannot open lock file", lock_path_, error);
    }
  }

  /// True: the lock is held now. False: it is somebody else's.
  bool try_lock(Mode mode) { return lock_by(kernel::try_lock, mode); }
  /// Waits in the kernel's queue until it is held.
  void wait_for_lock(Mode mode) { static_cast<void>(lock_by(kernel::wait_for_lock, mode)); }

  bool lock_by(decltype(kernel::try_lock) ask, Mode mode) {
    int error = 0;
    for (;;) {
      open();
      switch (ask(descriptor_, lock_path_, id_, mode == Mode::shared, error)) {
        case kernel::Attempt::granted:
          locked_ = true;
          detail::hand_over();
          return true;
        case kernel::Attempt::busy: return false;
        case kernel::Attempt::failed:
          locked_ = true;  // perhaps: drop() shall unlock
          detail::throw_error("cannot lock", lock_path_, error);
        case kernel::Attempt::replaced: locked_ = true; drop();
      }
    }
  }

  void drop() noexcept {
    if (descriptor_ == kernel::no_descriptor) return;
    if (locked_) static_cast<void>(kernel::unlock(descriptor_));
    static_cast<void>(detail::Registry::instance().close(descriptor_));
    descriptor_ = kernel::no_descriptor;
    locked_ = false;
  }

  [[nodiscard]] const kernel::FileId& id() const { return id_; }
  /// What this thread holds on the file that is open.
  [[nodiscard]] const std::shared_ptr<detail::HoldState>& held() const { return held_; }
  [[nodiscard]] kernel::Descriptor descriptor() const { return descriptor_; }
  [[nodiscard]] kernel::Descriptor give_up() noexcept {
    return std::exchange(descriptor_, kernel::no_descriptor);
  }

 private:
  const detail::Names& names_;
  const fs::path& lock_path_;
  kernel::Descriptor descriptor_ = kernel::no_descriptor;
  kernel::FileId id_;
  std::shared_ptr<detail::HoldState> held_;
  bool locked_ = false;
};

/// Lets the other half of a processor that is two have more of it.
void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Asks again and again for a moment, and gives way to others in between: to be woken by the kernel takes
/// some twenty microseconds, in which nobody would hold the lock. Where this has not helped of late, holds
/// are long and the moment is a short one. True: the lock is held now.
bool spin(OpenLockFile& file, Mode mode, std::optional<Clock::time_point> deadline, detail::Habit& habit) {
  constexpr std::chrono::microseconds gap{3};  // asking more often would disturb who holds the lock
  const std::chrono::microseconds moment = habit.holds_are_long() ? 2 * gap : 16 * gap;
  const auto began = Clock::now();
  const auto end = deadline ? std::min(*deadline, began + moment) : began + moment;
  auto now = began;
  for (; now < end; now = Clock::now()) {
    while (Clock::now() < now + gap) relax();
    std::this_thread::yield();
    if (file.try_lock(mode)) {
      habit.spun(true);
      return true;
    }
  }
  // If another had the processor for most of the moment, it says nothing.
  if (now < began + 2 * moment) habit.spun(false);
  return false;
}

/// What a hold that this thread has means for another acquire: null if there is none, the hold if it is
/// counted.
std::shared_ptr<detail::HoldState> nested(const detail::Names& names,
                                          const std::shared_ptr<detail::HoldState>& held,
                                          const LockOptions& options) {
  if (!held) return nullptr;
  const bool upgrade = held->mode == Mode::shared && options.mode == Mode::exclusive;
  if (options.reentrant && !upgrade) {
    const std::lock_guard guard(held->mutex);
    if (held->count == 0)
      return nullptr;  // another thread, to which the Hold was moved, is just releasing it
    ++held->count;
    return held;
  }
  throw AlreadyHeldError(
      names.path, held->site.file_name(), held->site.line(),
      upgrade ? " in shared mode by this thread and cannot become exclusive" : " by this thread");
}

std::shared_ptr<const detail::Names> names_of(const fs::path& path, bool keep_open) {
  auto names = std::make_shared<detail::Names>();
  names->path = detail::resolved(path);
  names->lock_path = names->path;
  names->lock_path += ".lock";
  names->key = names->lock_path.string();
  names->keep_open = keep_open;
  return names;
}

/// Ends one of the counted holds. Returns an errno value for what failed; the lock is gone in any case.
int release_one(detail::HoldState& state) {
  if (state.born != detail::generation()) return 0;  // the parent's: not ours to release, and closed already
  const std::lock_guard guard(state.mutex);
  if (state.count == 0) return 0;
  --state.count;
  if (state.count > 0) return 0;
  auto& registry = detail::Registry::instance();
  detail::hand_over();
  const int unlock_error = kernel::unlock(state.descriptor);
  const int close_error = registry.end(state, unlock_error == 0);
  return unlock_error != 0 ? unlock_error : close_error;
}

}  // namespace

Hold::Hold(std::shared_ptr<detail::HoldState> state) noexcept : state_(std::move(state)) {}
Hold::Hold(Hold&&) noexcept = default;

Hold& Hold::operator=(Hold&& other) noexcept {
  if (this != &other) {
    const Hold old(std::move(*this));
    state_ = std::move(other.state_);
  }
  return *this;
}

Hold::~Hold() {
  if (state_) static_cast<void>(release_one(*state_));
}

void Hold::release() {
  const auto state = std::move(state_);
  state_ = nullptr;
  if (!state) return;
  const int error = release_one(*state);
  if (error != 0) detail::throw_error("error in releasing", state->names->lock_path, error);
}

bool Hold::held() const noexcept {
  return state_ && state_->born == detail::generation();
}

FileLock::FileLock(const fs::path& path, LockOptions options)
    : names_(names_of(path, options.keep_open)), options_(options) {}

FileLock FileLock::reentrant(const fs::path& path, Mode mode) {
  return FileLock(path, {.mode = mode, .reentrant = true});
}

const fs::path& FileLock::path() const noexcept {
  return names_->path;
}
const fs::path& FileLock::lock_path() const noexcept {
  return names_->lock_path;
}

std::shared_ptr<detail::HoldState> FileLock::acquire_within(const Wait& wait) const {
  // Nobody waits for what is done before the lock is asked for: all that can be is.
  const auto state = std::make_shared<detail::HoldState>();
  state->names = names_;
  state->owner = detail::this_thread();
  state->born = detail::generation();
  state->mode = options_.mode;
  state->site = wait.site;
  detail::HolderText& record = detail::HolderText::of_this_thread(options_.mode);
  const Clock::time_point began = wait.timeout ? Clock::now() : Clock::time_point();
  std::optional<Clock::time_point> deadline;
  // Beyond a year no deadline is needed, and the addition might overflow.
  if (wait.timeout && *wait.timeout < std::chrono::years(1)) deadline = began + *wait.timeout;
  auto& registry = detail::Registry::instance();
  if (auto counted = nested(*names_, registry.held_here(names_->key), options_)) return counted;

  detail::Registry::Place place(registry, names_->key);
  OpenLockFile file(*names_);
  Polls polls;
  for (;;) {
    const bool last = deadline && Clock::now() >= *deadline;
    if (last || place.may_try()) {
      file.open();
      if (auto counted = nested(*names_, file.held(), options_)) return counted;
      if (file.try_lock(options_.mode)) break;
      detail::Habit& habit = registry.habit(names_->key);
      if (!last && spin(file, options_.mode, deadline, habit)) break;
      if (!wait.timeout && !wait.stop.stop_possible()) {
        if (!habit.holds_are_long() && polls.wait()) continue;
        // Nobody will call this off: the kernel's queue is fair, and wakes at once.
        file.wait_for_lock(options_.mode);
        break;
      }
    }
    if (wait.stop.stop_requested()) {
      throw std::system_error(std::make_error_code(std::errc::operation_canceled), names_->key);
    }
    if (last) {
      if (!wait.throws_timeout) return nullptr;
      throw LockTimeout(path(), std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began),
                        read_holder(lock_path()), "");
    }
    place.pause(deadline, wait.stop);
  }

  thread_local std::uint64_t probed_last = ~std::uint64_t{0};
  if (probed_last != file.id().device) {
    if (!registry.probed(file.id().device)) {
      if (const int error = kernel::probe_exclusion(lock_path())) {
        detail::throw_error("locks do not exclude on this file system, or it could not be found out",
                            lock_path(), error);
      }
      registry.set_probed(file.id().device);
    }
    probed_last = file.id().device;
  }
  record.stamp();
  if (const int error = kernel::write_record(file.descriptor(), record.bytes(), detail::record_size)) {
    detail::throw_error("cannot write the holder record", lock_path(), error);
  }
  state->descriptor = file.descriptor();
  state->id = file.id();
  registry.add(state);
  static_cast<void>(file.give_up());
  return state;
}

Hold FileLock::acquire(std::source_location site) const {
  return Hold(acquire_within({.timeout = std::nullopt, .stop = {}, .site = site}));
}

Hold FileLock::acquire(std::chrono::milliseconds timeout, const std::stop_token& stop,
                       std::source_location site) const {
  if (timeout < std::chrono::milliseconds(0)) throw std::invalid_argument("negative timeout");
  return Hold(acquire_within({.timeout = timeout, .stop = stop, .site = site}));
}

std::optional<Hold> FileLock::try_acquire(std::source_location site) const {
  auto state = acquire_within(
      {.timeout = std::chrono::milliseconds(0), .stop = {}, .site = site, .throws_timeout = false});
  if (!state) return std::nullopt;
  return Hold(std::move(state));
}

}  // namespace lockwright::runtime
