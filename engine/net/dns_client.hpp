#pragma once

#include <functional>
#include <string>

#include "net/datagram_pool.hpp"
#include "net/dns_reply.hpp"
#include "net/world.hpp"
#include "proto/dns_transfer.hpp"

namespace audit::net {

/// A zone, as far as a server gave it.
struct DnsZone {
  proto::DnsTransfer transfer;
  Endpoint server;
  Endpoint local;
};

/// The DNS over UDP and TCP, as one question to one server. Lives on its shard.
class DnsClient {
 public:
  /// `servers`: whom it is to ask most.
  DnsClient(World& world, const std::vector<Endpoint>& servers) : world_(world), sockets_(world, servers) {}

  /// To be held while `ask` asks it (see DatagramPool::turn).
  [[nodiscard]] awaitable<Result<Place>> turn(Endpoint server, Instant deadline) {
    return sockets_.turn(server, deadline);
  }
  /// Waits until a server may be asked once more within an attempt, without EDNS or over TCP, and gives the deadline of
  /// that. Errors: timeout, stopped.
  using OnceMore = std::function<awaitable<Result<Instant>>()>;
  /// One attempt of one server, within its permit. Without `once_more` nothing is waited for. Errors: timeout,
  /// protocol_error, refused, those of a stream, stopped.
  [[nodiscard]] awaitable<Result<DnsReply>> ask(Endpoint server, proto::DnsQuestion question, DnsManner manner,
                                                const Permit& permit, Instant deadline, OnceMore once_more = {});
  /// All of a zone (AXFR), over TCP. Errors: those of a stream; protocol_error where it is no transfer.
  [[nodiscard]] awaitable<Result<DnsZone>> transfer(Endpoint server, std::string zone, const Permit& permit,
                                                    Instant deadline);

 private:
  [[nodiscard]] awaitable<Result<DnsReply>> over_udp(Endpoint server, const std::string& query,
                                                     const proto::DnsQuestion& question, std::uint16_t id,
                                                     const Permit& permit, Instant deadline);
  [[nodiscard]] awaitable<Result<DnsReply>> over_tcp(Endpoint server, const std::string& query,
                                                     const proto::DnsQuestion& question, std::uint16_t id,
                                                     const Permit& permit, Instant deadline);

  World& world_;
  DatagramPool sockets_;
};

}  // namespace audit::net
