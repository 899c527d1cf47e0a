#include "probe/sealed.hpp"

#include "probe/conversation.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

/// A target `sw1.lan` at 10.0.0.1 and 10.0.0.2, in the group `switches`, and a credential `key` with this grant.
struct Granting : Probing {
  explicit Granting(const Grant& grant) : Probing({"10.0.0.1", "10.0.0.2"}) {
    auto credentials = std::make_shared<Credentials>();
    credentials->add("key", std::string("swordfish"), grant);
    identity.credentials = credentials;
    TargetLimits limits;
    limits.groups = {"switches"};
    named.emplace(services, "sw1.lan", "sw1.lan", permit_of({"10.0.0.1", "10.0.0.2"}), limits);
  }

  /// "", or why it may not go there.
  std::string why_not(std::string_view address, std::uint16_t port = 22, const Channel& channel = Channel::proven(),
                      Transport transport = Transport::tcp) {
    Endpoint to = tcp(std::string(address), port);
    to.transport = transport;
    const Result<void> allowed = identity.credentials->permit("key", *named, to, channel);
    if (allowed) return "";
    CHECK(allowed.error().reason == Reason::missing_credential);
    CHECK(allowed.error().message.find("swordfish") == std::string::npos);
    return allowed.error().message;
  }

  std::optional<Target> named;
};

Grant hosts(std::string_view prefix) {
  Grant grant;
  grant.hosts = {*parse_prefix(prefix)};
  return grant;
}

using Catch::Contains;

}  // namespace

TEST_CASE("a credential goes to targets of its groups, to its hosts, to its names, and to nobody else") {
  Grant grant;
  CHECK(Granting(grant).why_not("10.0.0.1").empty());
  grant.groups = {"routers"};
  CHECK_THAT(Granting(grant).why_not("10.0.0.1"), Contains("goes to its groups only"));
  grant.groups = {"routers", "switches"};
  CHECK(Granting(grant).why_not("10.0.0.1").empty());
  CHECK(Granting(hosts("10.0.0.0/30")).why_not("10.0.0.2").empty());
  CHECK_THAT(Granting(hosts("10.0.1.0/24")).why_not("10.0.0.1"), Contains("this target is none of them"));
  Grant names;
  names.names = {"sw?.lan"};
  CHECK(Granting(names).why_not("10.0.0.1").empty());
  names.names = {"core-*"};
  CHECK_THAT(Granting(names).why_not("10.0.0.1"), Contains("none of them"));
}

TEST_CASE("of a target with several hosts only those that are named get it") {
  Grant grant = hosts("10.0.0.1/32");
  CHECK(Granting(grant).why_not("10.0.0.1").empty());
  CHECK(Granting(grant).why_not("::ffff:10.0.0.1").empty());
  CHECK_THAT(Granting(grant).why_not("10.0.0.2"), Contains("is for other hosts than tcp/10.0.0.2:22"));
  grant.names = {"*.lan"};
  CHECK(Granting(grant).why_not("10.0.0.2").empty());
  grant.names = {"*.com"};
  CHECK_THAT(Granting(grant).why_not("10.0.0.2"), Contains("other hosts"));
}

TEST_CASE("a credential goes to its endpoints, of its transport") {
  Grant grant;
  grant.endpoints = *parse_transport_ports("tcp/22,8000-8100");
  CHECK(Granting(grant).why_not("10.0.0.1", 22).empty());
  CHECK(Granting(grant).why_not("10.0.0.1", 8050).empty());
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 23),
             Contains("goes to tcp/22,8000-8100 only, and not to tcp/10.0.0.1:23"));
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 22, Channel::proven(), Transport::udp),
             Contains("only, and not to udp/10.0.0.1:22"));
}

TEST_CASE("a credential goes in clear text only where that is written") {
  Grant grant;
  CHECK(Granting(grant).why_not("10.0.0.1", 22).empty());
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 22, Channel()), Contains("cleartext = true in [credentials.key]"));
  grant.cleartext = true;
  CHECK(Granting(grant).why_not("10.0.0.1", 22, Channel()).empty());
}

