#include "net/resolver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "proto/dns_tcp.hpp"
#include "proto/resolv_conf.hpp"

namespace audit::net {
namespace {

constexpr std::uint16_t dns_port = 53;
constexpr std::uint16_t edns_size = 1'232;
constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_aaaa = 28;

std::string slurp(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool answers_question(const std::string& rcode) { return rcode == "NOERROR" || rcode == "NXDOMAIN"; }

}  // namespace

ResolverConfig ResolverConfig::of_system() {
  const proto::ResolvConf file = proto::parse_resolv_conf(slurp("/etc/resolv.conf"));
  ResolverConfig config;
  for (const std::string& text : file.nameservers) {
    Endpoint server;
    server.port = dns_port;
    server.transport = Transport::udp;
    if (const auto address = parse_address(text)) {
      server.address = *address;
      config.servers.push_back(server);
    }
  }
  config.search = file.search;
  config.ndots = file.ndots;
  config.timeout = std::chrono::seconds(std::max(1, file.timeout_s));
  config.attempts = static_cast<std::uint32_t>(std::max(1, file.attempts));
  config.hosts = std::make_shared<const proto::HostsFile>(slurp("/etc/hosts"));
  return config;
}

Resolver::Resolver(World& world, const ResolverConfig& config)
    : world_(world), config_(config), permit_(Permit::for_endpoints(config.servers)) {}

awaitable<Result<DnsReply>> Resolver::over_udp(Endpoint server, const std::string& query,
                                               const proto::DnsQuestion& question, std::uint16_t id,
                                               const Permit& permit, Instant deadline) {
  server.transport = Transport::udp;
  Result<std::unique_ptr<Datagram>> socket = co_await world_.open_datagram(server, permit, deadline);
  if (!socket) co_return socket.error();
  if (Result<void> sent = (*socket)->send(query); !sent) co_return sent.error();
  Error disbelieved(Reason::timeout, "");
  while (true) {
    Result<DatagramReply> reply = co_await (*socket)->receive(deadline);
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
    answer.local = (*socket)->local();
    co_return answer;
  }
}

awaitable<Result<DnsReply>> Resolver::over_tcp(Endpoint server, const std::string& query,
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
    DnsReply answer;
    answer.message = std::move(*message);
    answer.server = server;
    answer.local = (*stream)->local();
    answer.over_tcp = true;
    co_return answer;
  }
}

awaitable<Result<DnsReply>> Resolver::ask_server(Endpoint server, proto::DnsQuestion question, bool recursion,
                                                 const Permit& permit, Instant deadline) {
  std::array<std::uint8_t, 2> noise;
  world_.random(noise);
  const auto id = static_cast<std::uint16_t>(noise[0] << 8U | noise[1]);
  const Result<std::string> query = proto::encode_dns_query(question, id, recursion, edns_size, false);
  if (!query) co_return query.error();
  Result<DnsReply> reply = co_await over_udp(server, *query, question, id, permit, deadline);
  if (reply && reply->message.rcode == "FORMERR") {  // an old server that does not know EDNS (RFC 6891 7)
    const Result<std::string> plain = proto::encode_dns_query(question, id, recursion, 0, false);
    if (!plain) co_return plain.error();
    reply = co_await over_udp(server, *plain, question, id, permit, deadline);
  }
  if (reply && reply->message.flags.tc) reply = co_await over_tcp(server, *query, question, id, permit, deadline);
  co_return reply;
}

awaitable<Result<DnsReply>> Resolver::ask(proto::DnsQuestion question, Instant deadline) {
  if (config_.servers.empty())
    co_return Error(Reason::unresolved,
                    "no DNS server is known: /etc/resolv.conf names none (write [audit] resolvers in the inventory)");
  std::uint32_t attempts = 0;
  Result<DnsReply> last = Error(Reason::timeout, question.name + ": no DNS server answered");
  for (std::uint32_t round = 0; round < config_.attempts; ++round) {
    for (const Endpoint& server : config_.servers) {
      ++attempts;
      const Instant attempt_ends = std::min(deadline, world_.now() + config_.timeout);
      Result<DnsReply> reply = co_await ask_server(server, question, true, permit_, attempt_ends);
      if (reply) reply->attempts = attempts;
      if (reply && answers_question(reply->message.rcode)) co_return reply;
      if (!reply && reply.error().reason == Reason::stopped) co_return reply;
      const bool said_something = last.ok();
      if (reply || !said_something) last = std::move(reply);
      if (world_.now() >= deadline) co_return last;
    }
  }
  co_return last;
}

std::vector<std::string> Resolver::candidates(const std::string& name) const {
  if (name.ends_with('.')) return {name};  // absolute (RFC 1034 3.1)
  const auto dots = std::count(name.begin(), name.end(), '.');
  std::vector<std::string> names;
  if (dots >= config_.ndots) names.push_back(name);
  for (const std::string& domain : config_.search) names.push_back(name + "." + domain);
  if (dots < config_.ndots) names.push_back(name);
  return names;
}

awaitable<Result<Resolved>> Resolver::addresses_from_dns(std::string name, Instant deadline) {
  Resolved resolved;
  std::string said;
  Reason kind = Reason::unresolved;
  for (const std::uint16_t type : {type_a, type_aaaa}) {
    proto::DnsQuestion question;
    question.name = name;
    question.type = type;
    const Result<DnsReply> reply = co_await ask(question, deadline);
    if (!reply) {
      if (reply.error().reason == Reason::stopped) co_return reply.error();
      if (reply.error().reason == Reason::local_fault) kind = Reason::local_fault;
      said += fmt::format("{}{}: {}", said.empty() ? "" : "; ", proto::dns_type_name(type), reply.error().message);
      continue;
    }
    if (reply->message.rcode != "NOERROR") {
      said += fmt::format("{}{}: {} from {}", said.empty() ? "" : "; ", proto::dns_type_name(type),
                          reply->message.rcode, format_socket(reply->server.address, reply->server.port));
      continue;  // what such an answer holds beside is not believed
    }
    for (const proto::DnsRecord& record : reply->message.answers)
      if (record.address &&
          std::find(resolved.addresses.begin(), resolved.addresses.end(), *record.address) == resolved.addresses.end())
        resolved.addresses.push_back(*record.address);
  }
  if (resolved.addresses.empty())
    co_return Error(kind,
                    fmt::format("{} does not resolve: {}", name, said.empty() ? "it has no A or AAAA record" : said));
  if (!said.empty()) resolved.notice = fmt::format("{} was resolved only in part: {}", name, said);
  co_return resolved;
}

awaitable<Result<Resolved>> Resolver::addresses(std::string name, Instant deadline) {
  if (config_.use_system && config_.hosts) {
    Resolved listed;
    listed.addresses = config_.hosts->lookup(name);
    if (!listed.addresses.empty()) co_return listed;
  }
  const bool for_system = name.find('.') == std::string::npos || name.ends_with(".local") || config_.servers.empty();
  if (config_.use_system && for_system) {
    Result<std::vector<IpAddress>> answer = co_await world_.look_up(name, deadline);
    if (!answer)
      co_return Error(answer.error().reason, fmt::format("{} does not resolve: {}", name, answer.error().message));
    Resolved resolved;
    resolved.addresses = std::move(*answer);
    co_return resolved;
  }
  Result<Resolved> last = Error(Reason::unresolved, name + " does not resolve");
  for (const std::string& candidate : candidates(name)) {
    Result<Resolved> found = co_await addresses_from_dns(candidate, deadline);
    const bool ended = found || found.error().reason == Reason::stopped || found.error().reason == Reason::local_fault;
    if (ended || candidate == name) last = std::move(found);  // what was said of the name as written says most
    if (ended) break;
  }
  co_return last;
}

}  // namespace audit::net
