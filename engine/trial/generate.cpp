#include "trial/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "trial/peers.hpp"
#include "trial/read_script.hpp"

namespace audit::trial {
namespace {

constexpr std::array<std::string_view, 10> names{"refused",   "filtered", "gone",  "silence", "empty",
                                                 "truncated", "stalled",  "reset", "garbage", "split"};

struct Garbage {
  const char* what;
  std::string bytes;
};

const std::vector<Garbage>& garbage() {
  static const std::vector<Garbage> all = [] {
    std::string noise;
    std::uint32_t state = 1;
    for (int i = 0; i < 256; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      noise += static_cast<char>(state >> 24U);
    }
    return std::vector<Garbage>{{"256 bytes of noise", noise},
                                {"64 zero bytes", std::string(64, '\0')},
                                {"a line of no protocol", "?!\r\n"},
                                {"8,192 letters without an end of line", std::string(8'192, 'A')}};
  }();
  return all;
}

std::size_t size_of(const Turn& turn) { return turn.says_function ? turn.last_said : turn.says.size(); }

std::size_t size_of(const Conversation& conversation) {
  std::size_t size = 0;
  for (const Turn& turn : conversation.turns) size += size_of(turn);
  return size;
}

/// The first `count` bytes of what is said, and then this ending.
Conversation cut(const Conversation& whole, std::size_t count, Ending ending) {
  Conversation made;
  made.ending = ending;
  for (const Turn& turn : whole.turns) {
    const std::size_t size = size_of(turn);
    if (count == 0 && size > 0) break;
    Turn& kept = made.turns.emplace_back(turn);
    if (size <= count) {
      count -= size;
      continue;
    }
    if (kept.says_function)
      kept.cut = count;
    else
      kept.says.resize(count);
    break;
  }
  return made;
}

/// Of 1 … last, at most `most`: half from the beginning, a quarter from the end, and the rest spread between.
std::vector<std::size_t> places(std::size_t last, std::size_t most) {
  std::set<std::size_t> chosen;
  if (last <= most) {
    for (std::size_t i = 1; i <= last; ++i) chosen.insert(i);
  } else {
    for (std::size_t i = 1; i <= most / 2; ++i) chosen.insert(i);
    for (std::size_t i = 0; i < most / 4; ++i) chosen.insert(last - i);
    const std::size_t between = most - most / 2 - most / 4;
    for (std::size_t i = 1; i <= between; ++i)
      chosen.insert(most / 2 + (last - most / 2 - most / 4) * i / (between + 1));
  }
  return {chosen.begin(), chosen.end()};
}

/// Makes the variants of one case.
class Varying {
 public:
  Varying(const Case& base, const Seen& seen) : base_(base), seen_(seen) {}

  Variants make() {
    add(Kind::gone, "no host shows any sign of life", std::nullopt).gone = true;
    std::size_t bent = 0;
    std::size_t open = 0;
    for (std::size_t i = 0; i < base_.peers.size(); ++i) {
      if (base_.peers[i].event != net::PortEvent::open) continue;
      ++open;
      if (++bent > most_bent_peers) {
        ++made_.left_out;
        continue;
      }
      base_.peers[i].at.transport == Transport::tcp ? bend_tcp(i) : bend_udp(i);
    }
    if (open > 1) {
      Case& all = add(Kind::refused, "every port refused", std::nullopt);
      for (Peer& peer : all.peers) peer.event = net::PortEvent::closed;
    }
    bend_names();
    return std::move(made_);
  }

 private:
  Case& add(Kind kind, std::string how, const std::optional<Endpoint>& bent) {
    Variant& variant = made_.list.emplace_back();
    variant.kind = kind;
    variant.how = std::move(how);
    variant.bent = bent;
    variant.scripted = base_;
    return variant.scripted;
  }

  void bend_state(std::size_t number) {
    const Endpoint& at = base_.peers[number].at;
    add(Kind::refused, format_endpoint(at) + " refused", at).peers[number].event = net::PortEvent::closed;
    add(Kind::filtered, format_endpoint(at) + " filtered", at).peers[number].event = net::PortEvent::silent;
  }

  void bend_tcp(std::size_t number) {
    const Peer& peer = base_.peers[number];
    const std::string shown = format_endpoint(peer.at);
    bend_state(number);
    const auto whole = [&](Kind kind, const std::string& how, const Conversation& conversation) {
      add(kind, shown + " " + how, peer.at).peers[number].connections = {conversation};
    };
    whole(Kind::silence, "open, and says nothing", cut({}, 0, Ending::hang));
    whole(Kind::empty, "open, and closes at once", cut({}, 0, Ending::close));
    whole(Kind::reset, "open, and resets at once", cut({}, 0, Ending::reset));
    for (const Garbage& one : garbage()) {
      Conversation conversation;
      conversation.ending = Ending::close;
      conversation.turns.emplace_back().says = one.bytes;
      whole(Kind::garbage, fmt::format("says {}", one.what), conversation);
    }
    for (std::size_t i = 0; i < peer.connections.size(); ++i) cut_everywhere(number, i);
    split(number);
  }

  void cut_everywhere(std::size_t number, std::size_t connection) {
    const Peer& peer = base_.peers[number];
    const Conversation& whole = peer.connections[connection];
    const std::size_t size = size_of(whole);
    if (size == 0) return;
    const std::string which =
        peer.connections.size() > 1 ? fmt::format(" (connection {})", connection + 1) : std::string();
    const auto cuts = [&](Kind kind, Ending ending, std::string_view verb, std::size_t last, std::size_t most) {
      const std::vector<std::size_t> chosen = places(last, most);
      if (kind == Kind::truncated) made_.left_out += last - chosen.size();
      for (const std::size_t count : chosen) {
        Case& made =
            add(kind, fmt::format("{} {} after {} of {} bytes{}", format_endpoint(peer.at), verb, count, size, which),
                peer.at);
        made.peers[number].connections[connection] = cut(whole, count, ending);
      }
    };
    cuts(Kind::truncated, Ending::close, "closes", size - 1, most_cuts);
    cuts(Kind::stalled, Ending::hang, "falls silent", size - 1, most_stalls);
    cuts(Kind::reset, Ending::reset, "resets", size, most_stalls);
  }

  void split(std::size_t number) {
    const Peer& peer = base_.peers[number];
    std::size_t size = 0;
    for (const Conversation& one : peer.connections) size += size_of(one);
    if (size < 2) return;
    Case& made = add(Kind::split, format_endpoint(peer.at) + " says it a byte at a time", peer.at);
    for (Conversation& one : made.peers[number].connections)
      for (Turn& turn : one.turns) turn.split = 1;
  }

  /// What came from an endpoint in one piece, at most.
  std::size_t longest_from(const Endpoint& peer) const {
    std::size_t longest = 0;
    for (const Said& one : seen_.said)
      if (one.what == Said::What::received && one.peer.address == peer.address && one.peer.transport == Transport::udp)
        longest = std::max(longest, one.bytes.size());
    return longest;
  }

  using Bend = std::function<std::optional<std::string>(const std::string&)>;

  /// What may become of datagrams that come back.
  template <class Place>
  void bend_datagrams(const Endpoint& at, const std::string& shown, Place place) {
    const std::size_t size = longest_from(at);
    if (size == 0) return;
    const std::vector<std::size_t> chosen = places(size - 1, most_cuts);
    made_.left_out += size - 1 - chosen.size();
    for (const std::size_t count : chosen)
      place(add(Kind::truncated, fmt::format("{} cut to {} of {} bytes", shown, count, size), at),
            Bend([count](const std::string& reply) { return reply.substr(0, count); }));
    place(add(Kind::empty, shown + " empty", at), Bend([](const std::string& /*reply*/) { return std::string(); }));
    for (const Garbage& one : garbage())
      place(add(Kind::garbage, fmt::format("{} replaced by {}", shown, one.what), at),
            Bend([bytes = one.bytes](const std::string& /*reply*/) { return bytes; }));
  }

  void bend_udp(std::size_t number) {
    bend_state(number);
    const Endpoint& at = base_.peers[number].at;
    bend_datagrams(at, "the replies of " + format_endpoint(at),
                   [number](Case& made, Bend bend) { made.peers[number].bend = std::move(bend); });
  }

  void bend_names() {
    const Endpoint& server = name_server();
    if (longest_from(server) == 0) return;
    add(Kind::silence, "the name server says nothing", server).bend_names = [](const std::string& /*reply*/) {
      return std::optional<std::string>();
    };
    add(Kind::garbage, "the name server says SERVFAIL", server).bend_names = [](std::string reply) {
      constexpr std::size_t header = 12;
      std::size_t end = header;
      while (end < reply.size() && reply[end] != '\0') end += 1U + static_cast<unsigned char>(reply[end]);
      reply.resize(std::min(reply.size(), end + 5));
      reply[3] = static_cast<char>((static_cast<unsigned char>(reply[3]) & 0xf0U) | 2U);
      reply[6] = reply[7] = '\0';
      return std::optional<std::string>(reply);
    };
    bend_datagrams(server, "the replies of the name server",
                   [](Case& made, Bend bend) { made.bend_names = std::move(bend); });
  }

  const Case& base_;
  const Seen& seen_;
  Variants made_;
};

}  // namespace

std::string_view name_of(Kind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

Variants vary(const Case& base, const Seen& seen) { return Varying(base, seen).make(); }

std::vector<Case> cases_of_ports(const lua::Rule& rule) {
  Case bare;
  bare.subject.addresses = {format_address(home_address())};
  std::vector<Case> made;
  const auto add = [&](const PortSet& ports, Transport transport) {
    std::size_t count = 0;
    for (const std::uint16_t port : ports.list()) {
      if (++count > most_ports_alone) break;
      Case& one = made.emplace_back(bare);
      Peer& peer = one.peers.emplace_back();
      peer.at.address = home_address();
      peer.at.port = port;
      peer.at.transport = transport;
      if (transport == Transport::tcp) peer.connections.emplace_back();
    }
  };
  add(rule.record.ports.tcp, Transport::tcp);
  add(rule.record.ports.udp, Transport::udp);
  if (made.empty()) made.push_back(std::move(bare));
  return made;
}

}  // namespace audit::trial
