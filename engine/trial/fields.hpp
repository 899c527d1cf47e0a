#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/value.hpp"

namespace audit::trial {

/// The named values of one table of a test file while it is read. What is wrong is gathered as "file:line: what"; what was
/// not asked for is, at the end, unknown.
class Fields {
 public:
  /// `word` is what the table was given to: "peer". All three outlive this.
  Fields(const std::string& place, std::string_view word, const Value& table, std::vector<std::string>& mistakes);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const Value* take(std::string_view name);
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  /// A string, or a list of strings.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  [[nodiscard]] Duration seconds(std::string_view name);
  /// One of these words, by its place; `fallback` where there is none.
  [[nodiscard]] std::size_t choice(std::string_view name, const std::vector<std::string_view>& words,
                                   std::size_t fallback);
  /// What stands there without a name, in order.
  [[nodiscard]] std::vector<const Value*> items();
  void complain(std::string_view name, const std::string& what);
  /// Complains of what nobody took.
  void finish();

 private:
  const std::string& place_;
  std::string word_;
  const Value& table_;
  std::vector<std::string>& mistakes_;
  std::vector<std::string> taken_;
};

/// The number of a function that the test file keeps, where the value is one.
[[nodiscard]] std::optional<std::int64_t> function_of(const Value& value);

}  // namespace audit::trial
