#include "probe/tarpit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probe/port.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t least_ports = 3;
constexpr std::size_t control_ports = 3;
constexpr std::uint16_t first_dynamic = 49'152;

bool all_open(const Sweep& sweep, std::size_t host) {
  if (sweep.ports().size() < least_ports) return false;
  for (std::size_t port = 0; port < sweep.ports().size(); ++port)
    if (sweep.state(host, port).state != Reason::open) return false;
  return true;
}

std::vector<std::uint16_t> unlikely_ports(net::World& world, const IpAddress& host) {
  std::vector<std::uint16_t> ports;
  std::uint32_t draw = 0;
  while (ports.size() < control_ports) {
    std::array<std::uint8_t, 2> noise{};
    world.random_for(fmt::format("tarpit {} {}", format_address(host), draw++), noise);
    const auto port = static_cast<std::uint16_t>(
        first_dynamic + ((std::uint32_t{noise[0]} << 8U | noise[1]) & (0xffffU - first_dynamic)));
    if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
  }
  return ports;
}

}  // namespace

awaitable<std::vector<std::string>> find_tarpits(Target& target) {
  std::vector<std::string> found;
  const Sweep* sweep = target.swept();
  if (sweep == nullptr) co_return found;
  for (std::size_t host = 0; host < sweep->hosts().size(); ++host) {
    if (!all_open(*sweep, host)) continue;
    std::string asked;
    std::size_t open = 0;
    Context context(target, never);
    for (const std::uint16_t number : unlikely_ports(target.services().world, sweep->hosts()[host])) {
      Endpoint endpoint;
      endpoint.address = sweep->hosts()[host];
      endpoint.port = number;
      const PortOptions once(target.limits().timeout, 1, true);
      const PortState state = co_await port(context, endpoint, once);
      if (state.state != Reason::open) break;
      ++open;
      asked += fmt::format("{}{}", asked.empty() ? "" : ", ", number);
    }
    if (open == control_ports)
      found.push_back(fmt::format(
          "{} accepts on each of the {} ports that were asked, and on {}, which nobody uses: a tarpit, or a "
          "device in front of it that accepts for it; an open port says nothing there",
          format_address(sweep->hosts()[host]), sweep->ports().size(), asked));
  }
  co_return found;
}

}  // namespace audit::probe
