#include "probe/port.hpp"

#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {

int probe_port(const ProbeOptions& options) {
  std::vector<std::string> targets;
  PortSet ports;
  if (!split_arguments(options, targets, ports))
    return usage("port TARGET… PORTS: the last word names TCP ports, such as 22-25,443");
  ProbeSession session(std::nullopt, options.trace);
  if (!session.aim(targets, ports)) return exit_usage;
  ProbeOutput output(options.json);
  const bool every_state = session.single() || ports.size() * targets.size() <= 64;
  const std::vector<std::uint16_t> list = ports.list();
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    const WallTime began = target.services().world.wall();
    std::vector<std::uint16_t> asked = list;
    co_await target.sweep(std::move(asked));
    const probe::Sweep& sweep = *target.swept();
    for (std::size_t h = 0; h < sweep.hosts().size(); ++h) {
      for (std::size_t p = 0; p < sweep.ports().size(); ++p) {
        const probe::PortState& state = sweep.state(h, p);
        Endpoint endpoint;
        endpoint.address = sweep.hosts()[h];
        endpoint.port = sweep.ports()[p];
        const bool answer =
            state.state == Reason::open || state.state == Reason::closed || state.state == Reason::filtered;
        if (!answer) {
          output.failure(target.id(), "port", probe::port_error(endpoint, state));
          continue;
        }
        state.state == Reason::open ? output.good() : output.bad();
        if (!every_state && output.pass_over(state.state)) continue;
        Observation seen;
        seen.probe = "port";
        seen.endpoint = format_endpoint(endpoint);
        seen.reason = state.state;
        seen.time = began;
        seen.attempts = state.attempts;
        seen.elapsed = std::chrono::microseconds(state.took_us);
        std::string text = fmt::format("{:<24} {:<11} {:<9}", host_label(target, endpoint.address),
                                       fmt::format("tcp/{}", endpoint.port), name_of(state.state));
        if (state.state != Reason::filtered) text += fmt::format(" {}", format_milliseconds(seen.elapsed));
        if (state.state == Reason::filtered)
          text += state.unreachable ? " (the network says it cannot be reached)"
                  : !sweep.alive(h) ? " (and nothing else of this host answered)"
                                    : "";
        output.answer(target.id(), seen, text);
      }
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, "port", error); }, options.rate,
      options.limits());
  output.tell_passed_over();
  return output.exit_code(!session.single());
}

}  // namespace audit::cli
