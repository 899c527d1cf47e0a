#include "probe/dns.hpp"

#include <fmt/format.h>

#include "net/jitter.hpp"
#include "probe/dns_fields.hpp"
#include "probe/options.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(5);
constexpr std::uint16_t dns_port = 53;

struct DnsOptions {
  std::string type;
  std::string server;
  net::DnsManner manner;
  Duration timeout{};

  [[nodiscard]] static Result<DnsOptions> read(const Value::Object& table) {
    Options options("dns", table);
    DnsOptions read;
    read.type = options.text("type", "A");
    read.server = options.text("server", "");
    read.timeout = options.seconds("timeout", default_timeout);
    read.manner.recursion = options.flag("recursion", true);
    read.manner.dnssec = options.flag("dnssec", false);
    read.manner.only_tcp = options.flag("tcp", false);
    if (Result<void> done = options.done(); !done) return done.error();
    return read;
  }
};

/// One question, and who is to answer it.
struct DnsTask {
  proto::DnsQuestion question;
  DnsOptions options;
  std::optional<Endpoint> server;  // none: the run's own
  std::shared_ptr<Observation> observation;
};

bool is_transfer(std::uint16_t type) { return proto::dns_type_name(type) == "AXFR"; }

/// Waits for the turn of a question that is put again within an attempt: it has the time of an attempt of its own.
awaitable<Result<Instant>> once_more(Target& target, Instant ends) {
  const Result<void> paced = co_await target.pace(ends);
  if (!paced) co_return paced.error();
  co_return std::min(ends, target.services().world.now() + target.limits().timeout);
}

/// One attempt after the other of a named server. What it answers, an error code too, is the answer.
awaitable<Result<net::DnsReply>> ask_named(Context& context, DnsTask& task) {
  Target& target = context.target();
  Services& services = target.services();
  const bool resolver = services.resolver.permit().test(*task.server).ok();
  const net::Permit& permit = resolver ? services.resolver.permit() : target.permit();
  const Instant ends = context.within(task.options.timeout);
  Result<net::DnsReply> reply = Error(Reason::timeout, "");
  net::Place place;
  if (!resolver) {
    Result<net::Place> admitted = co_await target.admit(task.server->address, ends, context.holding());
    if (!admitted) co_return admitted.error();
    place = std::move(*admitted);
  }
  for (std::uint32_t attempt = 1; attempt <= target.limits().attempts; ++attempt) {
    if (attempt > 1) {
      ++services.counters.retried;
      if (resolver) {
        ++services.counters.sent;
      } else if (Result<void> paced = co_await target.pace(ends); !paced) {
        co_return paced.error();
      }
    } else if (resolver) {
      ++services.counters.sent;
    }
    task.observation->attempts = attempt;
    const Result<net::Place> turn = co_await services.resolver.client().turn(*task.server, ends);
    if (!turn) co_return turn.error();
    const Duration wait =
        net::attempt_time(context.world(), target.limits().timeout, attempt, target.limits().attempts);
    const Instant attempt_ends = std::min(ends, context.world().now() + wait);
    net::DnsClient::OnceMore again;
    if (!resolver) again = [&target, ends] { return once_more(target, ends); };
    reply = co_await services.resolver.client().ask(*task.server, task.question, task.options.manner, permit,
                                                    attempt_ends, std::move(again));
    if (reply) reply->attempts = attempt;
    if (reply || reply.error().reason != Reason::timeout || context.world().now() >= ends) break;
  }
  if (!resolver && (reply || reply.error().reason == Reason::refused)) target.note_life(task.server->address);
  // As of UDP: an answer to a later attempt tells of a loss, silence alone does not.
  if (!resolver && reply) task.observation->attempts > 1 ? target.bearing().lost() : target.bearing().answered();
  co_return reply;
}

