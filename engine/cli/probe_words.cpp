#include "cli/probe_words.hpp"

#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "inventory/sections.hpp"

namespace audit::cli {
namespace {

/// A range of ports that runs over those of printers does not mean them: they print what they are sent.
void leave_out_printers(PortSet& ports) {
  PortSet others = ports;
  others.remove(inventory::default_never().tcp);
  if (others.empty() || others == ports) return;
  PortSet printers = ports;
  printers.remove(others);
  std::cerr << fmt::format(
      "audit probe: left out tcp/{}, where printers print what they are sent; name {} alone to ask\n",
      printers.format(), printers.size() == 1 ? "it" : "them");
  ports = std::move(others);
}

}  // namespace

probe::TargetLimits ProbeOptions::limits() const {
  probe::TargetLimits limits;
  limits.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(attempt_time()));
  limits.attempts = attempts;
  limits.per_target = 64;
  return limits;
}

int usage(const std::string& text) {
  std::cerr << "audit probe " << text << '\n';
  return exit_usage;
}

bool split_arguments(const ProbeOptions& options, std::vector<std::string>& targets, PortSet& ports) {
  if (options.arguments.size() < 2) return false;
  targets.assign(options.arguments.begin(), options.arguments.end() - 1);
  const auto parsed = parse_transport_ports(options.arguments.back());
  if (!parsed || !parsed->udp.empty()) return false;
  ports = parsed->tcp;
  leave_out_printers(ports);
  return true;
}

std::string host_label(const probe::Target& target, const IpAddress& host) {
  const std::string address = format_address(host);
  return target.id() == address ? address : fmt::format("{} ({})", target.id(), address);
}

awaitable<probe::Answer> ask_once(probe::Context& context, std::string_view word, Endpoint endpoint,
                                  Value::Object options) {
  probe::Question question;
  question.endpoints.push_back(endpoint);
  question.subject = format_endpoint(endpoint);
  question.options = std::move(options);
  probe::Answer answer = co_await probe::find_word(word)->ask(context, std::move(question));
  co_return answer;
}

int ask_each(const ProbeOptions& options, const std::string& word, const Value::Object& asked,
             const std::function<AnswerText(const probe::Answer&)>& text_of) {
  std::vector<std::string> targets;
  PortSet ports;
  if (!split_arguments(options, targets, ports))
    return usage(word + " TARGET… PORTS: the last word names TCP ports, such as 22,443");
  ProbeSession session(std::nullopt, options.trace);
  if (!session.aim(targets, ports)) return exit_usage;
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    std::vector<std::uint16_t> swept = ports.list();
    co_await target.sweep(std::move(swept));
    for (const std::uint16_t port : target.swept()->ports()) {
      for (const Endpoint& endpoint : target.endpoints(port, Transport::tcp)) {
        const probe::PortState& state = *target.swept()->find(endpoint.address, port);
        if (!session.single() && output.pass_over(state.state)) continue;
        probe::Context context(target, never);
        Value::Object own = asked;
        const probe::Answer answer = co_await ask_once(context, word, endpoint, std::move(own));
        if (!answer.outcome) {
          output.failure(target.id(), word, answer.outcome.error());
          continue;
        }
        const AnswerText shown = text_of(answer);
        shown.good ? output.good() : output.bad();
        output.answer(target.id(), *answer.observation,
                      fmt::format("{:<24} {:<11} {}", host_label(target, endpoint.address), fmt::format("tcp/{}", port),
                                  shown.text));
      }
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, word, error); }, options.rate,
      options.limits());
  output.tell_passed_over();
  return output.exit_code(!session.single());
}

}  // namespace audit::cli
