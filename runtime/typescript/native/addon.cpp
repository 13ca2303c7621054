// The kernel lock for JavaScript: the calls of runtime/cpp/src/kernel_lock.h, one function each, none of
// which waits.
//
// A descriptor travels to JavaScript as a number. Every environment (the main thread, each worker) remembers
// which are its own, and closes what is left when it ends: a worker that is terminated while the process
// lives on must not leave a lock behind.
#include <node_api.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <string>

#include "kernel_lock.h"

namespace {

namespace kernel = lockwright::runtime::kernel;

/// What one environment has open.
struct Environment {
  std::set<kernel::Descriptor> open;

  ~Environment() {
    for (const kernel::Descriptor descriptor : open) {
      static_cast<void>(kernel::unlock(descriptor));
      static_cast<void>(kernel::close(descriptor));
    }
  }
};

void end_environment(void* environment) {
  delete static_cast<Environment*>(environment);
}

const char* code_of(int error) {
  switch (error) {
    case EACCES: return "EACCES";
    case EBADF: return "EBADF";
    case EDQUOT: return "EDQUOT";
    case EINVAL: return "EINVAL";
    case EIO: return "EIO";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case EMFILE: return "EMFILE";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case ENFILE: return "ENFILE";
    case ENOENT: return "ENOENT";
    case ENOLCK: return "ENOLCK";
    case ENOMEM: return "ENOMEM";
    case ENOSPC: return "ENOSPC";
    case ENOSYS: return "ENOSYS";
    case ENOTDIR: return "ENOTDIR";
    case EOPNOTSUPP: return "ENOTSUP";
    case EPERM: return "EPERM";
    case EROFS: return "EROFS";
    default: return "UNKNOWN";
  }
}

/// The arguments and the result of one call from JavaScript.
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    napi_get_cb_info(env, info, &count_, arguments_, nullptr, reinterpret_cast<void**>(&environment_));
  }

  [[nodiscard]] std::string text(size_t index) const {
    size_t length = 0;
    napi_get_value_string_utf8(env_, arguments_[index], nullptr, 0, &length);
    std::string result(length, '\0');
    napi_get_value_string_utf8(env_, arguments_[index], result.data(), length + 1, &length);
    return result;
  }

  [[nodiscard]] std::filesystem::path path(size_t index) const {
    const std::string utf8 = text(index);
    return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
  }

  [[nodiscard]] int64_t number(size_t index) const {
    int64_t result = 0;
    napi_get_value_int64(env_, arguments_[index], &result);
    return result;
  }

  [[nodiscard]] kernel::Descriptor descriptor(size_t index) const {
#ifdef _WIN32
    return reinterpret_cast<kernel::Descriptor>(number(index));
#else
    return static_cast<kernel::Descriptor>(number(index));
#endif
  }

  [[nodiscard]] bool flag(size_t index) const {
    bool result = false;
    napi_get_value_bool(env_, arguments_[index], &result);
    return result;
  }

  [[nodiscard]] napi_value from(int64_t value) const {
    napi_value result = nullptr;
    napi_create_int64(env_, value, &result);
    return result;
  }

  [[nodiscard]] napi_value from(const std::string& value) const {
    napi_value result = nullptr;
    napi_create_string_utf8(env_, value.data(), value.size(), &result);
    return result;
  }

  [[nodiscard]] napi_value pair(napi_value first, napi_value second) const {
    napi_value result = nullptr;
    napi_create_array_with_length(env_, 2, &result);
    napi_set_element(env_, result, 0, first);
    napi_set_element(env_, result, 1, second);
    return result;
  }

  /// Throws an Error as Node's own of system calls are: code, errno, syscall, path.
  napi_value fail(int error, const char* syscall, const std::string& path) const {
    const std::string code = code_of(error);
    napi_value result = nullptr;
    napi_create_error(env_, from(code),
                      from(code + ": " + std::strerror(error) + ", " + syscall + " '" + path + "'"), &result);
    napi_set_named_property(env_, result, "errno", from(static_cast<int64_t>(-error)));
    napi_set_named_property(env_, result, "syscall", from(std::string(syscall)));
    napi_set_named_property(env_, result, "path", from(path));
    napi_throw(env_, result);
    return nullptr;
  }

  [[nodiscard]] Environment& environment() const { return *environment_; }

 private:
  napi_env env_;
  Environment* environment_ = nullptr;
  size_t count_ = 4;
  napi_value arguments_[4] = {};
};

/// open(path) -> [descriptor, "device:inode"]
napi_value open_lock_file(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  kernel::Descriptor descriptor = kernel::no_descriptor;
  kernel::FileId id;
  if (const int error = kernel::open_lock_file(call.path(0), descriptor, id)) {
    return call.fail(error, "open", call.text(0));
  }
  call.environment().open.insert(descriptor);
  return call.pair(call.from(static_cast<int64_t>(descriptor)),
                   call.from(std::to_string(id.device) + ":" + std::to_string(id.inode)));
}

/// tryLock(descriptor, path, "device:inode", shared) -> 0 granted, 1 busy, 2 replaced
napi_value try_lock(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const std::string text = call.text(2);
  const kernel::FileId id{.device = std::strtoull(text.c_str(), nullptr, 10),
                          .inode = std::strtoull(text.c_str() + text.find(':') + 1, nullptr, 10)};
  int error = 0;
  const kernel::Attempt attempt = kernel::try_lock(call.descriptor(0), call.path(1), id, call.flag(3), error);
  if (attempt == kernel::Attempt::failed) return call.fail(error, "flock", call.text(1));
  return call.from(static_cast<int64_t>(attempt));
}

/// probeExclusion(path)
napi_value probe_exclusion(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  if (const int error = kernel::probe_exclusion(call.path(0))) return call.fail(error, "flock", call.text(0));
  return nullptr;
}

/// writeRecord(descriptor, record, path)
napi_value write_record(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const std::string record = call.text(1);
  if (const int error = kernel::write_record(call.descriptor(0), record.data(), record.size())) {
    return call.fail(error, "write", call.text(2));
  }
  return nullptr;
}

/// unlockAndClose(descriptor, path): throws, if something fails, when both are done.
napi_value unlock_and_close(napi_env env, napi_callback_info info) {
  const Call call(env, info);
  const kernel::Descriptor descriptor = call.descriptor(0);
  if (call.environment().open.erase(descriptor) == 0) return nullptr;
  const int unlock_error = kernel::unlock(descriptor);
  const int close_error = kernel::close(descriptor);
  if (unlock_error != 0) return call.fail(unlock_error, "flock", call.text(1));
  if (close_error != 0) return call.fail(close_error, "close", call.text(1));
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  auto* environment = new Environment();
  napi_add_env_cleanup_hook(env, end_environment, environment);
  const auto define = [&](const char* name, napi_callback function) {
    napi_value value = nullptr;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, environment, &value);
    napi_set_named_property(env, exports, name, value);
  };
  define("open", open_lock_file);
  define("tryLock", try_lock);
  define("probeExclusion", probe_exclusion);
  define("writeRecord", write_record);
  define("unlockAndClose", unlock_and_close);
  return exports;
}
