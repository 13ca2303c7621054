// The C++ form's driver. README.md says what the operations do.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "lockwright/json.h"
#include "lockwright/runtime.h"

namespace {

using namespace lockwright::runtime;
using nlohmann::json;
using std::chrono::milliseconds;

std::mutex mutex;  // guards holds, leases and the output
std::map<std::string, std::shared_ptr<Hold>> holds;
std::map<std::string, std::shared_ptr<Lease>> leases;

void say(const json& message) {
  const std::string line = message.dump() + "\n";
  const std::lock_guard guard(mutex);
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = ::write(1, line.data() + done, line.size() - done);
    if (count < 0) _exit(1);
    done += static_cast<std::size_t>(count);
  }
}

class Failure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

json described(const std::exception& error) {
  json result{{"type", "Error"}, {"message", error.what()}};
  if (const auto* system = dynamic_cast<const std::system_error*>(&error)) {
    result["type"] = "OSError";
    result["errno"] = system->code().value();
  }
  if (const auto* timeout = dynamic_cast<const LockTimeout*>(&error)) {
    result["type"] = "LockTimeout";
    result["path"] = timeout->path();
    result["waited"] = static_cast<double>(timeout->waited().count()) / 1000;
    if (timeout->holder()) {
      const HolderRecord& holder = *timeout->holder();
      result["holder"] = {{"pid", holder.pid}, {"mode", holder.mode}, {"program", holder.program}};
    }
  } else if (const auto* held = dynamic_cast<const AlreadyHeldError*>(&error)) {
    result["type"] = "AlreadyHeldError";
    result["path"] = held->path();
    result["file"] = held->file();
    result["line"] = held->line();
  } else if (const auto* not_held = dynamic_cast<const NotHeldError*>(&error)) {
    result["type"] = "NotHeldError";
    result["path"] = not_held->path();
  } else if (const auto* lost = dynamic_cast<const LeaseLost*>(&error)) {
    result["type"] = "LeaseLost";
    result["token"] = lost->token();
    result["path"] = lost->path();
  } else if (const auto* invalid = dynamic_cast<const InvalidRecord*>(&error)) {
    result["type"] = "InvalidRecord";
    result["path"] = invalid->path();
  } else if (dynamic_cast<const Failure*>(&error) != nullptr) {
    result["type"] = "Failure";
  }
  return result;
}

std::string text(const json& request, const char* name) {
  return request.at(name).get<std::string>();
}

milliseconds seconds(const json& value) {
  return milliseconds(static_cast<std::int64_t>(value.get<double>() * 1000));
}

bool keeps_open = false;  // --keep-open: every lock is kept, and so is its file

using KeptLocks = std::map<std::tuple<std::string, Mode, bool>, FileLock>;

/// Guarded by `mutex`.
KeptLocks& kept_locks() {
  static auto& locks = *new KeptLocks();
  return locks;
}

FileLock lock_of(const json& request, const char* path = "path", const char* shared = "shared") {
  const LockOptions options{.mode = request.value(shared, false) ? Mode::shared : Mode::exclusive,
                            .reentrant = request.value("reentrant", false),
                            .keep_open = keeps_open};
  if (!keeps_open) return FileLock(text(request, path), options);
  const std::lock_guard guard(mutex);
  return kept_locks()
      .try_emplace({text(request, path), options.mode, options.reentrant}, text(request, path), options)
      .first->second;
}

Hold acquired(const json& request, const FileLock& lock) {
  const auto timeout = request.find("timeout");
  return timeout == request.end() || timeout->is_null() ? lock.acquire() : lock.acquire(seconds(*timeout));
}

std::shared_ptr<Hold> hold_of(const json& request) {
  const std::lock_guard guard(mutex);
  return holds.at(text(request, "as"));
}

std::shared_ptr<Lease> lease_of(const json& request) {
  const std::lock_guard guard(mutex);
  auto& lease = leases[text(request, "as")];
  if (!lease)
    lease =
        std::make_shared<Lease>(text(request, "path"), text(request, "owner"), seconds(request.at("ttl")));
  return lease;
}

std::string added(const std::optional<std::string>& content) {
  return std::to_string((content && !content->empty() ? std::stol(*content) : 0) + 1);
}