TEST_CASE("a credential goes to a TLS server whose certificate does not verify only where that is written") {
  const Channel unproven(Channel::Kind::unproven, "self-signed certificate");
  Grant grant;
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 443, unproven),
             Contains("tcp/10.0.0.1:443, whose certificate does not prove who that is: self-signed certificate") &&
                 Contains("unverified = true in [credentials.key]"));
  grant.cleartext = true;  // what may be overheard may not therefore be asked for by anybody
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 443, unproven), Contains("unverified = true"));
  grant.cleartext = false;
  grant.unverified = true;
  CHECK(Granting(grant).why_not("10.0.0.1", 443, unproven).empty());
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 443, Channel()), Contains("in clear text"));
}

TEST_CASE("a handshake proves the server where its chain is trusted and its certificate is for the name") {
  TlsSession session;
  session.name = "portal.lan";
  session.checked = session.verified = session.name_matches = true;
  CHECK(channel_of(session).kind == Channel::Kind::proven);
  session.name_matches = false;
  CHECK(channel_of(session).kind == Channel::Kind::unproven);
  CHECK(channel_of(session).doubt == "it is not for portal.lan");
  session.verified = false;
  session.verify_reason = "certificate has expired";
  CHECK(channel_of(session).doubt == "certificate has expired; it is not for portal.lan");
  session.name_matches = true;
  session.checked = false;
  CHECK(channel_of(session).kind == Channel::Kind::unproven);
  CHECK(channel_of(session).doubt == "no trust was asked for, so it was not verified");
}

TEST_CASE("a credential's refusal says where the inventory has it") {
  Granting granting((Grant()));
  auto credentials = std::make_shared<Credentials>();
  credentials->add("lost", Error(Reason::missing_credential, "is not set"), {}, "campus.toml:12:1");
  const Result<std::string> found = credentials->find("lost", *granting.named);
  REQUIRE_FALSE(found);
  CHECK(found.error().message == "credential `lost` (campus.toml:12:1) is not set");
}

TEST_CASE("sealed bytes are held back where one of their credentials may not go, and the record does not have them") {
  Granting granting((Grant()));
  granting.peer(22, {ScriptStep::expect("never"), ScriptStep::hang()});
  auto sealed = std::make_shared<Sealed>();
  sealed->bytes = "PASS swordfish";
  sealed->shown = "PASS *********";
  sealed->credentials = {"key"};
  Context context(*granting.named, granting.deadline);
  Result<void> clear;
  Result<void> within;
  auto task = [&]() -> awaitable<void> {
    const ConnectOptions options(1s);
    std::string word = "connect";
    auto opened = co_await connect(context, tcp("10.0.0.1", 22), options, std::move(word));
    clear = co_await (*opened)->write_sealed(sealed, 1s);
  };
  play(granting.world, task);
  REQUIRE_FALSE(clear);
  CHECK(clear.error().reason == Reason::missing_credential);
  for (const auto& sent : granting.world.sent()) CHECK(sent.bytes.empty());
}

TEST_CASE("equal sealed bytes of one credential have equal marks, and no others") {
  const auto mark = [](std::string bytes, std::vector<std::string> names) {
    return mark_of(Sealed{bytes, std::string(bytes.size(), '*'), std::move(names)}, 0);
  };
  CHECK(mark("ab", {"x"}) == mark("ab", {"x"}));
  CHECK_FALSE(mark("ab", {"x"}) == mark("ac", {"x"}));
  CHECK_FALSE(mark("ab", {"x"}) == mark("ab", {"y"}));
  CHECK(is_mark(mark("ab", {"x"})));
  CHECK_FALSE(is_mark(Value("ab")));
  CHECK_FALSE(is_mark(Value(Value::Object{{"sealed", 1}})));
}
