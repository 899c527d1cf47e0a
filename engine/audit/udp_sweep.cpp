#include "audit/udp_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::core {
namespace {

std::vector<Endpoint> endpoints_of(const std::vector<IpAddress>& hosts, const PortSet& ports) {
  std::vector<Endpoint> endpoints;
  for (const std::uint16_t port : ports.list()) {
    for (const IpAddress& host : hosts) {
      Endpoint& endpoint = endpoints.emplace_back();
      endpoint.address = host;
      endpoint.port = port;
      endpoint.transport = Transport::udp;
    }
  }
  return endpoints;
}

}  // namespace

UdpSweep::UdpSweep(lua::Machine& machine, std::size_t asker, const lua::Subject& subject, probe::Target& target)
    : machine_(machine), asker_(asker), subject_(subject), target_(target), time_(target.services().world.wall()) {}

awaitable<void> UdpSweep::ask(PortSet ports, PortSet required, bool spare_the_silent) {
  std::vector<IpAddress> lively;
  std::vector<IpAddress> quiet;
  for (const IpAddress& host : hosts()) (target_.alive(host) || !spare_the_silent ? lively : quiet).push_back(host);
  co_await ask_all(endpoints_of(quiet, required));
  PortSet rest = ports;
  rest.remove(required);
  std::vector<Endpoint> endpoints = endpoints_of(lively, ports);
  std::erase_if(quiet, [this](const IpAddress& host) { return !target_.alive(host); });
  const std::vector<Endpoint> more = endpoints_of(quiet, rest);
  endpoints.insert(endpoints.end(), more.begin(), more.end());
  co_await ask_all(std::move(endpoints));
  if (failure_) std::rethrow_exception(failure_);
}

awaitable<void> UdpSweep::ask_all(std::vector<Endpoint> endpoints) {
  std::size_t next = 0;
  std::size_t working = std::min<std::size_t>(target_.limits().per_target, endpoints.size());
  if (working == 0) co_return;
  net::World& world = target_.services().world;
  net::Event done(world.deadlines());
  for (std::size_t i = working; i > 0; --i)
    asio::co_spawn(world.io(), work(endpoints, next), [&](const std::exception_ptr& failure) {
      if (failure) failure_ = failure;
      if (--working == 0) done.happen();
    });
  while (working > 0) co_await done.wait(never);
}

awaitable<void> UdpSweep::work(const std::vector<Endpoint>& endpoints, std::size_t& next) {
  while (next < endpoints.size()) {
    const Endpoint endpoint = endpoints[next++];
    co_await ask_one(endpoint);
  }
}

awaitable<void> UdpSweep::ask_one(Endpoint endpoint) {
  const Value::Object params;
  const std::optional<Endpoint> at = endpoint;
  const lua::Outcome outcome = co_await machine_.run(asker_, subject_, params, target_, never, at);
  Seen seen;
  if (!outcome.record.empty()) seen.observation = outcome.record.back();
  const Value* state = seen.observation == nullptr ? nullptr : seen.observation->fields.find("state");
  const std::string* text = state == nullptr ? nullptr : state->get_if<std::string>();
  using What = PortSight::What;
  if (outcome.finding.status != Status::informational || text == nullptr) {
    seen.sight.why = Error(outcome.finding.reason, outcome.finding.message);
  } else if (*text == "open") {
    seen.sight.what = What::open;
  } else if (*text == "closed") {
    seen.sight.what = What::closed;
  } else if (*text == "filtered" && target_.alive(endpoint.address)) {
    seen.sight.what = What::filtered;
  } else {
    seen.sight.what = What::silent;
    seen.sight.why =
        Error(Reason::filtered,
              format_endpoint(endpoint) + " gave no answer, which an open port may do as well as a filtered one");
  }
  seen_[endpoint] = std::move(seen);
}

PortSight UdpSweep::look(const Endpoint& endpoint) const {
  const auto found = seen_.find(endpoint);
  if (found != seen_.end()) return found->second.sight;
  PortSight unasked;
  unasked.why = Error(Reason::unreachable, fmt::format("{} was not asked: {} has shown no sign of life",
                                                       format_endpoint(endpoint), format_address(endpoint.address)));
  return unasked;
}

Evidence UdpSweep::port_evidence(const Endpoint& endpoint) const {
  Evidence evidence;
  const auto found = seen_.find(endpoint);
  if (found != seen_.end() && found->second.observation) {
    evidence.observation = found->second.observation;
    return evidence;
  }
  auto unseen = std::make_shared<Observation>();
  unseen->probe = "udp";
  unseen->endpoint = format_endpoint(endpoint);
  unseen->time = time_;
  unseen->reason = look(endpoint).why.reason;
  unseen->message = look(endpoint).why.message;
  evidence.observation = std::move(unseen);
  return evidence;
}

}  // namespace audit::core
