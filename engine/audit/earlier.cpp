#include "audit/earlier.hpp"

#include <iterator>

namespace audit::core {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>&& more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

void Earlier::take(PartMessage part) {
  for (Resolution& one : part.resolutions) resolutions.emplace(std::move(one.name), std::move(one.answer));
  part.resolutions.clear();
  if (part.member.entry == nullptr) return;
  const auto [place, fresh] = half_done.try_emplace(part.member.ordinal);
  PartMessage& whole = place->second;
  if (fresh) {
    whole = std::move(part);
    return;
  }
  if (!whole.swept) whole.swept = std::move(part.swept);
  append(whole.lively, std::move(part.lively));
  append(whole.checks, std::move(part.checks));
  append(whole.collected, std::move(part.collected));
  append(whole.answers, std::move(part.answers));
}

const PartMessage* Earlier::of(std::uint64_t ordinal) const {
  const auto found = half_done.find(ordinal);
  return found == half_done.end() ? nullptr : &found->second;
}

const Result<net::Resolved>* Earlier::resolution(const std::string& name) const {
  const auto found = resolutions.find(name);
  return found == resolutions.end() ? nullptr : &found->second;
}

}  // namespace audit::core
