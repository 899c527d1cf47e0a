#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/reason.hpp"

namespace audit {

/// A failure that the network, the peer or this machine caused: its kind, and a text that names host and port, says
/// what happened and what to do. Values, never exceptions.
struct Error {
  Reason reason = Reason::local_fault;
  std::string message;

  Error() = default;
  Error(Reason reason_in, std::string message_in) : reason(reason_in), message(std::move(message_in)) {}
};

struct Nothing {};

/// Either a value or an Error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }

  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
  [[nodiscard]] Error& error() { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> : public Result<Nothing> {
 public:
  Result() : Result<Nothing>(Nothing{}) {}
  Result(Error error) : Result<Nothing>(std::move(error)) {}  // NOLINT(google-explicit-constructor)
};

}  // namespace audit
