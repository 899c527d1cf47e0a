#include "audit/name_guards.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "net/waiting.hpp"

namespace audit::core {
namespace {

constexpr Duration resolving_time = std::chrono::seconds(20);
constexpr std::size_t most_notices = 50;

std::string unresolved_notice(const inventory::GuardIndex::Name& name, const std::string& why) {
  return fmt::format(
      "{}: {}; {}", name.name,
      name.excluded_by.empty()
          ? std::string("what it forbids could not be held for its addresses where other entries name them")
          : fmt::format("its addresses could not be left out by `{}` where other entries name them", name.excluded_by),
      why);
}

}  // namespace

/// One pass over the names, which several coroutines take from in turn.
struct NameGuards::Learning {
  Learning(const inventory::GuardIndex& index_in, probe::Services& services_in, const Earlier* earlier_in)
      : index(index_in), services(services_in), earlier(earlier_in), ends(services_in.world.now() + longest),
        answers(index_in.names().size(), Error(Reason::unresolved, "")), done(services_in.world.deadlines()) {}
  const inventory::GuardIndex& index;
  probe::Services& services;
  const Earlier* earlier;
  Instant ends;
  std::vector<Result<net::Resolved>> answers;
  std::size_t next = 0;
  std::size_t workers = 0;
  net::Event done;
  std::exception_ptr failure;
};

awaitable<void> NameGuards::resolve(Learning& learning) {
  const std::vector<inventory::GuardIndex::Name>& names = learning.index.names();
  while (learning.next < names.size()) {
    const std::size_t mine = learning.next++;
    const std::string& name = names[mine].name;
    const Instant now = learning.services.world.now();
    const Result<net::Resolved>* then = learning.earlier == nullptr ? nullptr : learning.earlier->resolution(name);
    if (then != nullptr) {
      learning.answers[mine] = *then;
    } else if (learning.services.world.stopped()) {
      learning.answers[mine] = Error(Reason::stopped, name + ": the run was stopped before it was resolved");
    } else if (now >= learning.ends) {
      learning.answers[mine] =
          Error(Reason::timeout, fmt::format("{} was not resolved: {} was not enough for {} that guard their addresses",
                                             name, format_duration(longest), counted(names.size(), "name")));
    } else {
      const Instant deadline = std::min(learning.ends, now + resolving_time);
      learning.answers[mine] = co_await learning.services.resolver.addresses(name, deadline);
    }
  }
}

awaitable<void> NameGuards::learn(const inventory::GuardIndex& index, probe::Services& services,
                                  const Earlier* earlier) {
  if (index.names().empty()) co_return;
  Learning learning(index, services, earlier);
  learning.workers = std::min(at_once, index.names().size());
  for (std::size_t i = learning.workers; i > 0; --i)
    asio::co_spawn(services.world.io(), resolve(learning), [&learning](const std::exception_ptr& failure) {
      if (failure) learning.failure = failure;
      if (--learning.workers == 0) learning.done.happen();
    });
  while (learning.workers > 0) co_await learning.done.wait(never);  // all end by `ends`, or by the stop
  if (learning.failure) std::rethrow_exception(learning.failure);
  take(index, learning.answers);
}

void NameGuards::take(const inventory::GuardIndex& index, const std::vector<Result<net::Resolved>>& answers) {
  std::uint64_t more = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const inventory::GuardIndex::Name& name = index.names()[i];
    const Result<net::Resolved>& answer = answers[i];
    known_.emplace(name.name, answer);
    const std::string why = answer ? answer->notice : answer.error().message;
    const bool stopped = !answer && answer.error().reason == Reason::stopped;
    if (!why.empty() && !stopped && notices_.size() < most_notices)
      notices_.push_back(unresolved_notice(name, why));
    else if (!why.empty() && !stopped)
      ++more;
    if (!answer) continue;
    for (const IpAddress& address : answer->addresses) {
      Held& held = held_[canonical(address)];
      held.guard.add(name.guard);
      if (held.excluded_by.empty()) held.excluded_by = name.excluded_by;
    }
  }
  if (more > 0)
    notices_.push_back(
        fmt::format("and {} that could not be resolved, or not wholly", counted(more, "more such name")));
}

std::vector<Resolution> NameGuards::resolutions() const {
  std::vector<Resolution> all;
  for (const auto& [name, answer] : known_)
    if (answer || answer.error().reason != Reason::stopped) all.push_back({name, answer});
  return all;
}

void NameGuards::open() noexcept {
  open_.store(true, std::memory_order_release);
  open_.notify_all();
}

void NameGuards::wait() const noexcept { open_.wait(false, std::memory_order_acquire); }

const Result<net::Resolved>* NameGuards::known(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

inventory::Guard NameGuards::at(const IpAddress& address) const {
  const auto found = held_.find(canonical(address));
  return found == held_.end() ? inventory::Guard() : found->second.guard;
}

const std::string* NameGuards::excluded(const IpAddress& address) const {
  const auto found = held_.find(canonical(address));
  return found == held_.end() || found->second.excluded_by.empty() ? nullptr : &found->second.excluded_by;
}

}  // namespace audit::core
