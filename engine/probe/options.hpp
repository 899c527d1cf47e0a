#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/value.hpp"

namespace audit::probe {

/// Reads a primitive's options table, one field at a time, and complains about what is left over. Every mistake is a
/// rule_error: the rule, or the command line, is wrong.
class Options {
 public:
  Options(std::string_view word, const Value::Object& table) : word_(word), table_(table) { known_.reserve(16); }

  /// Seconds, as a number above 0 and up to 300.
  [[nodiscard]] Duration seconds(std::string_view key, Duration fallback);
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                                     std::int64_t most);
  [[nodiscard]] std::string text(std::string_view key, std::string fallback);
  /// One string, or a list of them.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  /// A string, or sealed bytes, of which `number` says then which of the question's.
  [[nodiscard]] std::string text_or_sealed(std::string_view key, std::optional<std::size_t>& number);
  [[nodiscard]] bool flag(std::string_view key, bool fallback);
  [[nodiscard]] Value::Object object(std::string_view key);
  /// The first mistake, or that of a key nobody asked for.
  [[nodiscard]] Result<void> done();

 private:
  [[nodiscard]] const Value* take(std::string_view key);
  void complain(std::string_view key, std::string_view expected);

  std::string_view word_;
  const Value::Object& table_;
  std::vector<std::string_view> known_;
  std::string mistake_;
};

}  // namespace audit::probe
