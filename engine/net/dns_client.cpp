#include "net/dns_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "proto/dns_tcp.hpp"

namespace audit::net {
namespace {

constexpr std::uint16_t edns_size = 1'232;
constexpr std::uint16_t type_axfr = 252;
constexpr std::size_t transfer_buffer = 65'536;
constexpr std::uint64_t most_transfer_bytes = std::uint64_t{64} << 20U;

std::uint16_t random_id(World& world, const Endpoint& server, const proto::DnsQuestion& question) {
  std::array<std::uint8_t, 2> noise{};
  const auto purpose = [&] {
    return fmt::format("dns {} {} {}", format_endpoint(server), question.type, question.name);
  };
  world.random_for(purpose, noise);
  return static_cast<std::uint16_t>(noise[0] << 8U | noise[1]);
}

awaitable<Result<Instant>> next_deadline(const DnsClient::OnceMore& once_more, Instant deadline) {
  if (!once_more) co_return deadline;
  Result<Instant> until = co_await once_more();
  co_return until;
}

}  // namespace

awaitable<Result<DnsReply>> DnsClient::over_udp(Endpoint server, const std::string& query,
                                                const proto::DnsQuestion& question, std::uint16_t id,
                                                const Permit& permit, Instant deadline) {
  server.transport = Transport::udp;
  Result<DatagramPool::Lent> lent = co_await sockets_.take(server, permit, deadline);
  if (!lent) co_return lent.error();
  Datagram& socket = *lent->socket;
  if (Result<void> sent = socket.send(query); !sent) co_return sent.error();
  Error disbelieved(Reason::timeout, "");
  while (true) {
    Result<DatagramReply> reply = co_await socket.receive(deadline);
    if (!reply) {
      if (reply.error().reason == Reason::timeout && disbelieved.reason != Reason::timeout) co_return disbelieved;
      co_return reply.error();
    }
    Result<proto::DnsMessage> message = proto::decode_dns_response(reply->bytes, question, id);
    if (!message) {
      disbelieved =
          Error(message.error().reason, fmt::format("{}: {}", format_endpoint(server), message.error().message));
      continue;
    }
    DnsReply answer;
    answer.message = std::move(*message);
    answer.server = server;
    answer.local = socket.local();
    if (disbelieved.message.empty()) sockets_.give_back(server, std::move(*lent));
    co_return answer;
  }
}

awaitable<Result<DnsReply>> DnsClient::over_tcp(Endpoint server, const std::string& query,
                                                const proto::DnsQuestion& question, std::uint16_t id,
                                                const Permit& permit, Instant deadline) {
  server.transport = Transport::tcp;
  Result<std::unique_ptr<Stream>> stream = co_await world_.connect(server, permit, deadline);
  if (!stream) co_return stream.error();
  const std::string framed = proto::frame_dns_tcp(query);
  Result<void> written = co_await (*stream)->write(framed, deadline);
  if (!written) co_return written.error();
  proto::DnsTcpReader reader;
  std::array<char, 16'384> buffer;
  const std::span<char> room(buffer);
  while (true) {
    const Result<std::size_t> got = co_await (*stream)->read_some(room, deadline);
    if (!got) co_return got.error();
    const auto step = reader.feed(std::string_view(buffer.data(), *got));
    if (step == proto::DnsTcpReader::Step::failed) co_return reader.error();
    if (step == proto::DnsTcpReader::Step::need_more) continue;
    Result<proto::DnsMessage> message = proto::decode_dns_response(reader.message(), question, id);
    if (!message)
      co_return Error(message.error().reason, fmt::format("{}: {}", format_endpoint(server), message.error().message));
    if (message->flags.tc)
      co_return Error(Reason::protocol_error,
                      format_endpoint(server) + ": the DNS answer says that it is truncated, and it came over TCP");
    DnsReply answer;
    answer.message = std::move(*message);
    answer.server = server;
    answer.local = (*stream)->local();
    answer.over_tcp = true;
    co_return answer;
  }
}

awaitable<Result<DnsReply>> DnsClient::ask(Endpoint server, proto::DnsQuestion question, DnsManner manner,
                                           const Permit& permit, Instant deadline, OnceMore once_more) {
  const std::uint16_t id = random_id(world_, server, question);
  const Result<std::string> query = proto::encode_dns_query(question, id, manner.recursion, edns_size, manner.dnssec);
  if (!query) co_return query.error();
  if (manner.only_tcp) co_return co_await over_tcp(server, *query, question, id, permit, deadline);
  Result<DnsReply> reply = co_await over_udp(server, *query, question, id, permit, deadline);
  if (reply && reply->message.rcode == "FORMERR" && !manner.dnssec) {  // an old server without EDNS (RFC 6891 7)
    const Result<std::string> plain = proto::encode_dns_query(question, id, manner.recursion, 0, false);
    if (!plain) co_return plain.error();
    if (Result<Instant> until = co_await next_deadline(once_more, deadline); until) {
      reply = co_await over_udp(server, *plain, question, id, permit, *until);
    } else {
      co_return until.error();
    }
  }
  if (!reply || !reply->message.flags.tc) co_return reply;
  const Result<Instant> until = co_await next_deadline(once_more, deadline);
  if (!until) co_return until.error();
  reply = co_await over_tcp(server, *query, question, id, permit, *until);
  co_return reply;
}

awaitable<Result<DnsZone>> DnsClient::transfer(Endpoint server, std::string zone, const Permit& permit,
                                               Instant deadline) {
  proto::DnsQuestion question;
  question.name = zone;
  question.type = type_axfr;
  const std::uint16_t id = random_id(world_, server, question);
  const Result<std::string> query = proto::encode_dns_query(question, id, false, 0, false);
  if (!query) co_return query.error();
  server.transport = Transport::tcp;
  Result<std::unique_ptr<Stream>> stream = co_await world_.connect(server, permit, deadline);
  if (!stream) co_return stream.error();
  const std::string framed = proto::frame_dns_tcp(*query);
  if (Result<void> written = co_await (*stream)->write(framed, deadline); !written) co_return written.error();
  proto::DnsTransfer transfer(std::move(zone), id);
  DnsZone result{std::move(transfer), server, (*stream)->local()};
  proto::DnsTcpReader reader;
  std::vector<char> buffer(transfer_buffer);
  std::uint64_t total = 0;
  while (true) {
    const Result<std::size_t> got = co_await (*stream)->read_some(buffer, deadline);
    if (!got) co_return got.error();
    total += *got;
    if (total > most_transfer_bytes)
      co_return Error(Reason::truncated,
                      fmt::format("{}: the zone is larger than {} MiB; {} records were read", format_endpoint(server),
                                  most_transfer_bytes >> 20U, result.transfer.count()));
    std::string_view rest(buffer.data(), *got);
    while (!rest.empty()) {
      const auto step = reader.feed(rest);
      if (step == proto::DnsTcpReader::Step::failed) co_return reader.error();
      rest.remove_prefix(reader.taken());
      if (step == proto::DnsTcpReader::Step::need_more) continue;
      const auto progress = result.transfer.feed(reader.message());
      if (progress == proto::DnsTransfer::Step::done) co_return result;
      if (progress == proto::DnsTransfer::Step::failed)
        co_return Error(result.transfer.error().reason,
                        fmt::format("{}: {}", format_endpoint(server), result.transfer.error().message));
    }
  }
}

}  // namespace audit::net
