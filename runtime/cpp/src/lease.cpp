// The record is only ever read to decide, and only ever written, with the lock of its file held.
#include "lockwright/lease.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

#include "internal.h"
#include "lockwright/errors.h"
#include "lockwright/replace_file.h"

namespace lockwright::runtime {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t since_1970(auto unit) {
  return std::chrono::duration_cast<decltype(unit)>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t now_ms() {
  return since_1970(milliseconds(0));
}

fs::path record_path_of(const fs::path& path) {
  fs::path record = detail::resolved(path);
  record += ".lease";
  return record;
}

std::optional<LeaseRecord> read_record(const fs::path& record_path) {
  const auto text = detail::read_file(record_path);
  if (!text) return std::nullopt;
  try {
    const json record = json::parse(*text);
    LeaseRecord result{.owner = record.at("owner").is_null() ? "" : record.at("owner").get<std::string>(),
                       .token = record.at("token").get<std::uint64_t>(),
                       .ttl_ms = record.at("ttl_ms").get<std::int64_t>(),
                       .expires_at_ms = record.at("expires_at_ms").get<std::int64_t>(),
                       .pid = record.value("pid", std::int64_t{0}),
                       .host = record.value("host", std::string())};
    if (record.at("format") != 1) throw InvalidRecord(record_path, "its format is not 1");
    return result;
  } catch (const json::exception& error) {
    throw InvalidRecord(record_path, error.what());
  }
}

bool expired(const LeaseRecord& record) {
  return now_ms() >= record.expires_at_ms;
}
bool is_free(const LeaseRecord& record) {
  return record.owner.empty() || expired(record);
}

std::string whose(const LeaseRecord& record) {
  return record.owner.empty() ? "it was released"
                              : "it is " + record.owner + "'s, by token " + std::to_string(record.token);
}

/// The lease's owner in the form in which a lock's holder is told.
HolderRecord holder_of(const LeaseRecord& record) {
  return {.pid = record.pid,
          .host = record.host,
          .program = record.owner,
          .mode = "lease",
          .token = std::to_string(record.token)};
}

/// A number that grows also where no record tells the last one.
std::uint64_t next_token(const std::optional<LeaseRecord>& record) {
  const auto now = static_cast<std::uint64_t>(since_1970(std::chrono::microseconds(0)));
  return std::max(record ? record->token + 1 : 0, now);
}

}  // namespace

Lease::Lease(const fs::path& path, std::string owner, milliseconds ttl)
    : path_(detail::resolved(path)),
      record_path_(record_path_of(path)),
      record_lock_(record_path_),
      owner_(std::move(owner)),
      ttl_(ttl) {
  if (owner_.empty()) throw std::invalid_argument("a lease needs an owner");
  if (ttl_ <= milliseconds(0)) throw std::invalid_argument("a lease's ttl must be positive");
}

std::uint64_t Lease::acquire(milliseconds timeout, const std::stop_token& stop, std::source_location site) {
  {
    const std::lock_guard guard(mutex_);
    if (token_) throw AlreadyHeldError(path_, site_.file_name(), site_.line(), " by this Lease");
  }
  const auto began = Clock::now();
  const auto waited = [&began] { return std::chrono::duration_cast<milliseconds>(Clock::now() - began); };
  milliseconds pause(5);
  for (;;) {
    std::optional<LeaseRecord> record;
    {
      // A try that does not wait for the lease may still wait for those who are just reading or writing the
      // record.
      Hold hold = record_lock_.acquire(std::max(timeout - waited(), ttl_), stop);
      record = read_record(record_path_);
      if (!record || is_free(*record)) {
        const std::uint64_t token = next_token(record);
        write(owner_, token);
        const std::lock_guard guard(mutex_);
        token_ = token;
        site_ = site;
        return token;
      }
    }
    if (stop.stop_requested()) {
      throw std::system_error(std::make_error_code(std::errc::operation_canceled), record_path_.string());
    }
    if (waited() >= timeout) {
      throw LockTimeout(path_, waited(), holder_of(*record), ": " + whose(*record));
    }
    const milliseconds left = std::min(
        timeout - waited(), milliseconds(std::max<std::int64_t>(record->expires_at_ms - now_ms(), 1)));
    std::this_thread::sleep_for(std::min(pause, left));
    pause = std::min(pause * 2, milliseconds(100));
  }
}

void Lease::resume(std::uint64_t token) {
  const Hold hold = record_lock_.acquire(ttl_);
  static_cast<void>(current(token));
  write(owner_, token);
  const std::lock_guard guard(mutex_);
  token_ = token;
}

void Lease::refresh() {
  const std::uint64_t token = required_token();
  const Hold hold = record_lock_.acquire(ttl_);
  static_cast<void>(current(token));
  write(owner_, token);
}

void Lease::check() {
  const std::uint64_t token = required_token();
  const Hold hold = record_lock_.acquire(ttl_);
  if (expired(current(token))) throw LeaseLost(path_, token, "it has expired");
}

void Lease::replace_file(std::string_view content) {
  const std::uint64_t token = required_token();
  const Hold hold = record_lock_.acquire(ttl_);
  if (expired(current(token))) throw LeaseLost(path_, token, "it has expired");
  runtime::replace_file(path_, content);
}

bool Lease::release() {
  const auto token = this->token();
  if (!token) return false;
  const Hold hold = record_lock_.acquire(ttl_);
  const auto record = read_record(record_path_);
  const bool ours = record && record->owner == owner_ && record->token == *token;
  if (ours) write("", *token);
  const std::lock_guard guard(mutex_);
  if (token_ == token) token_ = std::nullopt;
  return ours;
}

std::optional<std::uint64_t> Lease::token() const {
  const std::lock_guard guard(mutex_);
  return token_;
}

std::optional<LeaseRecord> Lease::read(const fs::path& path) {
  return read_record(record_path_of(path));
}

std::uint64_t Lease::required_token() const {
  const auto held = token();
  if (!held) throw NotHeldError(path_);
  return *held;
}

/// The record, if it is that of `token`. REQUIRES: the record's lock is held.
LeaseRecord Lease::current(std::uint64_t token) const {
  const auto record = read_record(record_path_);
  if (!record) throw LeaseLost(path_, token, "its record was deleted");
  if (record->owner != owner_ || record->token != token) throw LeaseLost(path_, token, whose(*record));
  return *record;
}

/// REQUIRES: the record's lock is held.
void Lease::write(const std::string& owner, std::uint64_t token) const {
  json record{{"format", 1},
              {"owner", nullptr},
              {"token", token},
              {"ttl_ms", ttl_.count()},
              {"expires_at_ms", owner.empty() ? 0 : now_ms() + ttl_.count()},
              {"pid", detail::process_id()},
              {"host", detail::host_name()}};
  if (!owner.empty()) record["owner"] = owner;
  runtime::replace_file(record_path_, record.dump(-1, ' ', true, json::error_handler_t::replace) + "\n");
}

Lease::Scope::~Scope() {
  try {
    lease_.release();
  } catch (...) {  // NOLINT(bugprone-empty-catch): a destructor cannot report it; the lease expires
  }
}

}  // namespace lockwright::runtime
