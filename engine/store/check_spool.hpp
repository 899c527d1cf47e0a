#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/check_list.hpp"
#include "store/byte_heap.hpp"
#include "store/spill_file.hpp"

namespace audit::store {

/// Takes the checks of a run as its targets end, in any order, and has them walked in theirs: sorted and compressed piece
/// by piece, in a file once they are many, so that what is in memory hardly grows with their number; the last piece stays
/// in memory, as it is. Any thread adds; `seal` comes last, and then any thread walks.
class CheckSpool final : public KeptChecks {
 public:
  /// `piece`: bytes of checks that are sorted together, in memory until then.
  explicit CheckSpool(std::size_t piece = usual_piece) : piece_(piece) {}
  ~CheckSpool() override;

  /// Those of one target, each with the ordinal and the name of its rule and target.
  void add(const std::vector<Check>& checks);
  void seal();
  [[nodiscard]] std::unique_ptr<Walk> walk(Detail detail, Statuses wanted) const override;
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
  [[nodiscard]] std::uint64_t bytes_on_disk() const { return file_.bytes_on_disk(); }

  static constexpr std::size_t usual_piece = 8U << 20U;

 private:
  /// The checks of one target, their bytes among those of a piece.
  struct Target {
    std::uint64_t ordinal;
    std::uint64_t number;  // in which order they came
    std::uint32_t rule;    // of the first
    Statuses statuses;     // of any result
    std::string_view results;
    std::string_view evidence;
  };
  struct Piece {
    ByteHeap bytes;
    std::vector<Target> targets;

    void add(const std::vector<Check>& checks, std::string_view results, std::string_view evidence);
    void sort();
  };
  /// Targets behind each other, as they are put away.
  struct Block {
    SpillFile::Place results;
    SpillFile::Place evidence;
  };
  using Blocks = std::vector<Block>;  // of a piece, in its order
  class Cursor;
  class LooseCursor;
  class PackedCursor;
  class Merge;
  void put_away(Piece piece);
  void learn_rules(const std::vector<Check>& checks);

  std::size_t piece_;
  mutable std::mutex mutex_;
  Piece open_;
  std::vector<std::string> rules_;  // by ordinal
  std::vector<Blocks> pieces_;
  Piece last_;  // once it is sealed
  std::uint64_t size_ = 0;
  SpillFile file_;
};

}  // namespace audit::store
