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
  std::string why_not(std::string_view address, std::uint16_t port = 22, bool encrypted = true,
                      Transport transport = Transport::tcp) {
    Endpoint to = tcp(std::string(address), port);
    to.transport = transport;
    const Result<void> allowed = identity.credentials->permit("key", *named, to, encrypted);
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
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 22, true, Transport::udp),
             Contains("only, and not to udp/10.0.0.1:22"));
}

TEST_CASE("a credential goes in clear text only where that is written") {
  Grant grant;
  CHECK(Granting(grant).why_not("10.0.0.1", 22, true).empty());
  CHECK_THAT(Granting(grant).why_not("10.0.0.1", 22, false), Contains("cleartext = true in [credentials.key]"));
  grant.cleartext = true;
  CHECK(Granting(grant).why_not("10.0.0.1", 22, false).empty());
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
