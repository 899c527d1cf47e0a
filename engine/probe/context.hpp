#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/model.hpp"
#include "probe/target.hpp"

namespace audit::probe {

/// What a probe gives to whoever asked: the observation as evidence keeps it, everything that was seen, or why nothing
/// was.
struct Answer {
  std::shared_ptr<Observation> observation;
  Value::Object fields;  // whole; the observation's are capped
  Result<void> outcome;
};

/// Writes why a probe saw nothing into its record. A peer's bytes are escaped in an error's message, which is printed as it
/// is; in a record they are themselves, since whoever writes a report escapes it.
void note_failure(Observation& observation, const Error& error);

class Conversation;

/// One check's view of a target: its deadline, the record of all it asked and got, and the one connection that it keeps
/// between two questions.
class Context {
 public:
  Context(Target& target, Instant deadline);
  /// Of a branch of the check, which runs beside its other branches until it is ended.
  explicit Context(Context& parent);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] Target& target() noexcept { return target_; }
  [[nodiscard]] net::World& world() noexcept { return target_.services().world; }
  [[nodiscard]] Instant deadline() const noexcept { return deadline_; }
  /// Begins another input of an interactive session, which has a deadline and a record of its own; streams
  /// stay, a connection that was kept for the next question does not.
  void renew(Instant deadline);
  /// The nearest of the check's deadline and `timeout` from now.
  [[nodiscard]] Instant within(Duration timeout);

  /// A new record of a question, which closes a kept connection; stamped with the time; kept unless the check already
  /// has its fill (then counted).
  [[nodiscard]] std::shared_ptr<Observation> begin(std::string probe, std::string endpoint);
  /// Writes what a probe saw, or why it saw nothing, into its record.
  [[nodiscard]] Answer finish(std::shared_ptr<Observation> observation, Value::Object fields);
  [[nodiscard]] Answer fail(std::shared_ptr<Observation> observation, Error error);

  /// What another check asked and got, and this one would have asked: its record is this one's too.
  void adopt(const std::vector<std::shared_ptr<Observation>>& record);
  /// What another context of the same check asked and got.
  void adopt(const Context& other);
  /// A question begins: what `begin` makes from now on is its record.
  void next_question() { question_record_.clear(); }
  [[nodiscard]] const std::vector<std::shared_ptr<Observation>>& question_record() const noexcept {
    return question_record_;
  }

  /// The question has come to its end: says how long it took, once.
  void ended(Observation& observation);

  /// Keeps a connection for the next question that wants one of this key. Any other question closes it first: no check
  /// waits for its turn while it holds one that is idle.
  void keep(std::string key, std::unique_ptr<Conversation> conversation);
  /// The kept one, where its key is this; null where not, and then none is kept any more.
  [[nodiscard]] std::unique_ptr<Conversation> take_kept(std::string_view key);
  /// Closes the kept one: there will be no next question.
  void release();

  [[nodiscard]] Holding& holding() noexcept { return *holding_; }
  /// Waits for the leave to hold a stream of this endpoint and ask on; after `begin`. Errors: as Target::admit_holder.
  [[nodiscard]] awaitable<Result<std::shared_ptr<void>>> leave_to_hold(Endpoint endpoint);
  /// A stream of that endpoint has been opened with that leave: it counts as held while what this returns lives.
  [[nodiscard]] std::shared_ptr<void> stream_held(const Endpoint& endpoint, std::shared_ptr<void> leave);
  /// The check itself waits for its branches from now on.
  void branches_begin() noexcept { --holding_->running; }
  /// This branch runs no more: those that are left of the check may all be waiting.
  void branch_ended();
  /// All of them have ended: the check goes on.
  void branches_ended() noexcept { ++holding_->running; }

  [[nodiscard]] const std::vector<std::shared_ptr<Observation>>& record() const noexcept { return record_; }
  [[nodiscard]] std::uint32_t dropped() const noexcept { return dropped_; }

 private:
  void note(const std::shared_ptr<Observation>& observation);

  Target& target_;
  Instant deadline_;
  std::vector<std::shared_ptr<Observation>> record_;
  std::vector<std::shared_ptr<Observation>> question_record_;  // of the question that was asked last
  std::unordered_map<const Observation*, Instant> begun_;      // and not ended yet
  std::uint32_t dropped_ = 0;
  std::string kept_key_;
  std::unique_ptr<Conversation> kept_;
  std::shared_ptr<Holding> holding_;
};

/// Evidence keeps the first `most` bytes of every string; how long it was is said beside it as `<name>_bytes`, which is
/// a list where the field is one. Of a list it keeps the first 64 items, and says `<name>_items`.
[[nodiscard]] Value::Object capped(const Value::Object& fields, std::size_t most);

}  // namespace audit::probe