awaitable<Answer> transfer(Context& context, DnsTask task) {
  Target& target = context.target();
  Services& services = target.services();
  const bool resolver = services.resolver.permit().test(*task.server).ok();
  const net::Permit& permit = resolver ? services.resolver.permit() : target.permit();
  const Instant ends = context.within(task.options.timeout);
  Result<net::Place> place = co_await target.admit(task.server->address, ends, context.holding());
  if (!place) co_return context.fail(task.observation, place.error());
  std::string zone_name = task.question.name;
  Result<net::DnsZone> zone =
      co_await services.resolver.client().transfer(*task.server, std::move(zone_name), permit, ends);
  if (!zone) co_return context.fail(task.observation, zone.error());
  if (!resolver) target.note_life(task.server->address);
  task.observation->attempts = 1;
  task.observation->remote = format_socket(zone->server.address, zone->server.port);
  task.observation->local = format_socket(zone->local.address, zone->local.port);
  co_return context.finish(task.observation, fields_of(*zone));
}

/// Whom the question goes to: the named server, for a transfer by default the target itself.
Result<std::optional<Endpoint>> server_of(Context& context, const DnsOptions& options, std::uint16_t type) {
  if (!options.server.empty()) {
    const auto server = parse_socket(options.server, Transport::udp, dns_port);
    if (!server)
      return Error(Reason::rule_error, "dns: option `server` must be an address, such as 10.0.0.1 or [2001:db8::1]:53");
    return server;
  }
  if (!is_transfer(type)) return std::optional<Endpoint>();
  if (!context.target().hosts().empty())
    return std::optional<Endpoint>(context.target().endpoints(dns_port, Transport::udp).front());
  const std::vector<Endpoint>& run = context.target().services().resolver.config().servers;
  if (run.empty()) return Error(Reason::unresolved, "dns: no server to transfer from; name one with `server`");
  return std::optional<Endpoint>(run.front());
}

}  // namespace

bool dns_speaks(const Value::Object& options) {
  if (options.contains("server")) return true;
  const auto option = options.find("type");
  const auto* type = option == options.end() ? nullptr : option->second.get_if<std::string>();
  const auto number = type == nullptr ? std::nullopt : proto::dns_type(*type);
  return number && is_transfer(*number);
}

awaitable<Answer> ask_dns(Context& context, Question question) {
  Result<DnsOptions> options = DnsOptions::read(question.options);
  const std::string type = options ? options->type : "A";
  DnsTask task;
  task.observation = context.begin("dns", question.subject + ' ' + type);
  if (!options) co_return context.fail(task.observation, options.error());
  const auto number = proto::dns_type(type);
  if (!number)
    co_return context.fail(task.observation, Error(Reason::rule_error, fmt::format("dns: no record type `{}`", type)));
  task.options = std::move(*options);
  task.question.type = *number;
  task.question.name = question.subject;
  if (const auto address = parse_address(question.subject)) task.question.name = reverse_name(*address);
  const Result<std::optional<Endpoint>> server = server_of(context, task.options, *number);
  if (!server) co_return context.fail(task.observation, server.error());
  task.server = *server;
  Services& services = context.target().services();
  ++services.counters.asked;
  if (is_transfer(*number)) co_return co_await transfer(context, std::move(task));
  const bool named = task.server.has_value();
  Result<net::DnsReply> reply = Error(Reason::unresolved, "");
  if (named) {
    reply = co_await ask_named(context, task);
  } else {
    reply = co_await services.resolver.ask(task.question, task.options.manner, question.fresh,
                                           context.within(task.options.timeout));
  }
  const std::shared_ptr<Observation>& observation = task.observation;
  if (!reply) {
    if (!named) ++services.counters.sent;
    co_return context.fail(observation, reply.error());
  }
  if (!named && reply->cached) ++services.counters.shared;
  if (!named && !reply->cached) services.counters.sent += reply->attempts;
  observation->attempts = reply->attempts;
  observation->remote = format_socket(reply->server.address, reply->server.port);
  observation->local = format_socket(reply->local.address, reply->local.port);
  const std::string& rcode = reply->message.rcode;
  if (!named && rcode != "NOERROR" && rcode != "NXDOMAIN") {
    const std::string text = fmt::format("{} {}: {} answered {}", question.subject, type, observation->remote, rcode);
    observation->fields = fields_of(*reply);
    co_return context.fail(observation, Error(Reason::unresolved, text));
  }
  co_return context.finish(observation, fields_of(*reply));
}

}  // namespace audit::probe
