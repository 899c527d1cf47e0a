#include "base/check_list.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace audit {
namespace {

Check check_on(const std::string& target, std::uint64_t ordinal, std::uint32_t rule) {
  Check check;
  check.target = target;
  check.target_ordinal = ordinal;
  check.rule_ordinal = rule;
  check.results.emplace_back();
  return check;
}

/// Keeps them a target at a time, and says how many are walked now.
class Kept final : public KeptChecks {
 public:
  explicit Kept(std::vector<std::vector<Check>> targets) : targets_(std::move(targets)) {}
  [[nodiscard]] std::unique_ptr<Walk> walk(Detail, Statuses) const override { return std::make_unique<One>(targets_); }
  [[nodiscard]] std::uint64_t size() const noexcept override {
    std::uint64_t size = 0;
    for (const std::vector<Check>& checks : targets_) size += checks.size();
    return size;
  }

 private:
  class One final : public Walk {
   public:
    explicit One(const std::vector<std::vector<Check>>& targets) : targets_(targets) {}
    bool next(std::vector<Check>& checks) override {
      if (next_ == targets_.size()) return false;
      checks = targets_[next_++];
      return true;
    }

   private:
    const std::vector<std::vector<Check>>& targets_;
    std::size_t next_ = 0;
  };
  std::vector<std::vector<Check>> targets_;
};

std::vector<std::pair<std::string, std::uint32_t>> walked(const CheckList& list) {
  std::vector<std::pair<std::string, std::uint32_t>> seen;
  for (const Check& check : list) seen.emplace_back(check.target, check.rule_ordinal);
  return seen;
}

std::vector<std::size_t> spans_of(const CheckList& list) {
  std::vector<std::size_t> sizes;
  list.by_target(Detail::all, [&](std::span<const Check> checks) { sizes.push_back(checks.size()); });
  return sizes;
}

}  // namespace

TEST_CASE("a list in memory and one that is kept are walked alike, again and again") {
  const std::vector<Check> first{check_on("a", 0, 0), check_on("a", 0, 1)};
  const std::vector<Check> second{check_on("b", 1, 0)};
  const CheckList held{first[0], first[1], second[0]};
  const CheckList kept(std::make_shared<const Kept>(std::vector<std::vector<Check>>{{}, first, {}, second, {}}));
  CHECK(held.size() == kept.size());
  CHECK(walked(held) == walked(kept));
  CHECK(walked(kept) == walked(kept));
  CHECK(walked(held).size() == 3);
  CHECK(spans_of(held) == std::vector<std::size_t>{2, 1});
}

TEST_CASE("an empty list has no check, kept or not") {
  CHECK(walked(CheckList()).empty());
  CHECK(spans_of(CheckList()).empty());
  CHECK(CheckList().empty());
  CHECK(walked(CheckList(std::make_shared<const Kept>(std::vector<std::vector<Check>>()))).empty());
}

}  // namespace audit
