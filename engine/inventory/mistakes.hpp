#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "inventory/load.hpp"

namespace audit::inventory {

/// Line and column of a file being loaded, from 1; columns count characters. 0:0 is the file as a whole. `file` counts
/// the files of an inventory in the order they are read; 0 is the one that the user named.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t file = 0;

  friend bool operator==(const Position&, const Position&) = default;
  friend std::strong_ordering operator<=>(const Position& a, const Position& b) {
    return std::tie(a.file, a.line, a.column) <=> std::tie(b.file, b.line, b.column);
  }
};

/// "file:line:column", the part that is known; for messages that name a second place.
[[nodiscard]] std::string format_place(const Place& place);

/// The mistakes of one loading, in any order; keeps the first fifty of the files and counts the rest, so that a file
/// that is all mistakes costs no memory. One thread.
class Mistakes {
 public:
  static constexpr std::size_t most = 50;

  explicit Mistakes(std::string file) : files_{std::move(file)} {}

  /// Another file that is read for the same inventory: what positions in it carry.
  [[nodiscard]] std::uint32_t add_file(std::string file);

  void add(Position at, std::string message);
  /// Would a mistake here be told? Else it is only counted, and its words are not worth their making.
  [[nodiscard]] bool would_tell(Position at) const noexcept { return !full_ || at < last_; }
  [[nodiscard]] bool any() const noexcept { return !kept_.empty(); }
  [[nodiscard]] Place place(Position at) const { return {files_[at.file], at.line, at.column}; }
  /// The position of a place that these mistakes gave.
  [[nodiscard]] Position position(const Place& place) const;
  [[nodiscard]] std::string where(Position at) const { return format_place(place(at)); }
  /// In the order of the files; the fiftieth counts those that come after it.
  [[nodiscard]] std::vector<Mistake> take();

 private:
  struct Kept {
    Position at;
    std::string message;
  };
  void drop_the_latest();

  std::vector<std::string> files_;
  std::vector<Kept> kept_;
  std::size_t dropped_ = 0;
  bool full_ = false;
  Position last_;  // of those told, where there are as many as are told
};

}  // namespace audit::inventory
