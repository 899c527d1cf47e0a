#include "net/deadline_list.hpp"

namespace audit::net {

void DeadlineList::place(std::size_t slot, Entry* entry) noexcept {
  heap_[slot] = entry;
  entry->slot_ = static_cast<std::uint32_t>(slot);
}

void DeadlineList::rise(std::size_t slot) noexcept {
  Entry* entry = heap_[slot];
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (heap_[parent]->when_ <= entry->when_) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, entry);
}

void DeadlineList::sink(std::size_t slot) noexcept {
  Entry* entry = heap_[slot];
  while (true) {
    std::size_t child = slot * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ < heap_[child]->when_) ++child;
    if (entry->when_ <= heap_[child]->when_) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, entry);
}

void DeadlineList::add(Entry& entry, Instant when) {
  if (entry.waiting()) remove(entry);
  heap_.push_back(&entry);
  entry.when_ = stopped_ ? Instant::min() : when;
  rise(heap_.size() - 1);
  if (heap_.front() == &entry && nearer_) nearer_(entry.when_);
}

void DeadlineList::remove(Entry& entry) noexcept {
  if (!entry.waiting()) return;
  const std::size_t slot = entry.slot_;
  Entry* last = heap_.back();
  heap_.pop_back();
  entry.slot_ = Entry::idle;
  if (heap_.empty() && nearer_) nearer_(never);
  if (last == &entry) return;
  place(slot, last);
  rise(slot);
  sink(last->slot_);
}

void DeadlineList::advance(Instant now) {
  if (stopped_) {  // what is added meanwhile waits for the next time
    stop_all();
    return;
  }
  while (!stopped_ && !heap_.empty() && heap_.front()->when_ <= now) {
    Entry& due = *heap_.front();
    remove(due);
    due.expired(Expiry::deadline);
  }
}

void DeadlineList::stop_all() {
  stopped_ = true;
  const std::vector<Entry*> waiting = heap_;
  for (Entry* entry : waiting) {
    if (!entry->waiting()) continue;
    remove(*entry);
    entry->expired(Expiry::stopped);
  }
}

}  // namespace audit::net
