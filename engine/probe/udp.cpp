#include "probe/udp.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/jitter.hpp"
#include "probe/options.hpp"
#include "proto/icmp_error.hpp"

namespace audit::probe {
namespace {

using proto::IcmpMeaning;

constexpr std::size_t most_payload = 65'507;  // of IPv4, RFC 791 and 768; the same for both families

Value reply_fields(net::DatagramReply reply, std::size_t most) {
  Value::Object fields;
  fields["length"] = static_cast<std::int64_t>(reply.bytes.size());
  if (reply.bytes.size() > most) reply.bytes.resize(most);
  fields["bytes"] = std::move(reply.bytes);
  fields["from"] = format_socket(reply.from.address, reply.from.port);
  return fields;
}

/// One attempt: sends once and listens until its deadline.
awaitable<Result<void>> attempt(net::Datagram& socket, const UdpOptions& options, Instant deadline,
                                Value::Array& replies, Endpoint& first_from) {
  const std::string& bytes = options.sealed ? options.sealed->bytes : options.send;
  if (Result<void> sent = socket.send(bytes); !sent) co_return sent.error();
  while (replies.size() < options.replies) {
    Result<net::DatagramReply> reply = co_await socket.receive(deadline);
    if (!reply) co_return reply.error();
    if (replies.empty()) first_from = reply->from;
    replies.push_back(reply_fields(std::move(*reply), options.max_bytes));
  }
  co_return Result<void>();
}

/// What an ICMP error in place of a reply means: the port's state, or nothing where it only says that there is no way.
std::optional<Reason> state_of(const net::IcmpError& icmp, const IpAddress& host) {
  const bool by_the_host = canonical(icmp.from) == canonical(host);
  const IcmpMeaning meaning = proto::meaning_of_icmp(icmp.from.family, icmp.type, icmp.code);
  if (meaning == IcmpMeaning::port && by_the_host) return Reason::closed;
  if (by_the_host || meaning == IcmpMeaning::port || meaning == IcmpMeaning::prohibited) return Reason::filtered;
  return std::nullopt;
}

/// What all attempts together met.
struct Outcome {
  Value::Array replies;
  Endpoint first_from;
  std::optional<Reason> state;       // as an ICMP error gave it
  std::optional<Error> unreachable;  // an ICMP error that says only this
};

/// Spends the attempts. Errors: those that leave the port unknown.
awaitable<Result<Outcome>> spend(Context& context, net::Datagram& socket, const UdpOptions& options,
                                 Observation& observation) {
  Target& target = context.target();
  Outcome outcome;
  for (std::uint32_t number = 1; number <= options.attempts; ++number) {
    observation.attempts = number;
    if (number > 1) {
      if (Result<void> paced = co_await target.pace(context.deadline()); !paced) co_return paced.error();
      ++target.services().counters.retried;
    }
    const Duration wait = net::attempt_time(context.world(), options.timeout, number, options.attempts);
    const Result<void> tried =
        co_await attempt(socket, options, context.within(wait), outcome.replies, outcome.first_from);
    if (tried || !outcome.replies.empty()) {
      // An answer to a later attempt tells of a loss. Silence alone does not: what is filtered is silent too.
      number > 1 ? target.bearing().lost() : target.bearing().answered();
      co_return outcome;
    }
    const Reason reason = tried.error().reason;
    if ((reason == Reason::refused || reason == Reason::unreachable) && socket.icmp()) {
      outcome.state = state_of(*socket.icmp(), socket.remote().address);
      if (outcome.state) co_return outcome;
      outcome.unreachable = tried.error();
      continue;
    }
    if (reason != Reason::timeout) co_return tried.error();
    if (context.world().now() >= context.deadline())
      co_return tried.error();  // silence counts only where every attempt was spent
  }
  co_return outcome;
}

}  // namespace

Result<UdpOptions> UdpOptions::read(Context& context, const Question& question) {
  constexpr std::int64_t most_attempts = 10;
  constexpr std::int64_t most_replies = 64;
  constexpr std::int64_t largest = 65'535;
  const TargetLimits& limits = context.target().limits();
  Options options("udp", question.options);
  std::optional<std::size_t> sealed;
  std::string send = options.text_or_sealed("send", sealed);
  const Duration timeout = options.seconds("timeout", limits.timeout);
  const auto attempts = static_cast<std::uint32_t>(options.integer("attempts", limits.attempts, 1, most_attempts));
  const auto replies = static_cast<std::size_t>(options.integer("replies", 1, 1, most_replies));
  const auto max_bytes = static_cast<std::size_t>(options.integer("max_bytes", largest, 0, largest));
  UdpOptions read(std::move(send), timeout, attempts, replies, max_bytes);
  read.other_ports = options.flag("other_ports", false);
  read.farewell = options.text("farewell", "");
  if (!read.farewell.empty() && !read.other_ports)
    return Error(Reason::rule_error, "udp: `farewell` goes to another port, and needs `other_ports = true`");
  if (Result<void> done = options.done(); !done) return done.error();
  if (sealed) read.sealed = question.sealed.at(*sealed);
  const std::size_t longest =
      std::max({read.send.size(), read.farewell.size(), read.sealed ? read.sealed->bytes.size() : 0});
  if (longest > most_payload)
    return Error(Reason::rule_error,
                 fmt::format("udp: a datagram carries {} bytes at most, not {}", most_payload, longest));
  return read;
}

awaitable<Answer> ask_udp(Context& context, Question question) {
  const Result<UdpOptions> options = UdpOptions::read(context, question);
  std::shared_ptr<Observation> observation =
      context.begin("udp", question.endpoints.empty() ? question.subject : format_endpoint(question.endpoints.front()));
  if (!options) co_return context.fail(observation, options.error());
  if (question.endpoints.empty())
    co_return context.fail(observation, Error(Reason::unresolved, context.target().id() + " has no address to ask"));
  const IpAddress host = question.endpoints.front().address;
  if (options->sealed) {
    const Result<void> allowed = permit(context, *options->sealed, question.endpoints.front(), Channel());
    if (!allowed) co_return context.fail(observation, allowed.error());
  }
  Target& target = context.target();
  ++target.services().counters.asked;
  Result<net::Place> place = co_await target.admit(host, context.deadline(), context.holding());
  if (!place) co_return context.fail(observation, place.error());
  Result<std::unique_ptr<net::Datagram>> socket = co_await context.world().open_datagram(
      question.endpoints.front(), target.permit(), context.within(options->timeout));
  if (!socket) co_return context.fail(observation, socket.error());
  observation->local = format_socket((*socket)->local().address, (*socket)->local().port);
  observation->remote = format_socket((*socket)->remote().address, (*socket)->remote().port);
  if (options->other_ports) {
    if (Result<void> widened = (*socket)->hear_other_ports(); !widened)
      co_return context.fail(observation, widened.error());
    observation->local = format_socket((*socket)->local().address, (*socket)->local().port);
  }
  Result<Outcome> outcome = co_await spend(context, **socket, *options, *observation);
  if (!outcome) co_return context.fail(observation, outcome.error());
  const std::optional<net::IcmpError>& icmp = (*socket)->icmp();
  if (!outcome->replies.empty() || (icmp && canonical(icmp->from) == canonical(host))) target.note_life(host);
  Value::Object fields;
  if (icmp) {
    fields["icmp"] = proto::describe_icmp(icmp->from.family, icmp->type, icmp->code);
    fields["icmp_from"] = format_address(icmp->from);
  }
  if (!outcome->replies.empty()) {
    if (!options->farewell.empty()) {
      const Result<void> parted = (*socket)->answer(outcome->first_from, target.permit(), options->farewell);
      fields["farewell"] = parted ? std::string("sent") : std::string(name_of(parted.error().reason));
    }
    fields["state"] = "open";
    fields["replies"] = std::move(outcome->replies);
    co_return context.finish(std::move(observation), std::move(fields));
  }
  if (!outcome->state && outcome->unreachable) {
    if (!target.alive(host)) co_return context.fail(observation, *outcome->unreachable);
    outcome->state = Reason::filtered;
  }
  fields["state"] = outcome->state ? std::string(name_of(*outcome->state)) : std::string("open|filtered");
  observation->reason = outcome->state.value_or(Reason::filtered);
  co_return context.finish(std::move(observation), std::move(fields));
}

}  // namespace audit::probe
