#include <fmt/format.h>

#include "../proto/dns_builder.hpp"
#include "worked.hpp"

namespace audit::core {

using Catch::Contains;
using net::PortEvent;

namespace {

std::shared_ptr<lua::Rule> closed_ports(const std::string& ports = "22,2222") {
  RuleMake make;
  make.ports = ports;
  make.body = "error('Lua ran')";
  make.absent = Status::pass;
  return make_rule("test.closed", make);
}

/// Every address is named.example there.
std::optional<std::string> reverse_record(std::string_view query) {
  test::DnsBuilder answer;
  answer.id = proto::get16(query, 0);
  answer.question = std::string(query.substr(12, query.find('\0', 12) + 1 + 4 - 12));
  return answer.answer(12, test::wire_name("named.example.")).bytes();
}

void answers_echoes(Worked& run, const char* address) { run.world.echoes(*parse_address(address)); }

constexpr const char* one = "[[targets]]\naddress = \"10.0.0.1\"\n";

}  // namespace

TEST_CASE("a port is filtered, for sure, on a host that answers nothing but an echo") {
  Worked run(one, {closed_ports()});
  answers_echoes(run, "10.0.0.1");
  run.run();
  CHECK(run.status("test.closed") == "pass filtered");
  const TargetRecord& record = run.keeper.messages.at(0).record;
  CHECK(record.life == TargetLife::alive);
  CHECK(record.life_message == "answered ICMP echo in 1.0 ms");
}

TEST_CASE("a host that answers a port says in the report which one") {
  Worked run(one, {closed_ports()});
  run.host("10.0.0.1");
  run.run();
  CHECK(run.keeper.messages.at(0).record.life_message == "answered tcp/22 (RST) in 1.0 ms");
}

TEST_CASE("a candidate that answers nothing but an echo is a target, one that answers nothing is dark") {
  Worked run("[[targets]]\naddress = \"10.0.0.0/29\"\n", {closed_ports()});
  answers_echoes(run, "10.0.0.4");
  run.run();
  CHECK(run.count(Fate::dark) == 5);
  CHECK(run.status("test.closed", "10.0.0.4") == "pass filtered");
  CHECK(run.world.echoed().size() == 5 * 3 + 1);
}

TEST_CASE("a reverse record names a host, it is no sign of life: a candidate that has nothing else stays dark") {
  RuleMake make;
  make.body = R"(
    local own = target:dns(target.address, { type = "PTR" })
    local of_the_silent = target:dns("10.0.0.2", { type = "PTR" })
    return pass(own.answers[1].data .. of_the_silent.answers[1].data, { own, of_the_silent })
  )";
  Worked run("[[targets]]\naddress = \"10.0.0.0/30\"\n", {make_rule("test.reverse", make), closed_ports()});
  Endpoint server;
  server.address = *parse_address("10.53.0.1");
  server.port = 53;
  server.transport = Transport::udp;
  run.resolver.servers = {server};
  run.world.datagrams(server, reverse_record);
  answers_echoes(run, "10.0.0.1");
  run.run();
  CHECK(run.status("test.reverse") == "pass observed");  // the only one: there is no check of the other
  CHECK(run.check("test.reverse").foremost().message == "named.example.named.example.");
  CHECK(run.count(Fate::dark) == 1);
  CHECK(run.keeper.messages.size() == 2);
}

TEST_CASE("a candidate is found by any port that the plan asks about, though it answers no echo") {
  Worked run("[[targets]]\naddress = \"10.0.0.0/30\"\n", {closed_ports("1-400")});
  run.port("10.0.0.2", 399, PortEvent::closed);
  run.run();
  CHECK(run.count(Fate::dark) == 1);
  CHECK(run.status("test.closed", "10.0.0.2") == "pass filtered");
}

TEST_CASE("a listed host that is silent costs its first ports, and its checks say what was not asked") {
  Worked run(one, {closed_ports("1-3000")});
  run.run();
  CHECK(run.status("test.closed") == "not_reviewed unreachable");
  const TargetMessage& message = run.keeper.messages.at(0);
  CHECK_THAT(message.checks.at(0).foremost().message,
             Contains("64 ports asked") && Contains("no reply to 3 ICMP echoes") && Contains("more ports not asked"));
  CHECK(run.world.sent().size() == 64 * 3);
  CHECK(message.record.life == TargetLife::silent);
  CHECK(message.record.ports_filtered == 64);
  CHECK(message.record.ports_unasked == 2'936);
}

TEST_CASE("assume_up has every port asked, and silence is filtered and not reviewed") {
  for (const char* address : {"10.0.0.1", "10.0.0.0/30"}) {
    Worked run(fmt::format("[[targets]]\naddress = \"{}\"\nassume_up = true\n", address), {closed_ports("1-200")});
    run.run();
    const std::size_t hosts = run.keeper.messages.size();
    CHECK(run.world.sent().size() == hosts * 200 * 3);
    CHECK(run.status("test.closed", "10.0.0.1") == "not_reviewed filtered");
  }
}

TEST_CASE("of a name the dead half is not reviewed, whatever the living half shows") {
  Worked run("[[targets]]\naddress = \"a.example\"\n", {closed_ports("1-500")});
  run.world.name("a.example", {*parse_address("10.0.0.1"), *parse_address("10.0.0.2")});
  run.host("10.0.0.1");
  run.run();
  CHECK(run.status("test.closed") == "not_reviewed unreachable");
}

TEST_CASE("without ICMP sockets the sweep alone finds life, and silence says so") {
  Worked run("[[targets]]\naddress = \"10.0.0.1\"\n[[targets]]\naddress = \"10.0.0.2\"\n", {closed_ports()});
  run.world.no_echo("no ICMP socket: denied");
  run.host("10.0.0.2");
  run.run();
  CHECK(run.status("test.closed", "10.0.0.1") == "not_reviewed unreachable");
  CHECK(run.status("test.closed", "10.0.0.2") == "pass closed");
  CHECK_THAT(run.check("test.closed", "10.0.0.1").foremost().message, Contains("no ICMP socket: denied"));
}

TEST_CASE("a rule that passes although its ping was not answered is not reviewed") {
  RuleMake make;
  make.body = "try(target.ping, target) return pass('fine')";
  Worked run(one, {make_rule("test.ping", make)});
  run.run();
  CHECK(run.status("test.ping") == "not_reviewed unreachable");
  Worked lives(one, {make_rule("test.ping", make)});
  answers_echoes(lives, "10.0.0.1");
  lives.run();
  CHECK(lives.status("test.ping") == "pass observed");
}

TEST_CASE("a rule cannot ping what is outside its target") {
  RuleMake make;
  make.body = "pcall(target.ping, target, '10.0.0.2') return pass('outside')";
  Worked run(one, {make_rule("test.ping", make)});
  answers_echoes(run, "10.0.0.2");
  run.run();
  CHECK(run.status("test.ping") == "not_reviewed out_of_scope");
  CHECK(run.world.echoed().empty());
}

}  // namespace audit::core