json begin(const json& request) {
  const std::lock_guard guard(mutex);
  for (const auto& [name, hold] : holds) hold->release();
  holds.clear();
  leases.clear();
  kept_locks().clear();
  std::filesystem::current_path(text(request, "folder"));
  return nullptr;
}

json acquire(const json& request) {
  auto hold = std::make_shared<Hold>(acquired(request, lock_of(request)));
  const std::lock_guard guard(mutex);
  holds[text(request, "as")] = std::move(hold);
  return nullptr;
}

json nest(const json& request) {
  // There is no acquire without a scope; `bare` is the same.
  const Hold outer = lock_of(request).acquire();
  try {
    Hold inner = lock_of(request, "inner", "inner_shared").acquire(std::chrono::seconds(20));
    inner.release();
  } catch (const AlreadyHeldError&) {
    if (!outer.held()) throw Failure("the refused acquire ended the hold");
    throw;
  }
  return nullptr;
}

json leave(const json& request) {
  const FileLock lock = lock_of(request);
  if (text(request, "how") == "return") {
    return lock.with_lock([] { return 1; });
  }
  try {
    const Hold hold = lock.acquire();
    throw Failure("leaves");
  } catch (const Failure&) {
    return nullptr;
  }
}

json cancel(const json& request) {
  std::stop_source source;
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(seconds(request.at("after")));
    source.request_stop();
  });
  try {
    const Hold hold = lock_of(request).acquire(std::chrono::hours(1), source.get_token());
    return "not cancelled";
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::operation_canceled) throw;
    return "cancelled";
  }
}

json increment(const json& request) {
  const FileLock lock = lock_of(request, "lock");
  const std::string path = text(request, "path");
  const std::string marker = request.value("marker", "");
  int overlaps = 0;
  for (int step = 0; step < request.at("times").get<int>(); ++step) {
    const Hold hold = lock.acquire();
    if (!marker.empty()) {
      const int created = ::open(marker.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      if (created == -1) ++overlaps;
      if (created != -1) ::close(created);
    }
    long count = 0;
    std::ifstream(path) >> count;
    std::ofstream(path) << count + 1;
    if (!marker.empty() && ::unlink(marker.c_str()) == -1) ++overlaps;
  }
  return overlaps;
}

json update(const json& request) {
  for (int step = 0; step < request.at("times").get<int>(); ++step) {
    update_file(text(request, "path"), added);
    say({{"event", request.at("id")}, {"n", step}});
  }
  return nullptr;
}

json save(const json& request) {
  for (int step = 0; step < request.at("times").get<int>(); ++step) {
    update_json(
        text(request, "path"),
        [&](json& value) { value[text(request, "key")] = value.value(text(request, "key"), 0) + 1; },
        json::object());
  }
  return nullptr;
}

json fail_update(const json& request) {
  update_file(text(request, "path"),
              [](const std::optional<std::string>&) -> std::string { throw Failure("in the function"); });
  return nullptr;
}

/// An update whose function acquires the same lock.
json nest_update(const json& request) {
  update_file(text(request, "path"), [&](const std::optional<std::string>&) -> std::string {
    static_cast<void>(lock_of(request).acquire(std::chrono::seconds(20)));
    return "nested";
  });
  return nullptr;
}

json replace(const json& request) {
  const std::string content(request.at("size").get<std::size_t>(), text(request, "letter").at(0));
  for (int step = 0; step < request.at("times").get<int>(); ++step) {
    replace_file(text(request, "path"), content);
    say({{"event", request.at("id")}, {"n", step}});
  }
  return nullptr;
}

json race(const json& request) {
  const FileLock lock = lock_of(request);
  std::atomic<int> inside = 0;
  std::atomic<int> overlaps = 0;
  const auto run = [&] {
    for (int step = 0; step < request.at("times").get<int>(); ++step) {
      const Hold hold = lock.acquire();
      if (++inside != 1) ++overlaps;
      --inside;
    }
  };
  {
    const std::jthread first(run);
    const std::jthread second(run);
  }
  return overlaps.load();
}

/// A lock whose file stays open, its copies and its hold, all of which go.
json kept(const json& request) {
  std::optional<Hold> last;
  {
    const FileLock lock(text(request, "path"), {.keep_open = true});
    for (int step = 0; step < 3; ++step) lock.acquire().release();
    // It shares what is kept. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
    const FileLock copy = lock;
    last = copy.acquire();
  }
  last->release();
  return nullptr;
}

json forked(const json& request) {
  const auto hold = hold_of(request);
  const std::string how = text(request, "how");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), 1);  // the driver's output ends with the driver
    hold->release();                                       // must do nothing
    const bool still = hold->held();
    const std::string time = request.contains("seconds") ? request.at("seconds").dump() : "0";
    if (how == "exec") ::execlp("sleep", "sleep", time.c_str(), nullptr);
    if (how == "outlive") std::this_thread::sleep_for(seconds(request.at("seconds")));
    ::_exit(still ? 1 : 0);
  }
  json result{{"pid", child}};
  if (how == "exit") {
    int status = 0;
    ::waitpid(child, &status, 0);
    result["status"] = status;
  }
  return result;
}

