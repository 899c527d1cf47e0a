#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace audit::inventory {

/// Which of many globs over names matches one first. A name is compared with the globs that begin, or end, as it does, and
/// with those that have a wildcard at both ends; with no others, however many there are. Immutable once built.
class GlobIndex {
 public:
  GlobIndex() = default;
  explicit GlobIndex(std::vector<std::string> globs);

  /// The least number of a glob that matches; `compared` counts what it was compared with.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name, std::size_t* compared = nullptr) const;
  [[nodiscard]] bool empty() const noexcept { return globs_.empty(); }

 private:
  using Numbers = std::vector<std::size_t>;
  /// By what they begin or end with, and how long that is.
  using Parts = std::map<std::size_t, std::unordered_map<std::string, Numbers>>;

  std::vector<std::string> globs_;
  std::unordered_map<std::string, std::size_t> exact_;
  Parts by_begin_;
  Parts by_end_;
  Numbers others_;
};

}  // namespace audit::inventory
