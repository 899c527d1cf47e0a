#include "net/permit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::net {
namespace {

bool any_contains(const std::vector<AddressBlock>& blocks, const IpAddress& address) noexcept {
  return std::any_of(blocks.begin(), blocks.end(), [&](const AddressBlock& block) { return block.contains(address); });
}

/// Does a block take it out, in any way of writing it: as it stands, as where its traffic goes, without its zone?
bool any_covers(const std::vector<AddressBlock>& blocks, const IpAddress& address) noexcept {
  const IpAddress real = canonical(address);
  IpAddress anywhere = real;
  anywhere.zone = 0;
  return any_contains(blocks, address) || any_contains(blocks, real) || any_contains(blocks, anywhere);
}

}  // namespace

Permit::Permit(std::vector<IpAddress> hosts, TransportPorts never)
    : hosts_(std::move(hosts)), never_(std::move(never)) {
  std::vector<IpAddress> once;
  for (const IpAddress& host : hosts_) {
    const IpAddress real = canonical(host);
    if (std::find(once.begin(), once.end(), real) == once.end()) once.push_back(real);
  }
  hosts_ = std::move(once);
}

Permit Permit::for_endpoints(std::vector<Endpoint> endpoints) {
  Permit permit;
  permit.endpoints_ = std::move(endpoints);
  for (Endpoint& endpoint : permit.endpoints_) endpoint.address = canonical(endpoint.address);
  return permit;
}

Result<void> Permit::test(const Endpoint& endpoint) const {
  Endpoint real = endpoint;
  real.address = canonical(endpoint.address);
  if (never_.of(real.transport).contains(real.port))
    return Error(Reason::out_of_scope,
                 fmt::format("{} is a port that `never` forbids to touch", format_endpoint(real)));
  if (std::find(hosts_.begin(), hosts_.end(), real.address) != hosts_.end()) return {};
  const auto same_socket = [&](const Endpoint& one) { return one.address == real.address && one.port == real.port; };
  if (std::any_of(endpoints_.begin(), endpoints_.end(), same_socket)) return {};
  return Error(Reason::out_of_scope, fmt::format("{} is outside the scope: nothing was sent", format_endpoint(real)));
}

Result<void> Permit::test_host(const IpAddress& host) const {
  const IpAddress real = canonical(host);
  if (std::find(hosts_.begin(), hosts_.end(), real) != hosts_.end()) return {};
  return Error(Reason::out_of_scope, fmt::format("{} is outside the scope: nothing was sent", format_address(real)));
}

bool ScopeRules::excluded(const IpAddress& address) const noexcept { return any_covers(exclude, address); }

Result<void> ScopeRules::admit_resolved(const IpAddress& address, const std::string& name) const {
  const IpAddress real = canonical(address);
  const auto refuse = [&](std::string_view why) {
    return Error(Reason::out_of_scope, fmt::format("{} resolves to {}, {}", name, format_address(real), why));
  };
  if (excluded(address)) return refuse("which [scope] exclude takes out");
  if (any_contains(written, real)) return {};
  if (kind_of(real) != AddressKind::ordinary)
    return refuse(
        fmt::format("a {0} address, which counts only where the inventory writes it: add {1} as a target to allow it",
                    name_of(kind_of(real)), format_address(real)));
  if (!include.empty() && !any_contains(include, real))
    return refuse("which [scope] include does not cover: include it, or exclude it if it is not to be asked");
  return {};
}

}  // namespace audit::net
