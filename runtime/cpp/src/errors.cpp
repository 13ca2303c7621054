// The words of the errors.
#include "lockwright/errors.h"

#include <utility>

namespace lockwright::runtime {

LockTimeout::LockTimeout(std::filesystem::path path, std::chrono::milliseconds waited,
                         std::optional<HolderRecord> holder, const std::string& detail)
    : std::system_error(std::make_error_code(std::errc::timed_out),
                        path.string() + " not acquired in " + std::to_string(waited.count()) + " ms" +
                            detail + (holder ? "; last holder seen: " + describe(*holder) : std::string())),
      path_(std::move(path)),
      waited_(waited),
      holder_(std::move(holder)) {}

AlreadyHeldError::AlreadyHeldError(std::filesystem::path path, std::string file, std::uint32_t line,
                                   const std::string& detail)
    : std::system_error(
          std::make_error_code(std::errc::resource_deadlock_would_occur),
          path.string() + " is held already" + detail + ", since " + file + ":" + std::to_string(line)),
      path_(std::move(path)),
      file_(std::move(file)),
      line_(line) {}

NotHeldError::NotHeldError(const std::filesystem::path& path)
    : std::logic_error(path.string() + " is not held"), path_(path) {}

LeaseLost::LeaseLost(std::filesystem::path path, std::uint64_t token, const std::string& detail)
    : std::runtime_error("lease " + std::to_string(token) + " on " + path.string() + " is lost: " + detail),
      path_(std::move(path)),
      token_(token) {}

InvalidRecord::InvalidRecord(std::filesystem::path path, const std::string& detail)
    : std::runtime_error(path.string() + " is no lease record: " + detail), path_(std::move(path)) {}

}  // namespace lockwright::runtime
