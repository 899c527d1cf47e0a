#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/target_source.hpp"

namespace audit::inventory {

/// Walks a JSON text without keeping any of it: for each text, number or truth calls with the keys that lead to it, and
/// where it stands in the text. `[]` stands for a list. At most 32 deep.
class JsonWalk {
 public:
  static constexpr std::size_t deepest = 32;
  using Path = std::vector<std::string>;
  /// False ends the walk.
  using Scalar = std::function<bool(const Path& path, std::string_view value, std::size_t offset)>;
  /// An object or list ends; `path` leads to it.
  using End = std::function<bool(const Path& path)>;
  /// An object or list begins.
  using Begin = std::function<bool(const Path& path, std::size_t offset)>;

  Scalar scalar;
  Begin begin;
  End end;

  /// A mistake of syntax goes to `source`; false where there is one, or a call ended the walk.
  bool run(std::string_view text, ReadSource& source);
};

}  // namespace audit::inventory
