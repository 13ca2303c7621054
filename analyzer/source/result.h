// How one stage tells another that something could not be done.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace lockwright::source {

/// One clear line for a person: what, where, what to do. No trailing period, no newline.
struct Error {
  std::string message;
};

/// A value, or the Error that says why there is none. No exceptions cross a stage's boundary.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Error error) : content_(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(content_); }

  /// REQUIRES: the result holds a value.
  T& operator*() { return std::get<T>(content_); }
  const T& operator*() const { return std::get<T>(content_); }
  T* operator->() { return &std::get<T>(content_); }
  const T* operator->() const { return &std::get<T>(content_); }

  /// REQUIRES: the result holds an error.
  [[nodiscard]] const Error& error() const { return std::get<Error>(content_); }

 private:
  std::variant<T, Error> content_;
};

}  // namespace lockwright::source
