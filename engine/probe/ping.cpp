#include "probe/ping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/text.hpp"
#include "probe/options.hpp"

namespace audit::probe {
namespace {

/// Collects what comes for the requests until `until`, or (after the last one) until something came for each. True
/// where the run was stopped.
awaitable<bool> collect(net::Echo& echo, Pings& pings, Duration timeout, Instant until, bool last) {
  while (!last || pings.settled < pings.sent) {
    const Result<net::EchoAnswer> answer = co_await echo.receive(until);
    if (!answer) co_return answer.error().reason == Reason::stopped;
    ++pings.settled;
    if (answer->reason != Reason::observed) {
      pings.refusal = answer->message;
    } else if (answer->took > timeout) {
      ++pings.late;
    } else {
      pings.round_trips.push_back(answer->took);
    }
  }
  co_return false;
}

Value::Object fields_of(const IpAddress& host, const Pings& pings) {
  Value::Object fields;
  fields["address"] = format_address(host);
  fields["method"] = pings.method;
  fields["sent"] = static_cast<std::int64_t>(pings.sent);
  const std::vector<Duration>& seen = pings.round_trips;
  fields["received"] = static_cast<std::int64_t>(seen.size());
  fields["loss"] = static_cast<double>(pings.sent - seen.size()) / static_cast<double>(pings.sent);
  fields["duplicates"] = static_cast<std::int64_t>(pings.duplicates);
  fields["foreign"] = static_cast<std::int64_t>(pings.foreign);
  fields["late"] = static_cast<std::int64_t>(pings.late);
  if (pings.port != 0) fields["port"] = static_cast<std::int64_t>(pings.port);
  if (!pings.no_icmp.empty()) fields["no_icmp"] = pings.no_icmp;
  if (seen.empty()) return fields;
  fields["rtt_min"] = seconds(*std::min_element(seen.begin(), seen.end()));
  fields["rtt_max"] = seconds(*std::max_element(seen.begin(), seen.end()));
  fields["rtt_avg"] = seconds(std::accumulate(seen.begin(), seen.end(), Duration{})) / static_cast<double>(seen.size());
  return fields;
}

Error no_reply(const IpAddress& host, const Pings& pings) {
  std::string text = fmt::format("{}: no reply to {} by {}", format_address(host), counted(pings.sent, "request"),
                                 pings.method == "tcp" ? "TCP connects" : "ICMP echo");
  if (pings.late > 0) text += fmt::format(", {} late", pings.late);
  if (!pings.refusal.empty()) text += "; " + pings.refusal;
  if (!pings.no_icmp.empty()) text += "; " + pings.no_icmp;
  return {Reason::unreachable, std::move(text)};
}

}  // namespace

Result<PingOptions> PingOptions::read(Context& context, const Value::Object& table) {
  constexpr std::int64_t most = 100;
  Options options("ping", table);
  const auto count = static_cast<std::uint32_t>(options.integer("count", 3, 1, most));
  const Duration interval = options.seconds("interval", std::chrono::milliseconds(200));
  const Duration timeout = options.seconds("timeout", context.target().limits().timeout);
  const auto size = static_cast<std::size_t>(options.integer("size", static_cast<std::int64_t>(net::usual_echo),
                                                             static_cast<std::int64_t>(net::least_echo),
                                                             static_cast<std::int64_t>(net::largest_echo)));
  const PingOptions read(count, interval, timeout, size);
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

awaitable<Result<Pings>> ping(Context& context, IpAddress host, PingOptions options) {
  Target& target = context.target();
  net::World& world = context.world();
  Result<std::unique_ptr<net::Echo>> echo = world.open_echo(host, target.permit(), options.size);
  if (!echo) {
    std::string why = world.why_no_echo(host.family);
    if (echo.error().reason != Reason::local_fault || why.empty()) co_return echo.error();
    Result<Pings> by_tcp = co_await ping_by_tcp(context, host, options, std::move(why));
    co_return by_tcp;
  }
  Pings pings;
  pings.method = name_of((*echo)->method());
  const Error stopped(Reason::stopped, format_address(host) + ": the run was stopped");
  while (pings.sent < options.count) {
    if (const Result<void> paced = co_await target.pace(context.deadline()); !paced) co_return paced.error();
    if (const Result<void> out = (*echo)->send(); !out) co_return out.error();
    ++pings.sent;
    const bool last = pings.sent == options.count;
    const Instant until = context.within(last ? options.timeout : options.interval);
    if (co_await collect(**echo, pings, options.timeout, until, last)) co_return stopped;
    if (world.now() >= context.deadline() && (!last || pings.settled < pings.sent))
      co_return Error(Reason::timeout, fmt::format("{}: the deadline passed after {} of {} echoes",
                                                   format_address(host), pings.sent, options.count));
  }
  pings.duplicates = (*echo)->duplicates();
  pings.foreign = (*echo)->foreign();
  if (!pings.round_trips.empty())  // a host that drops them all may be told to
    pings.round_trips.size() < pings.sent ? target.bearing().lost() : target.bearing().answered();
  co_return pings;
}

awaitable<Answer> ask_ping(Context& context, Question question) {
  const Result<PingOptions> options = PingOptions::read(context, question.options);
  Target& target = context.target();
  std::optional<Answer> replied;
  std::optional<Answer> failed;
  Value::Array all;
  for (const IpAddress& host : question.hosts) {
    std::shared_ptr<Observation> observation = context.begin("ping", format_address(host));
    if (!options) co_return context.fail(observation, options.error());
    ++target.services().counters.asked;
    Result<net::Place> place = co_await target.admit_to_ping(host, context.deadline(), context.holding());
    if (!place) co_return context.fail(observation, place.error());
    const Result<Pings> pings = co_await ping(context, host, *options);
    if (!pings) {
      Answer unknown = context.fail(observation, pings.error());
      if (pings.error().reason == Reason::stopped || pings.error().reason == Reason::out_of_scope) co_return unknown;
      if (!failed || failed->outcome.error().reason == Reason::unreachable) failed = std::move(unknown);
      continue;
    }
    observation->remote = format_address(host);
    observation->attempts = pings->sent;
    Value::Object fields = fields_of(host, *pings);
    all.emplace_back(fields);
    if (pings->round_trips.empty()) {
      Answer silent = context.fail(observation, no_reply(host, *pings));
      observation->fields = std::move(fields);
      if (!failed) failed = std::move(silent);
      continue;
    }
    target.note_life(host, fmt::format("answered {} in {:.1f} ms",
                                       pings->method == "tcp" ? fmt::format("tcp/{}", pings->port) : "ICMP echo",
                                       seconds(pings->round_trips.front()) * 1e3));
    Answer answer = context.finish(observation, std::move(fields));
    if (!replied) replied = std::move(answer);
  }
  if (replied) {
    if (question.hosts.size() > 1) replied->fields["hosts"] = std::move(all);
    co_return std::move(*replied);
  }
  if (failed) co_return std::move(*failed);
  std::shared_ptr<Observation> observation = context.begin("ping", target.id());
  co_return context.fail(observation, Error(Reason::unresolved, target.id() + " has no address to ask"));
}

}  // namespace audit::probe
