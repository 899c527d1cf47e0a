#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "base/model.hpp"

namespace audit {

/// What a walk shows of evidence, the most of what a check is: none, that of results which failed or were not judged, or all.
enum class Detail : std::uint8_t { results, problems, all };

/// Statuses of results that a walk looks for: it shows every check that has one, and of the others as many as it likes.
class Statuses {
 public:
  constexpr Statuses(std::initializer_list<Status> statuses) noexcept {
    for (const Status status : statuses) add(status);
  }
  [[nodiscard]] static constexpr Statuses every() noexcept {
    Statuses statuses({});
    for (const Status status : all_statuses) statuses.add(status);
    return statuses;
  }
  [[nodiscard]] static constexpr Statuses from_bits(std::uint8_t bits) noexcept {
    Statuses statuses({});
    statuses.bits_ = bits;
    return statuses;
  }
  constexpr void add(Status status) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(status));
  }
  [[nodiscard]] constexpr bool meets(Statuses other) const noexcept { return (bits_ & other.bits_) != 0; }
  [[nodiscard]] constexpr std::uint8_t bits() const noexcept { return bits_; }

 private:
  std::uint8_t bits_ = 0;
};

/// Checks that are kept as bytes somewhere: who walks them has those of one target in memory. Any thread, once they are
/// all there.
class KeptChecks {
 public:
  class Walk {
   public:
    virtual ~Walk() = default;
    /// Puts those of the next target in place of what `checks` holds; false where there is none. Throws
    /// std::runtime_error where they cannot be read back.
    [[nodiscard]] virtual bool next(std::vector<Check>& checks) = 0;
  };
  virtual ~KeptChecks() = default;
  /// From the first to the last, by (target ordinal, rule ordinal).
  [[nodiscard]] virtual std::unique_ptr<Walk> walk(Detail detail, Statuses wanted) const = 0;
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
};

/// The checks of a run by (target ordinal, rule ordinal), walked as often as a writer likes. A check is there until the
/// walk goes on to the next: a run may have more of them than memory holds.
class CheckList {
 public:
  using value_type = Check;
  class Iterator;
  struct Range;

  CheckList() = default;
  CheckList(std::vector<Check> checks) : held_(std::move(checks)) {}
  CheckList(std::initializer_list<Check> checks) : held_(checks) {}
  explicit CheckList(std::shared_ptr<const KeptChecks> kept) : kept_(std::move(kept)) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return kept_ ? kept_->size() : held_.size(); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;
  /// The same with no more evidence than is wanted, and no targets where nothing is: several times as fast where the list
  /// is long. One in memory shows all.
  [[nodiscard]] Range with(Detail detail, Statuses wanted = Statuses::every()) const;
  /// Calls `visit` with those of one target after the other, as a std::span<const Check>.
  template <class Visit>
  void by_target(Detail detail, Visit visit, Statuses wanted = Statuses::every()) const;
  /// All of them in memory, to be changed or looked at in any order: for few.
  [[nodiscard]] std::vector<Check>& held();

 private:
  std::vector<Check> held_;
  std::shared_ptr<const KeptChecks> kept_;  // then these are the checks
};

class CheckList::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Check;
  using difference_type = std::ptrdiff_t;
  using pointer = const Check*;
  using reference = const Check&;

  Iterator() = default;
  explicit Iterator(std::span<const Check> checks) : left_(checks) {}
  Iterator(const KeptChecks& kept, Detail detail, Statuses wanted);

  [[nodiscard]] reference operator*() const { return left_.front(); }
  [[nodiscard]] pointer operator->() const { return left_.data(); }
  Iterator& operator++() {
    left_ = left_.subspan(1);
    if (left_.empty() && walked_) turn_page();
    return *this;
  }
  void operator++(int) { ++*this; }
  /// Only the end is ever compared with.
  [[nodiscard]] bool operator==(const Iterator& other) const noexcept { return left_.size() == other.left_.size(); }

 private:
  struct Walked {
    std::unique_ptr<KeptChecks::Walk> walk;
    std::vector<Check> page;
  };
  void turn_page();

  std::span<const Check> left_;  // of the page; empty at the end
  std::shared_ptr<Walked> walked_;
};

struct CheckList::Range {
  Iterator first;
  [[nodiscard]] Iterator begin() const { return first; }
  [[nodiscard]] Iterator end() const { return {}; }
};

template <class Visit>
void CheckList::by_target(Detail detail, Visit visit, Statuses wanted) const {
  if (kept_) {
    std::vector<Check> checks;
    for (const std::unique_ptr<KeptChecks::Walk> walk = kept_->walk(detail, wanted); walk->next(checks);)
      visit(std::span<const Check>(checks));
    return;
  }
  const std::span<const Check> all = held_;
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].target == all[begin].target) ++end;
    visit(all.subspan(begin, end - begin));
  }
}

}  // namespace audit
