#include "probe/answer_cache.hpp"

#include <algorithm>
#include <utility>

namespace audit::probe {
namespace {

constexpr std::size_t node_bytes = 96;  // what a value costs besides its text

std::size_t size_of(const Value& value);

std::size_t size_of(const Value::Object& object) {
  std::size_t size = node_bytes;
  for (const auto& [key, item] : object) size += key.size() + size_of(item);
  return size;
}

std::size_t size_of(const Value& value) {
  if (const auto* object = value.get_if<Value::Object>()) return size_of(*object);
  std::size_t size = node_bytes;
  if (const auto* text = value.get_if<std::string>()) size += text->size();
  if (const auto* array = value.get_if<Value::Array>())
    for (const Value& item : *array) size += size_of(item);
  return size;
}

}  // namespace

std::shared_ptr<SharedAnswer> AnswerCache::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second;
}

std::shared_ptr<SharedAnswer> AnswerCache::begin(const std::string& key) {
  auto entry = std::make_shared<SharedAnswer>(deadlines_);
  entries_[key] = entry;
  return entry;
}

void AnswerCache::keep(const std::string& key, const std::shared_ptr<SharedAnswer>& entry,
                       std::shared_ptr<const Answer> answer, std::vector<std::shared_ptr<Observation>> record) {
  const std::size_t size = node_bytes + key.size() + size_of(answer->fields);
  entry->answer = std::move(answer);
  entry->record = std::move(record);
  entry->settled.happen();
  kept_.push_back({key, entry, size});
  ++new_;
  bytes_ += size;
  while (bytes_ > most_ && !kept_.empty()) {
    const Kept& oldest = kept_.front();
    bytes_ -= oldest.bytes;
    const auto known = entries_.find(oldest.key);
    if (known != entries_.end() && known->second == oldest.entry) entries_.erase(known);
    kept_.pop_front();
    ++evicted_;
  }
  new_ = std::min(new_, kept_.size());
  if (listener_) listener_();
}

std::vector<KeptAnswer> AnswerCache::take_new() {
  std::vector<KeptAnswer> answers;
  for (std::size_t i = kept_.size() - std::exchange(new_, 0); i < kept_.size(); ++i)
    answers.push_back({kept_[i].key, kept_[i].entry->answer, kept_[i].entry->record});
  return answers;
}

void AnswerCache::restore(KeptAnswer answer) {
  const std::shared_ptr<SharedAnswer> entry = begin(answer.key);
  keep(answer.key, entry, std::move(answer.answer), std::move(answer.record));
  new_ = 0;
}

void AnswerCache::forget(const std::string& key, const std::shared_ptr<SharedAnswer>& entry) {
  const auto known = entries_.find(key);
  if (known != entries_.end() && known->second == entry) entries_.erase(known);
  entry->settled.happen();
}

}  // namespace audit::probe
