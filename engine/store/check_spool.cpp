#include "store/check_spool.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "store/archive.hpp"
#include "store/check_bytes.hpp"
#include "store/segment.hpp"

namespace audit::store {
namespace {

constexpr std::size_t block_size =
    32U << 10U;  // results, unpacked: a walk has one of each piece in memory, and its evidence

void append_number(std::string& bytes, std::uint64_t number) {
  std::array<char, longest_number> digits;
  bytes.append(digits.data(), write_number(number, digits.data()));
}

[[noreturn]] void refuse() {
  throw std::runtime_error(
      "the file that held the run's checks for a while is damaged: the disk or the memory is at fault");
}

}  // namespace

/// A piece, target by target.
class CheckSpool::Cursor {
 public:
  virtual ~Cursor() = default;
  [[nodiscard]] bool done() const noexcept { return done_; }
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> place() const noexcept { return {ordinal_, rule_}; }
  /// Puts the target's checks in place of what `checks` holds, and goes on to the next target.
  void take(Detail detail, std::vector<Check>& checks, const std::vector<std::string>& rules) {
    const auto evidence = [this] { return evidence_of_target(); };
    if (!read_checks(results_, evidence, detail, checks)) refuse();
    for (Check& check : checks) {
      if (check.rule_ordinal >= rules.size() || check.results.empty()) refuse();
      check.rule = rules[check.rule_ordinal];
      check.target_ordinal = ordinal_;
    }
    advance();
  }

 protected:
  virtual void advance() = 0;
  [[nodiscard]] virtual std::string_view evidence_of_target() = 0;

  std::string_view results_;  // the target's
  std::uint64_t ordinal_ = 0;
  std::uint64_t rule_ = 0;
  bool done_ = false;
};

/// The piece that stayed in memory.
class CheckSpool::LooseCursor final : public Cursor {
 public:
  LooseCursor(const std::vector<Target>& targets, Statuses wanted) : targets_(targets), wanted_(wanted) {
    LooseCursor::advance();
  }

 private:
  void advance() override {
    while (next_ < targets_.size() && !targets_[next_].statuses.meets(wanted_)) ++next_;
    if (next_ == targets_.size()) {
      done_ = true;
      return;
    }
    const Target& target = targets_[next_++];
    ordinal_ = target.ordinal;
    rule_ = target.rule;
    results_ = target.results;
  }
  std::string_view evidence_of_target() override { return targets_[next_ - 1].evidence; }

  const std::vector<Target>& targets_;
  Statuses wanted_;
  std::size_t next_ = 0;
};

/// One that was put away.
class CheckSpool::PackedCursor final : public Cursor {
 public:
  PackedCursor(const SpillFile& file, const Blocks& blocks, Statuses wanted)
      : file_(file), blocks_(blocks), wanted_(wanted) {
    PackedCursor::advance();
  }

 private:
  void advance() override {
    do go_on();
    while (!done_ && !statuses_.meets(wanted_));
  }
  void go_on() {
    evidence_at_ += evidence_size_;
    if (left_.empty() && !turn_page()) {
      done_ = true;
      return;
    }
    Reader reader(left_);
    ordinal_ = reader.number();
    rule_ = reader.number();
    statuses_ = Statuses::from_bits(static_cast<std::uint8_t>(reader.number()));
    evidence_size_ = reader.number();
    results_ = reader.bytes();
    if (!reader.good()) refuse();
    left_.remove_prefix(static_cast<std::size_t>(results_.data() + results_.size() - left_.data()));
  }
  bool turn_page() {
    if (next_ == blocks_.size()) return false;
    read(blocks_[next_++].results, page_);
    left_ = page_;
    evidence_.clear();
    evidence_at_ = 0;
    return !left_.empty();
  }
  std::string_view evidence_of_target() override {
    if (evidence_.empty()) read(blocks_[next_ - 1].evidence, evidence_);
    if (evidence_at_ + evidence_size_ > evidence_.size()) refuse();
    return std::string_view(evidence_).substr(evidence_at_, evidence_size_);
  }
  void read(const SpillFile::Place& place, std::string& bytes) {
    file_.get(place, packed_);
    if (!unpack(packed_, bytes)) refuse();
  }

