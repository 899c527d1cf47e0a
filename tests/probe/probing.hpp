#pragma once

#include <catch2/catch.hpp>

#include "../net/playing.hpp"
#include "probe/ask.hpp"
#include "probe/services.hpp"
#include "probe/target.hpp"
#include "probe/words.hpp"

namespace audit::test {

/// Bytes of a field of an answer, "" where there is none.
inline std::string text(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  const auto* bytes = found == fields.end() ? nullptr : found->second.get_if<std::string>();
  return bytes == nullptr ? std::string() : *bytes;
}

inline std::int64_t number(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  const auto* value = found == fields.end() ? nullptr : found->second.get_if<std::int64_t>();
  return value == nullptr ? -1 : *value;
}

/// One target, 10.0.0.1 unless said otherwise, in a scripted world, and one check that asks it.
struct Probing : Stage {
  explicit Probing(std::vector<std::string> addresses = {"10.0.0.1"}, probe::TargetLimits limits = {},
                   double per_second = 1e6)
      : rate(per_second), services(world, rate, resolvers, identity),
        target(services, "target", "", permit_of(addresses), limits), deadline(world.now() + 1h) {}

  /// Asks a word about a port; `context` is that of the last question.
  probe::Answer ask(std::string_view word, std::uint16_t port, Value::Object options = {}) {
    const probe::Word& found = *probe::find_word(word);
    probe::Question question;
    question.subject = subject;
    question.hosts = target.hosts();
    if (found.argument == probe::Argument::tcp_port || found.argument == probe::Argument::udp_port)
      question.endpoints =
          target.endpoints(port, found.argument == probe::Argument::udp_port ? Transport::udp : Transport::tcp);
    question.options = std::move(options);
    context = std::make_unique<probe::Context>(target, deadline);
    probe::Answer answer;
    bool ended = false;
    auto task = [&]() -> awaitable<void> {
      const std::shared_ptr<const probe::Answer> heard = co_await probe::ask(found, *context, std::move(question));
      answer = *heard;
      ended = true;
    };
    play(world, task);
    REQUIRE(ended);
    for (const auto& observation : context->record()) {
      CHECK(observation->elapsed >= 0s);
      CHECK(observation->elapsed <= world.now() - Instant(1h));
    }
    return answer;
  }
  [[nodiscard]] Reason reason(const probe::Answer& answer) const {
    return answer.outcome ? Reason::observed : answer.outcome.error().reason;
  }

  static net::Permit permit_of(const std::vector<std::string>& addresses) {
    std::vector<IpAddress> hosts;
    for (const std::string& address : addresses) hosts.push_back(ip(address));
    return {std::move(hosts), TransportPorts()};
  }

  net::Rate rate;
  net::ResolverConfig resolvers;
  probe::Identity identity;
  probe::Services services;
  probe::Target target;
  Instant deadline;
  std::string subject;
  std::unique_ptr<probe::Context> context;
};

}  // namespace audit::test
