#include "trial/peers.hpp"

#include <algorithm>

namespace audit::trial {
namespace {

using net::ScriptStep;

/// What a function of the test says; none where it failed, which is kept.
std::vector<std::string> ask_function(lua::TestFile* functions, std::int64_t number, std::string_view heard,
                                      Troubles& troubles) {
  if (functions == nullptr) return {};
  Result<std::vector<std::string>> said = functions->reply(number, heard);
  if (said) return *std::move(said);
  if (troubles.text.empty()) troubles.text = said.error().message;
  return {};
}

void add_steps(std::vector<ScriptStep>& steps, const Turn& turn, lua::TestFile* functions, Troubles& troubles) {
  if (turn.handshake) {
    ScriptStep step;
    step.kind = ScriptStep::Kind::tls;
    step.handshake = turn.handshake;
    steps.push_back(std::move(step));
  }
  if (!turn.hears.empty()) steps.push_back(ScriptStep::expect(turn.hears));
  if (turn.says_function) {
    auto make = [functions, &troubles, &turn](std::string_view heard) -> std::optional<std::string> {
      std::string all;
      for (const std::string& one : ask_function(functions, *turn.says_function, heard, troubles)) all += one;
      if (turn.cut) all.resize(std::min(all.size(), *turn.cut));
      if (!all.empty()) turn.last_said = all.size();
      return all;
    };
    steps.push_back(ScriptStep::answer(std::move(make), turn.split));
    steps.back().delay = turn.delay;
  } else if (!turn.says.empty()) {
    steps.push_back(ScriptStep::say(turn.says, turn.delay, turn.split));
  }
}

std::vector<ScriptStep> steps_of(const Conversation& conversation, lua::TestFile* functions, Troubles& troubles) {
  std::vector<ScriptStep> steps;
  for (const Turn& turn : conversation.turns) add_steps(steps, turn, functions, troubles);
  switch (conversation.ending) {
    case Ending::hang: steps.push_back(ScriptStep::hang()); break;
    case Ending::close: steps.push_back(ScriptStep::end()); break;
    case Ending::reset: steps.push_back(ScriptStep::reset()); break;
  }
  return steps;
}

void add_tcp(net::ScriptedWorld& world, const Peer& peer, lua::TestFile* functions, Troubles& troubles) {
  net::ScriptedPort port;
  port.event = peer.event;
  port.round_trip = peer.round_trip;
  for (std::size_t i = 0; i < peer.connections.size(); ++i) {
    std::vector<ScriptStep> steps = steps_of(peer.connections[i], functions, troubles);
    if (i == 0) {
      port.steps = std::move(steps);
    } else {
      port.later.push_back(std::move(steps));
    }
  }
  world.port(peer.at, std::move(port));
}

void add_udp(net::ScriptedWorld& world, const Peer& peer, lua::TestFile* functions, Troubles& troubles) {
  if (peer.event == net::PortEvent::closed) return;  // the host refuses it
  if (peer.event == net::PortEvent::unreachable) {
    net::IcmpError error;
    error.from = peer.at.address;
    const bool four = peer.at.address.family == Family::v4;
    error.type = four ? 3 : 1;
    error.code = four ? 13 : 1;  // administratively prohibited
    world.icmp(peer.at, error);
    return;
  }
  const bool silent = peer.event == net::PortEvent::silent;
  world.many_datagrams(peer.at, [&peer, silent, functions, &troubles](std::string_view request) {
    std::vector<std::string> said;
    for (const DatagramReply& reply : peer.replies) {
      if (silent || (reply.request && *reply.request != request)) continue;
      const std::vector<std::string> made =
          reply.function ? ask_function(functions, *reply.function, request, troubles) : reply.replies;
      said.insert(said.end(), made.begin(), made.end());
    }
    if (!peer.bend) return said;
    for (std::string& one : said) one = peer.bend(one).value_or("");
    return said;
  });
  if (peer.answers_from != 0) world.answers_from(peer.at, peer.answers_from);
}

}  // namespace

const Endpoint& name_server() {
  static const Endpoint server = *parse_socket("192.0.2.53", Transport::udp, 53);
  return server;
}

void set_scene(net::ScriptedWorld& world, const Case& scripted, const Zone& zone, lua::TestFile* functions,
               Troubles& troubles) {
  if (!scripted.gone) {
    for (const std::string& text : scripted.subject.addresses) world.host(*parse_address(text));
    for (const Subject& other : scripted.others)
      for (const std::string& text : other.addresses) world.host(*parse_address(text));
    for (const Host& host : scripted.hosts) {
      world.host(host.address, host.others);
      if (host.echoes) world.echoes(host.address);
    }
    for (const Peer& peer : scripted.peers) {
      if (peer.at.transport == Transport::tcp) {
        add_tcp(world, peer, functions, troubles);
      } else {
        add_udp(world, peer, functions, troubles);
      }
    }
  }
  world.many_datagrams(name_server(), [&scripted, &zone](std::string_view query) {
    std::vector<std::string> replies;
    std::optional<std::string> reply = answer(zone, query);
    if (reply && scripted.bend_names) reply = scripted.bend_names(*reply);
    if (reply) replies.push_back(*std::move(reply));
    return replies;
  });
}

}  // namespace audit::trial
