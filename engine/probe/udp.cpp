#include "probe/udp.hpp"

#include "probe/options.hpp"

namespace audit::probe {
namespace {

/// One attempt: sends once and listens until its deadline.
awaitable<Result<void>> attempt(net::Datagram& socket, const UdpOptions& options, Instant deadline,
                                Value::Array& replies) {
  if (Result<void> sent = socket.send(options.send); !sent) co_return sent.error();
  while (replies.size() < options.replies) {
    Result<net::DatagramReply> reply = co_await socket.receive(deadline);
    if (!reply) co_return reply.error();
    replies.emplace_back(std::move(reply->bytes));
  }
  co_return Result<void>();
}

}  // namespace

Result<UdpOptions> UdpOptions::read(Context& context, const Value::Object& table) {
  constexpr std::int64_t most_attempts = 10;
  constexpr std::int64_t most_replies = 64;
  const TargetLimits& limits = context.target().limits();
  Options options("udp", table);
  std::string send = options.text("send", "");
  const Duration timeout = options.seconds("timeout", limits.timeout);
  const auto attempts = static_cast<std::uint32_t>(options.integer("attempts", limits.attempts, 1, most_attempts));
  const auto replies = static_cast<std::size_t>(options.integer("replies", 1, 1, most_replies));
  UdpOptions read(std::move(send), timeout, attempts, replies);
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

awaitable<Answer> ask_udp(Context& context, Question question) {
  const Result<UdpOptions> options = UdpOptions::read(context, question.options);
  std::shared_ptr<Observation> observation =
      context.begin("udp", question.endpoints.empty() ? question.subject : format_endpoint(question.endpoints.front()));
  if (!options) co_return context.fail(observation, options.error());
  if (question.endpoints.empty())
    co_return context.fail(observation, Error(Reason::unresolved, context.target().id() + " has no address to ask"));
  Target& target = context.target();
  ++target.services().counters.asked;
  Result<net::Place> place = co_await target.admit(context.deadline());
  if (!place) co_return context.fail(observation, place.error());
  Result<std::unique_ptr<net::Datagram>> socket = co_await context.world().open_datagram(
      question.endpoints.front(), target.permit(), context.within(options->timeout));
  if (!socket) co_return context.fail(observation, socket.error());
  observation->local = format_socket((*socket)->local().address, (*socket)->local().port);
  observation->remote = format_socket((*socket)->remote().address, (*socket)->remote().port);
  Value::Array replies;
  Reason state = Reason::filtered;
  for (std::uint32_t number = 1; number <= options->attempts && replies.empty(); ++number) {
    observation->attempts = number;
    if (number > 1) {
      if (Result<void> paced = co_await target.pace(context.deadline()); !paced)
        co_return context.fail(observation, paced.error());
      ++target.services().counters.retried;
    }
    const Instant deadline = context.within(options->timeout);
    const Result<void> tried = co_await attempt(**socket, *options, deadline, replies);
    if (tried) break;
    state = tried.error().reason;
    if (state == Reason::refused || !replies.empty()) break;
    if (state != Reason::timeout) co_return context.fail(observation, tried.error());
    if (context.world().now() >= context.deadline())  // silence counts only where every attempt was spent
      co_return context.fail(observation, tried.error());
  }
  if (!replies.empty() || state == Reason::refused) target.note_life(question.endpoints.front().address);
  Value::Object fields;
  if (replies.empty()) {
    fields["state"] = state == Reason::refused ? "closed" : "open|filtered";
    observation->reason = state == Reason::refused ? Reason::closed : Reason::filtered;
  } else {
    fields["state"] = "open";
    fields["replies"] = std::move(replies);
  }
  co_return context.finish(std::move(observation), std::move(fields));
}

}  // namespace audit::probe
