#include "trial/generate.hpp"

#include <algorithm>
#include <set>

#include "trying.hpp"

namespace audit::trial {
namespace {

Case talking(std::size_t bytes) {
  Case made;
  made.subject.addresses = {"10.0.0.1"};
  Peer& peer = made.peers.emplace_back();
  peer.at = *parse_socket("10.0.0.1:7000", Transport::tcp, 0);
  Conversation& conversation = peer.connections.emplace_back();
  conversation.turns.resize(2);
  conversation.turns[0].says = std::string(bytes / 2, 'a');
  conversation.turns[1].hears = "go";
  conversation.turns[1].says = std::string(bytes - bytes / 2, 'b');
  return made;
}

std::string said(const Conversation& conversation) {
  std::string all;
  for (const Turn& turn : conversation.turns) all += turn.says;
  return all;
}

TEST_CASE("a short conversation is cut behind each of its bytes but the last") {
  const Variants variants = vary(talking(20), Seen());
  std::set<std::size_t> sizes;
  for (const Variant& one : variants.list) {
    if (one.kind != Kind::truncated) continue;
    const Conversation& conversation = one.scripted.peers.front().connections.front();
    CHECK(conversation.ending == Ending::close);
    sizes.insert(said(conversation).size());
  }
  CHECK(sizes.size() == 19);
  CHECK(*sizes.begin() == 1);
  CHECK(*sizes.rbegin() == 19);
  CHECK(variants.left_out == 0);
}

TEST_CASE("of a long conversation the cap says how many cuts it left out") {
  const Variants variants = vary(talking(1'000), Seen());
  const auto cuts = std::count_if(variants.list.begin(), variants.list.end(),
                                  [](const Variant& one) { return one.kind == Kind::truncated; });
  CHECK(cuts == static_cast<std::ptrdiff_t>(most_cuts));
  CHECK(variants.left_out == 999 - most_cuts);
}

TEST_CASE("each kind is made of a peer that talks") {
  const Variants variants = vary(talking(4), Seen());
  std::set<Kind> kinds;
  for (const Variant& one : variants.list) kinds.insert(one.kind);
  CHECK(kinds.size() == 10);
}

TEST_CASE("a rule without cases is tried on each of its first ports alone") {
  lua::Rule rule;
  rule.record.ports.tcp = *parse_ports("80,443,8000-8100");
  const std::vector<Case> cases = cases_of_ports(rule);
  REQUIRE(cases.size() == most_ports_alone);
  for (const Case& one : cases) CHECK(one.peers.size() == 1);
  CHECK(cases_of_ports(lua::Rule()).front().peers.empty());
}

}  // namespace
}  // namespace audit::trial
