#include "fleeting_record.hpp"

#include <algorithm>

namespace audit::report {
namespace {

/// In place, so that whoever points into it sees it change.
void overwrite(std::string& text) { std::fill(text.begin(), text.end(), '#'); }

void overwrite(std::vector<Check>& checks) {
  for (Check& check : checks) {
    overwrite(check.rule);
    overwrite(check.target);
    for (Finding& result : check.results) {
      for (std::string* text : {&result.endpoint, &result.key, &result.message, &result.waiver}) overwrite(*text);
      for (Evidence& evidence : result.evidence) overwrite(evidence.label);
    }
  }
}

/// None of their observations is shared with a walk before.
std::vector<Check> copy_of(const std::vector<Check>& checks) {
  std::vector<Check> copy = checks;
  for (Check& check : copy)
    for (Finding& result : check.results)
      for (Evidence& evidence : result.evidence)
        if (evidence.observation) evidence.observation = std::make_shared<const Observation>(*evidence.observation);
  return copy;
}

class Fleeting final : public KeptChecks {
 public:
  explicit Fleeting(const std::vector<Check>& checks) : size_(checks.size()) {
    for (const Check& check : checks) {
      if (targets_.empty() || targets_.back().front().target != check.target) targets_.emplace_back();
      targets_.back().push_back(check);
    }
  }
  [[nodiscard]] std::unique_ptr<Walk> walk(Detail, Statuses) const override { return std::make_unique<One>(targets_); }
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

 private:
  class One final : public Walk {
   public:
    explicit One(const std::vector<std::vector<Check>>& targets) : targets_(targets) {}
    bool next(std::vector<Check>& checks) override {
      overwrite(checks);
      if (next_ == targets_.size()) return false;
      checks = copy_of(targets_[next_++]);
      return true;
    }

   private:
    const std::vector<std::vector<Check>>& targets_;
    std::size_t next_ = 0;
  };
  std::vector<std::vector<Check>> targets_;
  std::uint64_t size_;
};

}  // namespace

RunRecord fleeting(RunRecord record) {
  record.checks = CheckList(std::make_shared<const Fleeting>(record.checks.held()));
  return record;
}

}  // namespace audit::report