const std::map<std::string, std::function<json(const json&)>>& operations() {
  static const std::map<std::string, std::function<json(const json&)>> table{
      {"hello",
       [](const json&) -> json { return {{"language", "cpp"}, {"pid", ::getpid()}, {"actor", "thread"}}; }},
      {"begin", begin},
      {"acquire", acquire},
      {"release", [](const json& request) -> json { return hold_of(request)->release(), nullptr; }},
      {"held", [](const json& request) -> json { return hold_of(request)->held(); }},
      {"nest", nest},
      {"leave", leave},
      {"cancel", cancel},
      {"increment", increment},
      {"update", update},
      {"save", save},
      {"fail_update", fail_update},
      {"nest_update", nest_update},
      {"replace", replace},
      {"kept", kept},
      {"race", race},
      {"fork", forked},
      {"lease_acquire",
       [](const json& request) -> json {
         return lease_of(request)->acquire(request.contains("timeout") ? seconds(request["timeout"])
                                                                       : milliseconds(0));
       }},
      {"lease_resume",
       [](const json& request) -> json {
         return lease_of(request)->resume(request.at("token").get<std::uint64_t>()), nullptr;
       }},
      {"lease_refresh",
       [](const json& request) -> json {
         for (int step = 0; step < request.value("times", 1); ++step) lease_of(request)->refresh();
         return nullptr;
       }},
      {"lease_release", [](const json& request) -> json { return lease_of(request)->release(); }},
      {"lease_check", [](const json& request) -> json { return lease_of(request)->check(), nullptr; }},
      {"lease_token",
       [](const json& request) -> json {
         const auto token = lease_of(request)->token();
         return token ? json(*token) : json(nullptr);
       }},
      {"lease_replace",
       [](const json& request) -> json {
         return lease_of(request)->replace_file(text(request, "text")), nullptr;
       }},
  };
  return table;
}

/// A thread that does what it is told, in order.
class Actor {
 public:
  Actor() : thread_([this] { run(); }) { thread_.detach(); }

  void put(json request) {
    const std::lock_guard guard(queue_mutex_);
    requests_.push_back(std::move(request));
    more_.notify_one();
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock guard(queue_mutex_);
      more_.wait(guard, [this] { return !requests_.empty(); });
      const json request = std::move(requests_.front());
      requests_.pop_front();
      guard.unlock();
      try {
        say({{"id", request.at("id")}, {"ok", operations().at(text(request, "op"))(request)}});
      } catch (const std::exception& error) {
        say({{"id", request.at("id")}, {"error", described(error)}});
      }
    }
  }

  std::mutex queue_mutex_;
  std::condition_variable more_;
  std::deque<json> requests_;
  std::thread thread_;
};

}  // namespace

int main(int count, char** arguments) {
  keeps_open = count > 1 && std::string_view(arguments[1]) == "--keep-open";
  auto& actors = *new std::map<std::string, Actor>();  // their threads go on to the end
  std::string line;
  while (std::getline(std::cin, line)) {
    json request = json::parse(line);
    const std::string name = request.value("actor", "main");
    actors[name].put(std::move(request));
  }
  ::_exit(0);
}
