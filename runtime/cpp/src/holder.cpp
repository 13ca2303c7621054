// Writing and reading the holder record.
#include "lockwright/holder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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

std::array<char, 17> random_hex() {
  std::random_device device;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", device(), device());
  return text;
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

HolderText& HolderText::of_this_thread(Mode mode) {
  thread_local HolderText text;
  text.renew(mode);
  return text;
}

void HolderText::renew(Mode mode) {
  static std::atomic<std::uint64_t> acquires = 0;
  if (fixed_ == 0 || born_ != generation()) describe_process();
  std::array<char, 24> number{};
  const auto end = std::to_chars(number.data(), number.data() + number.size(), ++acquires).ptr;
  used_ = fixed_;
  add(mode == Mode::shared ? R"("shared","token":")" : R"("exclusive","token":")");
  add(token_.data());
  add("-");
  add({number.data(), end});
  add(R"(","acquired_at":")");
}

void HolderText::describe_process() {
  text_.fill(' ');
  text_.back() = '\n';
  used_ = 0;
  end_ = 0;
  add(R"({"format":1,"pid":)" + std::to_string(process_id()) + R"(,"host":)" + quoted(host_name()) +
      R"(,"boot_id":)" + quoted(first_line("/proc/sys/kernel/random/boot_id")) + R"(,"start_time":)" +
      std::to_string(process_start_time()) + R"(,"program":)" + quoted(first_line("/proc/self/comm")) +
      R"(,"mode":)");
  fixed_ = used_;
  token_ = random_hex();
  born_ = generation();
}

void HolderText::add(std::string_view text) {
  // Names are short enough for the record; if ever they are not, it is cut off.
  const std::size_t size = std::min(text.size(), text_.size() - 1 - used_);
  std::memcpy(text_.data() + used_, text.data(), size);
  used_ += size;
}

void HolderText::stamp() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t second = std::chrono::system_clock::to_time_t(now);
  if (second != second_) {  // this takes longer than all the rest
    std::tm parts{};
#ifdef _WIN32
    gmtime_s(&parts, &second);
#else
    gmtime_r(&second, &parts);
#endif
    std::strftime(time_.data(), time_.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
    second_ = second;
  }
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  add(time_.data());
  const std::array<char, 6> rest{static_cast<char>('0' + milliseconds / 100),
                                 static_cast<char>('0' + milliseconds / 10 % 10),
                                 static_cast<char>('0' + milliseconds % 10),
                                 'Z',
                                 '"',
                                 '}'};
  add({rest.data(), rest.size()});
  if (used_ < end_) std::fill(text_.begin() + used_, text_.begin() + end_, ' ');  // of a longer one before it
  end_ = used_;
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
