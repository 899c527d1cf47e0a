#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/dns_cache.hpp"
#include "net/dns_client.hpp"
#include "net/world.hpp"
#include "proto/hosts_file.hpp"

namespace audit::net {

/// What this machine says of names: its files, as they stand. At most 1 MiB of each.
struct SystemNames {
  std::string resolv_conf;
  std::string hosts;
  [[nodiscard]] static SystemNames read();
};

/// Whom to ask for names, and how patiently. One for the run, shared by all shards; never part of the scope.
struct ResolverConfig {
  std::vector<Endpoint> servers;    // in the order of preference
  std::vector<std::string> search;  // tried for names with fewer dots than ndots
  int ndots = 1;
  Duration timeout = std::chrono::seconds(2);  // one attempt
  std::uint32_t attempts = 2;                  // rounds over all servers
  bool use_system = true;                      // the hosts file, and nsswitch for names DNS does not know how to ask
  std::shared_ptr<const proto::HostsFile> hosts;

  /// As a machine is set up.
  [[nodiscard]] static ResolverConfig of_system(const SystemNames& names);
};

/// What a name leads to.
struct Resolved {
  std::vector<IpAddress> addresses;
  std::string notice;  // what could not be asked, where the answer is partial
};

/// The engine's own stub resolver: UDP, TCP on truncation, every server in turn. Lives on its shard.
class Resolver {
 public:
  /// `cache`: the run's, shared by all shards.
  Resolver(World& world, const ResolverConfig& config, std::shared_ptr<DnsCache> cache = std::make_shared<DnsCache>());

  /// One question, as written (no search list), of the run's servers. Answers of another id, question or form are not
  /// believed: they are passed over until the deadline. What was heard is not asked again while it holds, unless it is to
  /// be `fresh`. Errors: timeout, protocol_error, refused, unresolved (no server is known), stopped.
  [[nodiscard]] awaitable<Result<DnsReply>> ask(proto::DnsQuestion question, DnsManner manner, bool fresh,
                                                Instant deadline);
  /// The addresses of a name, IPv4 first. Errors: unresolved (so a server says), timeout (none says), local_fault, stopped.
  [[nodiscard]] awaitable<Result<Resolved>> addresses(std::string name, Instant deadline);

  /// Asks a server of the caller's choice.
  [[nodiscard]] DnsClient& client() noexcept { return client_; }
  [[nodiscard]] const Permit& permit() const noexcept { return permit_; }
  [[nodiscard]] const ResolverConfig& config() const noexcept { return config_; }

 private:
  struct BothFamilies;
  [[nodiscard]] awaitable<Result<DnsReply>> ask_servers(proto::DnsQuestion question, DnsManner manner,
                                                        Instant deadline);
  [[nodiscard]] awaitable<Result<Resolved>> addresses_from_dns(std::string name, Instant deadline);
  [[nodiscard]] std::vector<std::string> candidates(const std::string& name) const;

  World& world_;
  const ResolverConfig& config_;
  DnsClient client_;
  Permit permit_;
  std::shared_ptr<DnsCache> cache_;
};

}  // namespace audit::net