  const SpillFile& file_;
  const Blocks& blocks_;
  Statuses wanted_;
  Statuses statuses_{};  // the target's
  std::size_t next_ = 0;
  std::string packed_;
  std::string page_;
  std::string_view left_;  // of the page
  std::string evidence_;   // of the page's targets, once it was asked for
  std::size_t evidence_at_ = 0;
  std::size_t evidence_size_ = 0;
};

/// All pieces side by side: whichever has the foremost target is next.
class CheckSpool::Merge final : public Walk {
 public:
  Merge(const CheckSpool& spool, Detail detail, Statuses wanted) : rules_(spool.rules_), detail_(detail) {
    for (const Blocks& blocks : spool.pieces_) hold(std::make_unique<PackedCursor>(spool.file_, blocks, wanted));
    hold(std::make_unique<LooseCursor>(spool.last_.targets, wanted));
    std::make_heap(heap_.begin(), heap_.end(), behind);
  }

  bool next(std::vector<Check>& checks) override {
    if (heap_.empty()) return false;
    const std::uint64_t ordinal = heap_.front()->place().first;
    take(checks);
    for (std::vector<Check> more; !heap_.empty() && heap_.front()->place().first == ordinal;) {
      take(more);
      checks.insert(checks.end(), more.begin(), more.end());
    }
    if (!std::is_sorted(checks.begin(), checks.end(), by_rule)) std::stable_sort(checks.begin(), checks.end(), by_rule);
    return true;
  }

 private:
  using Held = std::unique_ptr<Cursor>;

  void hold(Held cursor) {
    if (!cursor->done()) heap_.push_back(std::move(cursor));
  }
  void take(std::vector<Check>& checks) {
    std::pop_heap(heap_.begin(), heap_.end(), behind);
    heap_.back()->take(detail_, checks, rules_);
    if (heap_.back()->done())
      heap_.pop_back();
    else
      std::push_heap(heap_.begin(), heap_.end(), behind);
  }

  static bool by_rule(const Check& a, const Check& b) { return a.rule_ordinal < b.rule_ordinal; }
  static bool behind(const Held& a, const Held& b) { return b->place() < a->place(); }

  const std::vector<std::string>& rules_;
  Detail detail_;
  std::vector<Held> heap_;
};

CheckSpool::~CheckSpool() = default;

void CheckSpool::add(const std::vector<Check>& checks) {
  if (checks.empty()) return;
  thread_local std::string results;  // grown once: targets end all the time
  thread_local std::string evidence;
  results.clear();
  evidence.clear();
  write_checks(checks, results, evidence);
  Piece full;
  {
    const std::lock_guard lock(mutex_);
    learn_rules(checks);
    size_ += checks.size();
    open_.add(checks, results, evidence);
    if (open_.bytes.size() < piece_) return;
    full = std::exchange(open_, {});
  }
  put_away(std::move(full));
}

void CheckSpool::learn_rules(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    if (check.rule_ordinal >= rules_.size()) rules_.resize(std::size_t{check.rule_ordinal} + 1);
    if (rules_[check.rule_ordinal].empty()) rules_[check.rule_ordinal] = check.rule;
  }
}

void CheckSpool::Piece::add(const std::vector<Check>& checks, std::string_view results, std::string_view evidence) {
  Statuses statuses{};
  for (const Check& check : checks) {
    if (check.results.empty()) statuses = Statuses::every();  // no walk passes over what no check is
    for (const Finding& finding : check.results) statuses.add(finding.status);
  }
  const Check& first = checks.front();
  targets.push_back(
      {first.target_ordinal, targets.size(), first.rule_ordinal, statuses, bytes.keep(results), bytes.keep(evidence)});
}

void CheckSpool::Piece::sort() {
  std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
    return std::tie(a.ordinal, a.rule, a.number) < std::tie(b.ordinal, b.rule, b.number);
  });
}

void CheckSpool::put_away(Piece piece) {
  piece.sort();
  Blocks blocks;
  std::string results;
  std::string evidence;
  const auto close = [&] {
    blocks.push_back({file_.put(pack(results)), file_.put(pack(evidence))});
    results.clear();
    evidence.clear();
  };
  for (const Target& target : piece.targets) {
    append_number(results, target.ordinal);
    append_number(results, target.rule);
    append_number(results, target.statuses.bits());
    append_number(results, target.evidence.size());
    append_number(results, target.results.size());
    results += target.results;
    evidence += target.evidence;
    if (results.size() >= block_size || evidence.size() >= 4 * block_size) close();
  }
  if (!results.empty()) close();
  const std::lock_guard lock(mutex_);
  pieces_.push_back(std::move(blocks));
}

void CheckSpool::seal() {
  Piece before;  // where it is sealed once more
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(last_, std::exchange(open_, {}));
    last_.sort();
  }
  if (!before.targets.empty()) put_away(std::move(before));
}

std::unique_ptr<KeptChecks::Walk> CheckSpool::walk(Detail detail, Statuses wanted) const {
  return std::make_unique<Merge>(*this, detail, wanted);
}

}  // namespace audit::store
