#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "inventory/load.hpp"

namespace audit::inventory {

/// Line and column of the one file being loaded, from 1; columns count characters. 0:0 is the file as a whole.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Position&) const = default;
};

/// "file:line:column", the part that is known; for messages that name a second place.
[[nodiscard]] std::string format_place(const Place& place);

/// The mistakes of one loading, in any order; keeps the first fifty of the file and counts the rest, so that a file
/// that is all mistakes costs no memory. One thread.
class Mistakes {
 public:
  static constexpr std::size_t most = 50;

  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void add(Position at, std::string message);
  [[nodiscard]] bool any() const noexcept { return !kept_.empty(); }
  [[nodiscard]] Place place(Position at) const { return {file_, at.line, at.column}; }
  [[nodiscard]] std::string where(Position at) const { return format_place(place(at)); }
  /// In the order of the file; the fiftieth counts those that come after it.
  [[nodiscard]] std::vector<Mistake> take();

 private:
  void drop_the_latest();

  std::string file_;
  std::vector<Mistake> kept_;
  std::size_t dropped_ = 0;
};

}  // namespace audit::inventory
