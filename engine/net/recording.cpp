#include "net/recording.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/redaction.hpp"

namespace audit::net {
namespace {

constexpr std::size_t most_memory = std::size_t{4} << 30U;

template <class Map, class Key>
auto* found(Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

std::size_t cost_of(const Exchange& exchange) {
  std::size_t cost = sizeof(Kept) + exchange.name.size() + exchange.masks.size() * sizeof(Mask) +
                     exchange.addresses.size() * sizeof(IpAddress) + exchange.steps.size() * sizeof(Step);
  for (const Step& step : exchange.steps) cost += step.asked.size() + step.got.size();
  return cost;
}

}  // namespace

Result<void> Recording::add(std::string_view record) {
  std::optional<TranscriptRecord> read = decode_record(record);
  if (!read) return Error(Reason::protocol_error, "a record of the transcript cannot be read: record anew");
  if (std::holds_alternative<RunStart>(*read) == has_start_ || has_end_)
    return Error(Reason::protocol_error, "the transcript's records are not in order: record anew");
  if (auto* start = std::get_if<RunStart>(&*read)) {
    start_ = std::move(*start);
    has_start_ = true;
  } else if (auto* end = std::get_if<RunEnd>(&*read)) {
    end_ = std::move(*end);
    has_end_ = true;
  } else if (const auto* port = std::get_if<PortAsked>(&*read)) {
    ports_[port->to].asked.push_back(*port);
    cost_ += sizeof(PortAsked) * 2;
  } else if (const auto* stopped = std::get_if<Stopped>(&*read)) {
    if (!stopped_) stopped_ = *stopped;
  } else if (const auto* put_forward = std::get_if<PutForward>(&*read)) {
    put_forward_.push_back(*put_forward);
    cost_ += sizeof(PutForward);
  } else {
    auto kept = std::make_unique<Kept>();
    kept->exchange = std::move(std::get<Exchange>(*read));
    cost_ += cost_of(kept->exchange);
    kept_.push_back(std::move(kept));
  }
  if (cost_ > most_memory)
    return Error(Reason::over_budget,
                 fmt::format("the transcript takes more than {} MiB of memory, which is more than is replayed",
                             most_memory >> 20U));
  return {};
}

Result<void> Recording::finish() {
  if (!has_start_ || !has_end_)
    return Error(Reason::protocol_error, "the transcript does not say how its run began and ended: record anew");
  std::sort(kept_.begin(), kept_.end(),
            [](const auto& a, const auto& b) { return a->exchange.ordinal < b->exchange.ordinal; });
  for (auto& [endpoint, ports] : ports_)
    std::sort(ports.asked.begin(), ports.asked.end(),
              [](const PortAsked& a, const PortAsked& b) { return a.ordinal < b.ordinal; });
  return {};
}

Result<void> Recording::restore(const std::vector<std::string>& forms) {
  for (const std::unique_ptr<Kept>& kept : kept_) {
    Exchange& exchange = kept->exchange;
    if (Result<void> restored = restore_secrets(exchange, forms); !restored) return restored;
    if (exchange.kind == Exchange::Kind::look_up) {
      by_name_[exchange.name].push_back(kept.get());
      continue;
    }
    by_endpoint_[Key(exchange.kind, exchange.to)].push_back(kept.get());
    if (exchange.kind == Exchange::Kind::datagram && !exchange.steps.empty() &&
        exchange.steps.front().kind == Step::Kind::send)
      by_first_[std::tuple(exchange.to, exchange.other_ports, exchange.steps.front().asked)].push_back(kept.get());
  }
  return {};
}

const PortAsked* Recording::next_port(const Endpoint& to) {
  Ports* ports = found(ports_, to);
  if (ports == nullptr) return nullptr;
  const PortAsked& asked = ports->asked[ports->next];
  if (ports->next + 1 < ports->asked.size()) ++ports->next;
  return &asked;
}

std::vector<Kept*>* Recording::with(Exchange::Kind kind, const Endpoint& to) {
  return found(by_endpoint_, Key(kind, to));
}

std::vector<Kept*>* Recording::beginning(const Endpoint& to, bool other_ports, const std::string& sent) {
  return found(by_first_, std::tuple(to, other_ports, sent));
}

std::vector<Kept*>* Recording::look_ups(const std::string& name) { return found(by_name_, name); }

Kept& choose(const std::vector<Kept*>& candidates) {
  const auto fresh = std::find_if(candidates.begin(), candidates.end(), [](const Kept* one) { return !one->taken; });
  if (fresh != candidates.end()) return **fresh;
  const auto opened =
      std::find_if(candidates.begin(), candidates.end(), [](const Kept* one) { return !one->exchange.error; });
  return opened == candidates.end() ? *candidates.front() : **opened;
}

}  // namespace audit::net
