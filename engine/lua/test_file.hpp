#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"
#include "lua/rule.hpp"

namespace audit::lua {

struct TestFileBindings;

/// What one call of a test file declares: `peer { … }`, `expect { … }`, … Functions in it became `{ ["function"] = n }`.
struct TestPart {
  std::string kind;
  std::uint32_t line = 0;
  Value value;
};

/// `case "name" { part, … }`.
struct TestCase {
  std::string name;
  std::uint32_t line = 0;
  std::vector<TestPart> parts;
};

/// A rule's test, `<name>_test.lua`: run once, bounded as a rule is while it is loaded; what it declares is plain data. Its
/// functions stay with it, and each call of one is bounded the same way. One thread.
class TestFile {
 public:
  TestFile();
  ~TestFile();
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;

  /// Runs the text, which `path` names in messages; "" or "file:line: what is wrong". Once; `set` outlives this.
  [[nodiscard]] std::string load(const std::string& path, const std::string& text, const RuleSet& set);

  [[nodiscard]] const std::vector<TestCase>& cases() const noexcept;
  /// `accept { … }`, for the whole file.
  [[nodiscard]] const std::vector<TestPart>& accepts() const noexcept;

  /// What function number `function` says to `heard`: none, one or several texts. Error: rule_error, with file and line.
  [[nodiscard]] Result<std::vector<std::string>> reply(std::int64_t function, std::string_view heard);
  /// Is Lua's pattern found in the text? Error: rule_error where it is none, or takes too long.
  [[nodiscard]] Result<bool> matches(const std::string& pattern, const std::string& text);

 private:
  friend struct TestFileBindings;
  struct State;
  std::unique_ptr<State> state_;
};

/// The names that a test file finds besides what every rule does: `case`, `peer`, …
[[nodiscard]] const std::vector<std::string_view>& test_words();

}  // namespace audit::lua
