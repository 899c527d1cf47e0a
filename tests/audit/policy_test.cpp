#include <fmt/format.h>

#include <algorithm>

#include "../source_dir.hpp"
#include "audit/policy.hpp"
#include "worked.hpp"

namespace audit::core {

using Catch::Contains;
using net::PortEvent;
using net::ScriptStep;

namespace {

/// A run of 10.0.0.1 that expects this, with the libraries that ship.
std::unique_ptr<Worked> prepared(const std::string& expect, const std::string& head = "") {
  const std::string text = head + "[[targets]]\naddress = \"10.0.0.1\"\n" + expect + "\n";
  lua::LoadedRules scripts = lua::load_rules({}, test::source_dir() + "/scripts");
  PlanResult result = make_plan(inventory_of(text), std::move(scripts.set), "", 1);
  for (const std::string& mistake : result.mistakes) UNSCOPED_INFO(mistake);
  REQUIRE(result.plan);
  return std::make_unique<Worked>(std::move(result.plan));
}

Endpoint udp(std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address = *parse_address("10.0.0.1");
  endpoint.port = port;
  endpoint.transport = Transport::udp;
  return endpoint;
}

void answers(Worked& worked, std::uint16_t port) {
  worked.world.datagrams(udp(port), [](std::string_view) { return std::optional<std::string>("here"); });
}
void silent(Worked& worked, std::uint16_t port) {
  worked.world.datagrams(udp(port), [](std::string_view) { return std::nullopt; });
}

/// The results of a check: "fail open tcp/…", one each.
std::vector<std::string> results(const Check& check) {
  std::vector<std::string> texts;
  for (const Finding& finding : check.results)
    texts.push_back(fmt::format("{} {} {}", name_of(finding.status), name_of(finding.reason), finding.endpoint));
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a denied port fails where it is open, even inside what is allowed, and only in its own check") {
  const auto run = prepared("expect.tcp = { sweep = \"20-25\", deny = [23, 24] }");
  run->host("10.0.0.1");
  run->port("10.0.0.1", 23);
  run->run();
  CHECK(results(run->check("policy.port-denied")) == Texts{"fail open tcp/10.0.0.1:23"});
  CHECK(run->status("policy.port-unexpected") == "pass closed");
}

TEST_CASE("denied ports that are closed or filtered on a living host pass, silent ones do not") {
  const auto lives = prepared("expect.tcp = { deny = [23, 24] }");
  lives->host("10.0.0.1");
  lives->port("10.0.0.1", 24, PortEvent::silent);
  lives->run();
  CHECK(lives->status("policy.port-denied") == "pass closed");
  const auto gone = prepared("expect.tcp = { deny = [23, 24] }\nassume_up = true");
  gone->run();
  CHECK(gone->status("policy.port-denied") == "not_reviewed filtered");
  const auto faulty = prepared("expect.tcp = { deny = [23] }");
  faulty->host("10.0.0.1", PortEvent::fault);
  faulty->run();
  CHECK(faulty->status("policy.port-denied") == "error local_fault");
  const auto forbidden = prepared("expect.tcp = { sweep = 22, deny = [23] }", "[scope]\nnever = [\"tcp/23\"]\n");
  forbidden->host("10.0.0.1");
  forbidden->run();
  CHECK(forbidden->status("policy.port-denied") == "not_reviewed out_of_scope");
}

TEST_CASE("with other = info an open port that nothing names is told, not failed") {
  const auto run = prepared("expect.tcp = { sweep = \"20-25\", other = \"info\" }");
  run->host("10.0.0.1");
  run->port("10.0.0.1", 22);
  run->run();
  CHECK(results(run->check("policy.port-unexpected")) == Texts{"informational open tcp/10.0.0.1:22"});
}

TEST_CASE("an allowed port that is open is told with the reason that the inventory gives") {
  const auto run = prepared("expect.tcp = { sweep = \"20-25\", allow = [22, { port = 830, why = \"CHG-112\" }] }");
  run->host("10.0.0.1");
  run->port("10.0.0.1", 22);
  run->port("10.0.0.1", 830);
  run->run();
  const Check& check = run->check("policy.port-unexpected");
  CHECK(results(check) == Texts{"pass closed ", "pass open tcp/10.0.0.1:830"});
  CHECK_THAT(check.results[1].message, Contains("CHG-112"));
  CHECK(check.results[1].key == "allowed");
  CHECK(check.results[1].evidence.at(0).observation);
}

TEST_CASE("a UDP port that answers is open, one that the host refuses is closed, silence is neither") {
  const auto run = prepared("expect.udp = { sweep = [1001, 1002, 1003, 1004], require = [1001, 1002, 1003] }");
  run->host("10.0.0.1");
  run->world.echoes(*parse_address("10.0.0.1"));
  answers(*run, 1001);
  silent(*run, 1003);
  answers(*run, 1004);
  run->run();
  CHECK(results(run->check("policy.udp-missing")) == Texts{"pass open udp/10.0.0.1:1001",
                                                           "fail closed udp/10.0.0.1:1002",
                                                           "not_reviewed filtered udp/10.0.0.1:1003"});
  CHECK(results(run->check("policy.udp-unexpected")) == Texts{"fail open udp/10.0.0.1:1004"});
  for (const Finding& finding : run->check("policy.udp-missing").results)
    CHECK(finding.evidence.at(0).observation->probe == "udp");
}

TEST_CASE("silence of a UDP port never passes, whether it is denied or only unexpected") {
  const auto run = prepared("expect.udp = { sweep = \"1001-1002\", deny = [1003] }");
  run->host("10.0.0.1");
  answers(*run, 999);
  silent(*run, 1002);
  silent(*run, 1003);
  run->run();
  CHECK(run->status("policy.udp-unexpected") == "not_reviewed filtered");
  CHECK(run->status("policy.udp-denied") == "not_reviewed filtered");
}

TEST_CASE("UDP ports that are closed prove that nothing unexpected is open") {
  const auto run = prepared("expect.udp = { sweep = \"1001-1020\", allow = [1005], deny = [1030] }");
  run->host("10.0.0.1");
  answers(*run, 1005);
  run->run();
  CHECK(run->status("policy.udp-unexpected") == "pass closed");
  CHECK(run->status("policy.udp-denied") == "pass closed");
}

TEST_CASE("of a host that shows no life only the required UDP ports are asked, until one of them answers") {
  const auto run = [](bool answering) {
    auto made = prepared("expect.tcp = { sweep = 22 }\nexpect.udp = { sweep = \"1001-1009\", require = 1001 }");
    silent(*made, 1001);
    if (answering) answers(*made, 1001);
    for (std::uint16_t port = 1002; port < 1010; ++port) silent(*made, port);
    made->run();
    return made;
  };
  const auto asked = [](const Worked& made) {
    return std::any_of(made.world.sent().begin(), made.world.sent().end(),
                       [](const auto& sent) { return sent.to.transport == Transport::udp && sent.to.port > 1001; });
  };
  const auto gone = run(false);
  CHECK_FALSE(asked(*gone));
  CHECK(gone->status("policy.udp-unexpected") == "not_reviewed unreachable");
  const auto found = run(true);
  CHECK(asked(*found));
  CHECK(found->status("policy.udp-missing") == "pass open");
  CHECK(found->status("policy.udp-unexpected") == "not_reviewed filtered");
}

TEST_CASE("never holds for UDP too") {
  const auto run = prepared("expect.udp = { sweep = [1001], require = [1001] }", "[scope]\nnever = [\"udp/1001\"]\n");
  run->host("10.0.0.1");
  answers(*run, 1001);
  run->run();
  CHECK(run->check("policy.udp-missing").status() == Status::not_reviewed);
  CHECK(run->check("policy.udp-unexpected").status() == Status::not_reviewed);
  for (const auto& sent : run->world.sent()) CHECK(sent.to.port != 1001);
}

TEST_CASE("a UDP port is asked in its protocol's own words, once for all policies") {
  const auto run = prepared("expect.udp = { sweep = [123], require = [123] }");
  run->host("10.0.0.1");
  int asked = 0;
  run->world.datagrams(udp(123), [&](std::string_view query) {
    ++asked;
    return query.size() == 48 && query[0] == '\x23' ? std::optional<std::string>("time") : std::nullopt;
  });
  run->run();
  CHECK(run->check("policy.udp-missing").status() == Status::pass);
  CHECK(asked == 1);
}

TEST_CASE("a service that says what is expected passes, another protocol fails, silence does neither") {
  const std::string expect = "expect.services = [{ port = 22, service = \"ssh\" }]";
  const auto good = prepared(expect);
  good->host("10.0.0.1");
  good->port("10.0.0.1", 22, PortEvent::open, {ScriptStep::say("SSH-2.0-x\r\n"), ScriptStep::hang()});
  good->run();
  CHECK(good->status("policy.service") == "pass observed");
  const auto other = prepared(expect);
  other->host("10.0.0.1");
  other->port("10.0.0.1", 22, PortEvent::open, {ScriptStep::say("hello, I am a game\r\n"), ScriptStep::hang()});
  other->run();
  CHECK(other->check("policy.service").status() == Status::fail);
  CHECK_THAT(other->check("policy.service").results[0].message, Contains("hello, I am a game"));
  const auto mute = prepared(expect);
  mute->host("10.0.0.1");
  mute->port("10.0.0.1", 22, PortEvent::open, {ScriptStep::hang()});
  mute->run();
  CHECK(mute->check("policy.service").status() == Status::error);
  const auto closed = prepared(expect);
  closed->host("10.0.0.1");
  closed->run();
  CHECK(results(closed->check("policy.service")) == Texts{"fail closed tcp/10.0.0.1:22"});
}

TEST_CASE("what a silent host would have answered is not reviewed, whatever was expected") {
  const auto run =
      prepared("[targets.expect]\nservices = [{ port = 22, service = \"ssh\" }]\nssh_host_keys = [\"SHA256:" +
               std::string(43, 'a') +
               "\"]\ncertificates = [{ issuer = \"CN=x\" }]\nudp = { sweep = 53, require = 53, deny = 54 }\n");
  run->run();
  for (const char* id : {"policy.service", "policy.ssh-host-key", "policy.certificate", "policy.udp-missing",
                         "policy.udp-unexpected", "policy.udp-denied"})
    CHECK(run->status(id) == "not_reviewed unreachable");
}

TEST_CASE("a TLS server that shows no expected certificate fails, one that cannot be asked does not pass") {
  const auto run = prepared("expect.certificates = [{ port = 443, fingerprint = \"" + std::string(64, 'a') + "\" }]");
  run->host("10.0.0.1");
  net::TlsSession session;
  session.chain = {"no certificate at all"};
  run->port("10.0.0.1", 443, PortEvent::open, {ScriptStep::tls(session)});
  run->run();
  CHECK(run->check("policy.certificate").status() == Status::fail);
  const auto broken = prepared("expect.certificates = [{ port = 443, issuer = \"CN=x\" }]");
  broken->host("10.0.0.1");
  broken->port("10.0.0.1", 443, PortEvent::open, {ScriptStep::tls(Error(Reason::tls_error, "no shared cipher"))});
  broken->run();
  CHECK(broken->status("policy.certificate") == "error tls_error");
}

TEST_CASE("a name has to resolve to what is expected, all of it and nothing else") {
  const auto judged = [](const std::string& addresses) {
    Worked run("[[targets]]\naddress = \"two.example\"\nexpect.addresses = " + addresses + "\n", {});
    run.world.name("two.example", {*parse_address("10.0.0.1"), *parse_address("10.0.0.2")});
    run.host("10.0.0.1");
    run.run();
    return run.check("policy.address").results.at(0).message;
  };
  CHECK(judged("[\"10.0.0.1\", \"10.0.0.2\"]") == "two.example resolves to what is expected");
  CHECK(judged("[\"10.0.0.0/24\"]") == "two.example resolves to what is expected");
  CHECK(judged("[\"10.0.0.1\"]") == "two.example resolves to 10.0.0.2, which is not expected");
  CHECK(judged("[\"10.0.0.0/24\", \"10.9.0.1\"]") == "two.example does not resolve to 10.9.0.1");
  Worked outside(
      "[scope]\ninclude = [\"10.0.0.0/8\"]\n[[targets]]\naddress = \"a.example\"\nexpect.addresses = [\"10.0.0.1\"]\n",
      {});
  outside.world.name("a.example", {*parse_address("192.0.2.1")});
  outside.run();
  CHECK(outside.check("policy.address").status() == Status::fail);
  Worked gone("[[targets]]\naddress = \"gone.example\"\nexpect.addresses = [\"10.0.0.1\"]\n", {});
  gone.run();
  CHECK(gone.check("policy.address").status() == Status::not_reviewed);
}

TEST_CASE("names that nobody could look up do not pass") {
  const auto run = prepared("expect.names = []");
  run->host("10.0.0.1");
  run->run();
  CHECK(run->check("policy.name").status() != Status::pass);
  CHECK(run->check("policy.name").status() != Status::fail);
}

TEST_CASE("a target whose safety is connect is not spoken to, and that is said") {
  const auto run =
      prepared("expect.services = [{ port = 22, service = \"ssh\" }]\nexpect.udp.sweep = 53\nsafety = \"connect\"");
  run->host("10.0.0.1");
  run->port("10.0.0.1", 22);
  run->run();
  CHECK(run->keeper.messages.at(0).checks.empty());
  REQUIRE_FALSE(run->plan->notices.empty());
  CHECK_THAT(run->plan->notices.at(0), Contains("policy.service is not planned for 1 entry"));
  for (const auto& sent : run->world.sent()) CHECK(sent.to.transport == Transport::tcp);
}

TEST_CASE("the table of policies is sorted, and each row can be judged") {
  std::string last;
  for (const Policy& policy : policies()) {
    CHECK(last < policy.record.id);
    last = policy.record.id;
    CHECK((policy.judge != nullptr) != (policy.questions != nullptr));
    CHECK_FALSE(policy.setting.empty());
    CHECK_FALSE(policy.record.remediation.empty());
  }
}

}  // namespace audit::core
