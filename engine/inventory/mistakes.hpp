#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "inventory/load.hpp"

namespace audit::inventory {

/// Line and column of a file being loaded, from 1; columns count characters. 0:0 is the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t file = 0;  // 0 is the inventory, others as Mistakes numbers them
  auto operator<=>(const Position&) const = default;
};

/// "file:line:column", the part that is known; for messages that name a second place.
[[nodiscard]] std::string format_place(const Place& place);

/// The mistakes of one loading, in any order; keeps the first fifty, the inventory's before those of other files, and
/// counts the rest, so that a file that is all mistakes costs no memory. One thread.
class Mistakes {
 public:
  static constexpr std::size_t most = 50;

  explicit Mistakes(std::string file) : files_{std::move(file)} {}
  /// Another file that is read besides: what stands in the `file` of its positions.
  [[nodiscard]] std::uint32_t add_file(std::string file);

  void add(Position at, std::string message);
  [[nodiscard]] bool any() const noexcept { return !kept_.empty(); }
  [[nodiscard]] Place place(Position at) const { return {files_[at.file], at.line, at.column}; }
  /// The position of a place that these mistakes gave.
  [[nodiscard]] Position position(const Place& place) const;
  [[nodiscard]] std::string where(Position at) const { return format_place(place(at)); }
  /// In the order of the file; the fiftieth counts those that come after it.
  [[nodiscard]] std::vector<Mistake> take();

 private:
  void drop_the_latest();

  struct Kept {
    Position at;
    std::string message;
  };
  std::vector<std::string> files_;
  std::vector<Kept> kept_;
  std::size_t dropped_ = 0;
};

}  // namespace audit::inventory
