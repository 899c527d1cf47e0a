#include "base/check_list.hpp"

namespace audit {

CheckList::Iterator::Iterator(const KeptChecks& kept, Detail detail, Statuses wanted)
    : walked_(std::make_shared<Walked>()) {
  walked_->walk = kept.walk(detail, wanted);
  turn_page();
}

void CheckList::Iterator::turn_page() {
  do {
    if (!walked_->walk->next(walked_->page)) {
      left_ = {};
      walked_.reset();
      return;
    }
    left_ = walked_->page;
  } while (left_.empty());
}

CheckList::Iterator CheckList::begin() const { return with(Detail::all).first; }

CheckList::Iterator CheckList::end() const { return {}; }

CheckList::Range CheckList::with(Detail detail, Statuses wanted) const {
  return {kept_ ? Iterator(*kept_, detail, wanted) : Iterator(std::span<const Check>(held_))};
}

std::vector<Check>& CheckList::held() {
  if (kept_) {
    std::vector<Check> all;
    all.reserve(kept_->size());
    for (const Check& check : *this) all.push_back(check);
    held_ = std::move(all);
    kept_.reset();
  }
  return held_;
}

}  // namespace audit
