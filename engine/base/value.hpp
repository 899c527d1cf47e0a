#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace audit {

/// Plain data as evidence carries it. Strings are bytes as they came; whoever writes them makes them safe. Objects keep
/// their keys sorted, so that the same data is always the same text.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;
  using State = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;

  Value() = default;
  Value(bool value) : state_(value) {}                            // NOLINT(google-explicit-constructor)
  Value(std::int64_t value) : state_(value) {}                    // NOLINT(google-explicit-constructor)
  Value(int value) : state_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
  Value(double value) : state_(value) {}                          // NOLINT(google-explicit-constructor)
  Value(std::string value) : state_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Value(const char* value) : state_(std::string(value)) {}        // NOLINT(google-explicit-constructor)
  Value(Array value) : state_(std::move(value)) {}                // NOLINT(google-explicit-constructor)
  Value(Object value) : state_(std::move(value)) {}               // NOLINT(google-explicit-constructor)

  [[nodiscard]] const State& state() const noexcept { return state_; }
  [[nodiscard]] bool empty() const noexcept { return std::holds_alternative<std::monostate>(state_); }
  template <class T>
  [[nodiscard]] const T* get_if() const noexcept {
    return std::get_if<T>(&state_);
  }
  template <class T>
  [[nodiscard]] T* get_if() noexcept {
    return std::get_if<T>(&state_);
  }
  /// The member `key` where this is an object that has it.
  [[nodiscard]] const Value* find(std::string_view key) const;

  bool operator==(const Value&) const = default;

 private:
  State state_;
};

}  // namespace audit
