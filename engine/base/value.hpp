#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace audit {

class Value;

/// Named values, sorted by name, so that the same data is always the same text. As std::map to its users, but in one
/// block: a probe makes, copies and drops thousands a second. A new member moves the others: keep no reference over one.
class Object {
 public:
  struct Member;
  using value_type = Member;
  using iterator = std::vector<Member>::iterator;
  using const_iterator = std::vector<Member>::const_iterator;

  Object() noexcept;
  /// Of two members of one name the first counts.
  Object(std::initializer_list<Member> members);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  /// The value of this name, made empty where there is none.
  Value& operator[](std::string_view name);
  /// Throws std::out_of_range where there is none.
  [[nodiscard]] const Value& at(std::string_view name) const;
  [[nodiscard]] Value& at(std::string_view name);
  [[nodiscard]] iterator find(std::string_view name) noexcept;
  [[nodiscard]] const_iterator find(std::string_view name) const noexcept;
  [[nodiscard]] bool contains(std::string_view name) const noexcept;
  iterator erase(const_iterator member);
  /// How many were there: 0 or 1.
  std::size_t erase(std::string_view name);
  void clear() noexcept;
  void reserve(std::size_t members);

  [[nodiscard]] iterator begin() noexcept;
  [[nodiscard]] iterator end() noexcept;
  [[nodiscard]] const_iterator begin() const noexcept;
  [[nodiscard]] const_iterator end() const noexcept;
  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

  bool operator==(const Object& other) const;

 private:
  std::vector<Member> members_;
};

/// Plain data as evidence carries it. Strings are bytes as they came; whoever writes them makes them safe.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = audit::Object;
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

  bool operator==(const Value& other) const = default;

 private:
  State state_;
};

struct Object::Member {
  std::string first;
  Value second;

  bool operator==(const Member&) const = default;
};

inline Object::iterator Object::begin() noexcept { return members_.begin(); }
inline Object::iterator Object::end() noexcept { return members_.end(); }
inline Object::const_iterator Object::begin() const noexcept { return members_.begin(); }
inline Object::const_iterator Object::end() const noexcept { return members_.end(); }
inline bool Object::empty() const noexcept { return members_.empty(); }
inline std::size_t Object::size() const noexcept { return members_.size(); }

}  // namespace audit
