#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/pattern_set.hpp"

namespace audit {

/// Finds a pattern of Lua 5.4 (its manual, section 6.4.1) in a text; both must outlive it. Counts its steps and pauses
/// when told to, so that a pattern which backtracks without end holds nobody. Allocates nothing and does not recurse:
/// how deep a match nests is capped as Lua's own caps it. About 8 KiB, and trivially destructible.
class PatternMatcher {
 public:
  static constexpr std::size_t most_captures = 32;
  static constexpr std::size_t most_nested = 199;  // Lua's limit of 200 counts the first

  enum class Caret : std::uint8_t { anchors, is_text };  // is_text: of gmatch
  enum class Outcome : std::uint8_t { matched, failed, paused, mistaken };

  struct Capture {
    static constexpr std::ptrdiff_t open = -1;      // its `)` is missing
    static constexpr std::ptrdiff_t position = -2;  // `()`

    const char* begin;
    std::ptrdiff_t length;  // bytes, or one of the above
  };

  PatternMatcher(std::string_view subject, std::string_view pattern, Caret caret) noexcept;

  /// To look from `from` on, a place in the subject or its end. A match that ends at `refused_end` is none.
  void seek(const char* from, const char* refused_end) noexcept;
  /// Goes on for about `steps` steps. After `paused`, call it again; after anything else, seek first.
  [[nodiscard]] Outcome run(std::uint64_t steps) noexcept;
  /// How many steps were taken since this was asked last. A step takes about as long as an instruction of Lua.
  [[nodiscard]] std::uint64_t take_steps() noexcept;

  /// After `matched`: the whole match, and the captures in it.
  [[nodiscard]] const char* begin() const noexcept { return start_; }
  [[nodiscard]] const char* end() const noexcept { return at_; }
  [[nodiscard]] std::size_t captures() const noexcept { return level_; }
  [[nodiscard]] const Capture& capture(std::size_t index) const noexcept { return captures_[index]; }
  /// After `mistaken`: what is wrong with the pattern, in Lua's words.
  [[nodiscard]] const char* mistake() const noexcept { return mistake_; }

 private:
  enum class Lead : std::uint8_t { none, byte, set };
  enum class Step : std::uint8_t { on, back, done, mistaken };

  /// One item that stands for one byte.
  struct Single {
    const char* end;     // behind the item, where its suffix is
    const ByteSet* set;  // null: just `byte`
    char byte;

    [[nodiscard]] bool has(char other) const noexcept { return set == nullptr ? byte == other : set->has(other); }
  };

  /// Where a match can still go another way, and what going back undoes.
  struct Frame {
    enum class Kind : std::uint8_t { optional, greedy, lazy, opened, closed };
    Kind kind;
    std::uint8_t capture;  // closed
    const char* at;        // where optional and lazy began; the least of greedy
    const char* most;      // of greedy: what it has now
    const char* item;      // of lazy; else what follows the item
  };

  struct ReadSet {
    const char* begin;
    const char* end;
    ByteSet set;
  };
  static constexpr std::size_t sets_kept = 4;

  bool begin_attempt() noexcept;
  bool next_attempt() noexcept;
  bool go_back() noexcept;
  Step match_item() noexcept;
  Step match_single() noexcept;
  Step match_escape(char escape) noexcept;
  Step match_balance() noexcept;
  Step match_frontier() noexcept;
  Step match_back_reference(char digit) noexcept;
  Step open_capture() noexcept;
  Step close_capture() noexcept;
  Step push(Frame::Kind kind, const char* at, const char* most, const char* item, std::uint8_t capture = 0) noexcept;
  Step refuse(const char* mistake) noexcept;

  void find_lead() noexcept;
  const char* skip_to_lead(const char* from) noexcept;
  bool read_single(const char* item, Single& single) noexcept;
  const ReadSet* find_set(const char* begin) noexcept;
  [[nodiscard]] const char* run_of(const Single& single, const char* from) noexcept;
  [[nodiscard]] char pattern_at(const char* place) const noexcept { return place < pattern_end_ ? *place : '\0'; }

  const char* subject_;
  const char* subject_end_;
  const char* pattern_;
  const char* pattern_end_;
  const char* start_ = nullptr;  // of this attempt
  const char* at_ = nullptr;     // in the subject
  const char* next_ = nullptr;   // in the pattern
  const char* refused_ = nullptr;
  const char* mistake_ = nullptr;
  std::uint64_t steps_ = 0;
  std::size_t level_ = 0;
  std::size_t depth_ = 0;
  std::size_t sets_ = 0;  // read so far; the newest `sets_kept` are kept
  bool anchored_;
  bool underway_ = false;
  Lead lead_ = Lead::none;  // what every match begins with
  char lead_byte_ = '\0';
  ByteSet lead_set_;
  std::array<Capture, most_captures> captures_;
  std::array<Frame, most_nested> frames_;
  std::array<ReadSet, sets_kept> read_sets_;
};

}  // namespace audit
