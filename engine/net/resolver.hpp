#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/world.hpp"
#include "proto/dns.hpp"
#include "proto/hosts_file.hpp"

namespace audit::net {

/// Whom to ask for names, and how patiently. One for the run, shared by all shards; never part of the scope.
struct ResolverConfig {
  std::vector<Endpoint> servers;    // in the order of preference
  std::vector<std::string> search;  // tried for names with fewer dots than ndots
  int ndots = 1;
  Duration timeout = std::chrono::seconds(2);  // one attempt
  std::uint32_t attempts = 2;                  // rounds over all servers
  bool use_system = true;                      // the hosts file, and nsswitch for names DNS does not know how to ask
  std::shared_ptr<const proto::HostsFile> hosts;

  /// As this machine is set up (resolv.conf, hosts).
  [[nodiscard]] static ResolverConfig of_system();
};

/// A DNS answer, and who gave it.
struct DnsReply {
  proto::DnsMessage message;
  Endpoint server;
  Endpoint local;
  std::uint32_t attempts = 0;
  bool over_tcp = false;
};

/// What a name leads to.
struct Resolved {
  std::vector<IpAddress> addresses;
  std::string notice;  // what could not be asked, where the answer is partial
};

/// The engine's own stub resolver: UDP, TCP on truncation, every server in turn. Lives on its shard.
class Resolver {
 public:
  Resolver(World& world, const ResolverConfig& config);

  /// One question, as written (no search list). Answers of another id, question or form are not believed: they are
  /// passed over until the deadline. Errors: timeout, protocol_error, refused, unresolved (no server is known), stopped.
  [[nodiscard]] awaitable<Result<DnsReply>> ask(proto::DnsQuestion question, Instant deadline);
  /// As `ask`, of one server, within its permit.
  [[nodiscard]] awaitable<Result<DnsReply>> ask_server(Endpoint server, proto::DnsQuestion question, bool recursion,
                                                       const Permit& permit, Instant deadline);
  /// The addresses of a name, IPv4 first. Errors: unresolved, which says who said what; local_fault; stopped.
  [[nodiscard]] awaitable<Result<Resolved>> addresses(std::string name, Instant deadline);

  [[nodiscard]] const ResolverConfig& config() const noexcept { return config_; }

 private:
  [[nodiscard]] awaitable<Result<DnsReply>> over_udp(Endpoint server, const std::string& query,
                                                     const proto::DnsQuestion& question, std::uint16_t id,
                                                     const Permit& permit, Instant deadline);
  [[nodiscard]] awaitable<Result<DnsReply>> over_tcp(Endpoint server, const std::string& query,
                                                     const proto::DnsQuestion& question, std::uint16_t id,
                                                     const Permit& permit, Instant deadline);
  [[nodiscard]] awaitable<Result<Resolved>> addresses_from_dns(std::string name, Instant deadline);
  [[nodiscard]] std::vector<std::string> candidates(const std::string& name) const;

  World& world_;
  const ResolverConfig& config_;
  Permit permit_;
};

}  // namespace audit::net
