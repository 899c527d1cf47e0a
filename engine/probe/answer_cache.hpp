#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/waiting.hpp"
#include "probe/context.hpp"

namespace audit::probe {

/// One question that was put to a target: in flight, answered, or given up by who asked it.
struct SharedAnswer {
  explicit SharedAnswer(net::DeadlineList& deadlines) : settled(deadlines) {}

  net::Event settled;
  std::shared_ptr<const Answer> answer;  // none while in flight, and where it is nobody else's business
  std::vector<std::shared_ptr<Observation>> record;
};

/// An answer that is kept, and the record of its question.
struct KeptAnswer {
  std::string key;
  std::shared_ptr<const Answer> answer;
  std::vector<std::shared_ptr<Observation>> record;
};

/// What one target answered, for every rule that asks the same, until the target closes. Keeps at most so many bytes:
/// the oldest answers go first, are counted, and are asked again. Lives with its target, on its shard.
class AnswerCache {
 public:
  static constexpr std::size_t most_bytes = std::size_t{8} << 20U;

  explicit AnswerCache(net::DeadlineList& deadlines, std::size_t most = most_bytes)
      : deadlines_(deadlines), most_(most) {}

  /// What is known or under way; null where nobody asked yet.
  [[nodiscard]] std::shared_ptr<SharedAnswer> find(const std::string& key) const;
  /// A question is about to be asked: others find it from now on.
  [[nodiscard]] std::shared_ptr<SharedAnswer> begin(const std::string& key);
  /// It was answered; everybody who waits may have it.
  void keep(const std::string& key, const std::shared_ptr<SharedAnswer>& entry, std::shared_ptr<const Answer> answer,
            std::vector<std::shared_ptr<Observation>> record);
  /// It was not, for a reason of who asked: the next one asks anew.
  void forget(const std::string& key, const std::shared_ptr<SharedAnswer>& entry);

  /// Called for each answer that is kept from now on.
  void on_kept(std::function<void()> listener) { listener_ = std::move(listener); }
  /// Those that were kept since the last call, and still are; the oldest first.
  [[nodiscard]] std::vector<KeptAnswer> take_new();
  /// Keeps what an earlier process of the run was answered; it is not new.
  void restore(KeptAnswer answer);

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Answers that went to make room, while their target was open.
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<SharedAnswer> entry;
    std::size_t bytes;
  };

  net::DeadlineList& deadlines_;
  std::size_t most_;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::unordered_map<std::string, std::shared_ptr<SharedAnswer>> entries_;
  std::deque<Kept> kept_;  // oldest first
  std::size_t new_ = 0;    // the last so many of them
  std::function<void()> listener_;
};

}  // namespace audit::probe
