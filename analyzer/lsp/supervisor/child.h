// The process in which the analysis may crash.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace lockwright::lsp {

/// A copy of this process, and the pipes to and from it. It ends when this one does, however that ends.
class Child {
 public:
  /// Starts one, in which `body` runs with `input` and `output` leading here instead of to the client; what
  /// it returns is the exit code. Nothing if the system has no process or no pipe to give. REQUIRES: this
  /// process has a single thread; a copy would have no others.
  [[nodiscard]] static std::optional<Child> start(int input, int output, const std::function<int()>& body);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Ends it.
  ~Child();

  /// The pipes' ends here. Neither blocks.
  [[nodiscard]] int to() const { return to_; }
  [[nodiscard]] int from() const { return from_; }
  /// It hears that there is nothing more to come.
  void close_to();

  /// Ends it, if it has not ended yet, and says how it did: "SIGSEGV", "exit code 1".
  std::string end();

 private:
  Child(pid_t process, int to, int from) : process_(process), to_(to), from_(from) {}

  pid_t process_ = 0;  ///< 0: ended
  int to_ = -1;
  int from_ = -1;
};

}  // namespace lockwright::lsp
