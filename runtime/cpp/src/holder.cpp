// Writing and reading the holder record.
#include "lockwright/holder.h"

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "internal.h"
#include "registry.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace lockwright::runtime {

namespace {

using nlohmann::json;

constexpr std::size_t longest_name = 200;  // of host and program, so that the record fits

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Field 22 of /proc/self/stat. The second field may contain anything, so we count from its closing
/// parenthesis.
std::int64_t process_start_time() {
  const std::string stat = first_line("/proc/self/stat");
  std::size_t position = stat.rfind(')');
  for (int field = 2; field < 22 && position != std::string::npos; ++field)
    position = stat.find(' ', position + 1);
  return position == std::string::npos ? 0 : std::strtoll(stat.c_str() + position, nullptr, 10);
}

std::string quoted(const std::string& text) {
  return json(text.substr(0, longest_name)).dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string random_hex() {
  std::random_device device;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", device(), device());
  return text.data();
}

/// "2026-01-31T12:00:00.000Z" to the end of `text`. A second's text is made once: it takes longer than the
/// rest of the record.
void add_now(std::string& text) {
  thread_local std::time_t made_for = -1;
  thread_local std::array<char, 32> made{};
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  if (seconds != made_for) {
    std::tm parts{};
#ifdef _WIN32
    gmtime_s(&parts, &seconds);
#else
    gmtime_r(&seconds, &parts);
#endif
    std::strftime(made.data(), made.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
    made_for = seconds;
  }
  text += made.data();
  for (const auto unit : {100, 10, 1}) text += static_cast<char>('0' + milliseconds / unit % 10);
  text += 'Z';
}

/// What stays the same in all records of this process.
struct Self {
  std::string start;
  std::string token;
};

Self describe_self() {
  return {.start = R"({"format":1,"pid":)" + std::to_string(detail::process_id()) + R"(,"host":)" +
                   quoted(detail::host_name()) + R"(,"boot_id":)" +
                   quoted(first_line("/proc/sys/kernel/random/boot_id")) + R"(,"start_time":)" +
                   std::to_string(process_start_time()) + R"(,"program":)" +
                   quoted(first_line("/proc/self/comm")),
          .token = random_hex()};
}

/// Of this process: a forked child makes its own.
const Self& self() {
  thread_local std::uint64_t made_in = detail::generation();
  thread_local Self made = describe_self();
  if (made_in != detail::generation()) {
    made = describe_self();
    made_in = detail::generation();
  }
  return made;
}

template <typename Value>
Value member(const json& record, const char* name) {
  const auto found = record.find(name);
  if (found == record.end()) return {};
  if constexpr (std::is_same_v<Value, std::string>) {
    return found->is_string() ? found->get<std::string>() : std::string();
  } else {
    return found->is_number_integer() ? found->get<Value>() : Value{};
  }
}

}  // namespace

namespace detail {

std::int64_t process_id() {
#ifdef _WIN32
  return static_cast<std::int64_t>(GetCurrentProcessId());
#else
  return ::getpid();
#endif
}

std::string host_name() {
#ifdef _WIN32
  const char* name = std::getenv("COMPUTERNAME");
  return name != nullptr ? name : "";
#else
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
#endif
}

std::string_view holder_record(Mode mode) {
  static std::atomic<std::uint64_t> acquires = 0;
  thread_local std::string record;
  const Self& mine = self();
  std::array<char, 24> number{};
  const auto end = std::to_chars(number.data(), number.data() + number.size(), ++acquires).ptr;
  record.assign(mine.start);
  record += mode == Mode::shared ? R"(,"mode":"shared","token":")" : R"(,"mode":"exclusive","token":")";
  record += mine.token;
  record += '-';
  record.append(number.data(), end);
  record += R"(","acquired_at":")";
  add_now(record);
  record += "\"}";
  record.resize(record_size - 1, ' ');
  record += '\n';
  return record;
}

}  // namespace detail

std::optional<HolderRecord> read_holder(const std::filesystem::path& lock_path) {
  std::ifstream file(lock_path, std::ios::binary);
  std::string text(detail::record_size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const json record = json::parse(text, nullptr, false);
  if (!record.is_object()) return std::nullopt;
  return HolderRecord{.pid = member<std::int64_t>(record, "pid"),
                      .host = member<std::string>(record, "host"),
                      .boot_id = member<std::string>(record, "boot_id"),
                      .start_time = member<std::int64_t>(record, "start_time"),
                      .program = member<std::string>(record, "program"),
                      .mode = member<std::string>(record, "mode"),
                      .token = member<std::string>(record, "token"),
                      .acquired_at = member<std::string>(record, "acquired_at")};
}

std::string describe(const HolderRecord& record) {
  return "pid " + std::to_string(record.pid) + " (" + record.program + ") on " + record.host + " since " +
         record.acquired_at;
}

}  // namespace lockwright::runtime
