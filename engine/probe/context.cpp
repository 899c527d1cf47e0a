#include "probe/context.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "probe/conversation.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t most_observations = 64;
constexpr std::size_t most_evidence_bytes = 4'096;
constexpr std::size_t most_items = 64;

Value capped_value(const Value& value, std::size_t most) {
  if (const auto* text = value.get_if<std::string>(); text != nullptr && text->size() > most)
    return text->substr(0, most);
  if (const auto* object = value.get_if<Value::Object>()) return capped(*object, most);
  if (const auto* array = value.get_if<Value::Array>()) {
    Value::Array kept;
    for (std::size_t i = 0; i < std::min(array->size(), most_items); ++i)
      kept.push_back(capped_value((*array)[i], most));
    return kept;
  }
  return value;
}

/// How long the kept strings of a list were, where one of them was cut.
Value::Array sizes_of_cut(const Value::Array& array, std::size_t most) {
  Value::Array sizes;
  bool cut = false;
  for (std::size_t i = 0; i < std::min(array.size(), most_items); ++i) {
    const auto* text = array[i].get_if<std::string>();
    if (text == nullptr) return {};
    cut = cut || text->size() > most;
    sizes.emplace_back(static_cast<std::int64_t>(text->size()));
  }
  if (!cut) sizes.clear();
  return sizes;
}

bool fits(const Value& value, std::size_t most);

bool fits(const Value::Object& fields, std::size_t most) {
  return std::all_of(fields.begin(), fields.end(), [&](const auto& field) { return fits(field.second, most); });
}

bool fits(const Value& value, std::size_t most) {
  if (const auto* text = value.get_if<std::string>()) return text->size() <= most;
  if (const auto* object = value.get_if<Value::Object>()) return fits(*object, most);
  const auto* array = value.get_if<Value::Array>();
  return array == nullptr ||
         (array->size() <= most_items &&
          std::all_of(array->begin(), array->end(), [&](const Value& item) { return fits(item, most); }));
}

}  // namespace

Value::Object capped(const Value::Object& fields, std::size_t most) {
  if (fits(fields, most)) return fields;
  Value::Object kept;
  for (const auto& [key, value] : fields) {
    kept[key] = capped_value(value, most);
    if (const auto* text = value.get_if<std::string>(); text != nullptr && text->size() > most)
      kept[key + "_bytes"] = static_cast<std::int64_t>(text->size());
    const auto* array = value.get_if<Value::Array>();
    if (array == nullptr) continue;
    if (array->size() > most_items) kept[key + "_items"] = static_cast<std::int64_t>(array->size());
    if (Value::Array sizes = sizes_of_cut(*array, most); !sizes.empty()) kept[key + "_bytes"] = std::move(sizes);
  }
  return kept;
}

void note_failure(Observation& observation, const Error& error) {
  observation.reason = error.reason;
  observation.message = from_visible(error.message);
}

Context::Context(Target& target, Instant deadline)
    : target_(target), deadline_(deadline), holding_(std::make_shared<Holding>()) {}

Context::Context(Context& parent) : target_(parent.target_), deadline_(parent.deadline_), holding_(parent.holding_) {
  ++holding_->running;
}

Context::~Context() { kept_.reset(); }  // it still says when it ended

void Context::keep(std::string key, std::unique_ptr<Conversation> conversation) {
  kept_key_ = std::move(key);
  kept_ = std::move(conversation);
}

std::unique_ptr<Conversation> Context::take_kept(std::string_view key) {
  if (kept_key_ != key) kept_.reset();
  return std::move(kept_);
}

void Context::release() { kept_.reset(); }

void Context::renew(Instant deadline) {
  release();
  deadline_ = deadline;
  record_.clear();
  question_record_.clear();
  dropped_ = 0;
}

void Context::branch_ended() {
  release();
  --holding_->running;
  if (holding_->stalled()) target_.look_for_standstill();
}

namespace {

/// Says that a branch waits for leave, to the others of its check, and wakes them whatever comes of it.
class LeaveAwaited {
 public:
  LeaveAwaited(Holding& holding, net::DeadlineList& deadlines)
      : holding_(holding), had_(std::make_shared<net::Event>(deadlines)) {
    holding_.leave_awaited = had_;
  }
  ~LeaveAwaited() {
    holding_.leave_awaited.reset();
    had_->happen();
  }
  LeaveAwaited(const LeaveAwaited&) = delete;
  LeaveAwaited& operator=(const LeaveAwaited&) = delete;

 private:
  Holding& holding_;
  std::shared_ptr<net::Event> had_;
};

}  // namespace

awaitable<Result<std::shared_ptr<void>>> Context::leave_to_hold(Endpoint endpoint) {
  std::shared_ptr<void> leave = holding_->leave.lock();
  while (!leave && holding_->leave_awaited) {  // by another branch
    const std::shared_ptr<net::Event> awaited = holding_->leave_awaited;
    const net::Wake wake = co_await awaited->wait(deadline_);
    if (wake != net::Wake::signalled) co_return target_.no_leave(wake);
    leave = holding_->leave.lock();
  }
  if (leave) co_return leave;
  const LeaveAwaited awaited(*holding_, world().deadlines());
  Result<std::shared_ptr<void>> admitted = co_await target_.admit_holder(endpoint.address, deadline_);
  if (admitted) holding_->leave = *admitted;
  co_return admitted;
}

std::shared_ptr<void> Context::stream_held(const Endpoint& endpoint, std::shared_ptr<void> leave) {
  const net::PrefixLimit::Count* count = target_.count_of(endpoint.address);
  void* held = leave.get();
  const auto let_go = [leave = std::move(leave), holding = holding_, count](void* /*unused*/) {
    auto& streams = holding->streams;
    streams.erase(std::find(streams.begin(), streams.end(), count));
  };
  holding_->streams.push_back(count);
  return {held, let_go};
}

Instant Context::within(Duration timeout) { return std::min(deadline_, world().now() + timeout); }

std::shared_ptr<Observation> Context::begin(std::string probe, std::string endpoint) {
  kept_.reset();
  auto observation = std::make_shared<Observation>();
  observation->probe = std::move(probe);
  observation->endpoint = std::move(endpoint);
  observation->time = world().wall();
  begun_[observation.get()] = world().now();
  observation->reason = Reason::stopped;  // until it ends
  note(observation);
  if (question_record_.size() < most_observations) question_record_.push_back(observation);
  return observation;
}

void Context::note(const std::shared_ptr<Observation>& observation) {
  if (record_.size() < most_observations) {
    record_.push_back(observation);
  } else {
    ++dropped_;
  }
}

void Context::adopt(const std::vector<std::shared_ptr<Observation>>& record) {
  for (const std::shared_ptr<Observation>& observation : record) note(observation);
}

void Context::adopt(const Context& other) {
  adopt(other.record_);
  dropped_ += other.dropped_;
}

void Context::ended(Observation& observation) {
  const auto began = begun_.find(&observation);
  if (began == begun_.end()) return;
  observation.elapsed = world().now() - began->second;
  begun_.erase(began);
}

Answer Context::finish(std::shared_ptr<Observation> observation, Value::Object fields) {
  ended(*observation);
  if (observation->reason == Reason::stopped) observation->reason = Reason::observed;
  observation->fields = capped(fields, most_evidence_bytes);
  return {std::move(observation), std::move(fields), {}};
}

Answer Context::fail(std::shared_ptr<Observation> observation, Error error) {
  ended(*observation);
  note_failure(*observation, error);
  return {std::move(observation), {}, std::move(error)};
}

}  // namespace audit::probe
