#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("a target's data is what the inventory says") {
  Bench bench(
      "return info(table.concat({ target.id, target.address, table.concat(target.addresses, '+'), "
      "table.concat(target.names, '+'),"
      "table.concat(target.tags, '+'), table.concat(target.groups, '+'), target.owner, target.params.days + 1,"
      "target.params.name, tostring(target.params.on), tostring(target), tostring(target.contact_domain) }, ' '))");
  bench.subject.id = "web.example";
  bench.subject.addresses = {"10.0.0.1", "10.0.0.2"};
  bench.subject.names = {"web.example"};
  bench.subject.tags = {"a", "b"};
  bench.subject.groups = {"g"};
  bench.subject.owner = "ops";
  bench.params["days"] = 30;
  bench.params["name"] = "x";
  bench.params["on"] = true;
  bench.identity.contact = "netsec@example.net";
  CHECK(bench.run().finding.message ==
        "web.example 10.0.0.1 10.0.0.1+10.0.0.2 web.example a+b g ops 31 x true web.example example.net");
  CHECK(Bench("return info(tostring(target.contact_domain))").run().finding.message == "nil");
}

TEST_CASE("what a check changes in a target's lists, no other sees") {
  Bench bench(
      "table.insert(target.tags, 'mine') target.params.days = 5 return info(#target.tags .. ' ' .. "
      "target.params.days)");
  bench.params["days"] = 30;
  bench.subject.tags = {"a"};
  CHECK(bench.run().finding.message == "1 30");
}

TEST_CASE("an unresolved target has no address") {
  Bench bench("return info(tostring(target.address) .. #target.addresses)");
  bench.subject.addresses.clear();
  bench.subject.address.clear();
  CHECK(bench.run().finding.message == "nil0");
}

TEST_CASE("an unknown field of target, and a probe called with a dot, say so") {
  CHECK_THAT(said("return info(target.adress)"), Contains("`adress`"));
  CHECK_THAT(said("return target.port(22)"), Contains("target:port("));
  CHECK_THAT(said("return target[1]"), Contains("rule_error"));
}

TEST_CASE("ports are written in every way that the manual names, and others are mistakes") {
  for (const char* way : {"22", "'22'", "'tcp/22'", "{ address = '10.0.0.1', port = 22 }"}) {
    INFO(way);
    CHECK(said(std::string("return info(target:port(") + way + ").state)") == "open");
  }
  for (const char* way : {"0", "65536", "'udp/22'", "'22-23'", "22.5", "nil", "{}", "{ address = 'x', port = 22 }",
                          "true", "setmetatable({}, { __index = function() error('from within') end })",
                          "setmetatable({}, { __index = function() while true do end end })"}) {
    INFO(way);
    CHECK_THAT(said(std::string("return info(target:port(") + way + ").state)"), Contains("error rule_error"));
  }
}

TEST_CASE("a probe's options are checked: an unknown one is suggested, a wrong one refused") {
  CHECK_THAT(said("target:port(22, { timeuot = 1 })"), Contains("did you mean `timeout`"));
  CHECK_THAT(said("target:port(22, { timeout = -1 })"), Contains("seconds"));
  CHECK_THAT(said("target:port(22, 5)"), Contains("options"));
  CHECK_THAT(said("target:port(22, { 5 })"), Contains("options"));
  CHECK_THAT(said("target:port(22, { timeout = function() end })"), Contains("plain data"));
  CHECK_THAT(said("target:port(22, { timuot = 1 })"), Contains("test.rule.lua:2:"));
  CHECK_THAT(said("return info(try(target.port, target, 22, { timuot = 1 }) or 'caught')"), Contains("rule_error"));
}

TEST_CASE("a check of endpoint scope gets its endpoint, which probes take") {
  Bench bench(
      "return pass(endpoint.text .. ' ' .. endpoint.port .. ' ' .. endpoint.address .. ' ' .. endpoint.transport, "
      "target:banner(endpoint))");
  bench.port(2222, {net::ScriptStep::say("SSH-2.0-x\r\n")});
  const Outcome outcome = bench.run(0, tcp("10.0.0.1", 2222));
  CHECK(outcome.finding.status == Status::pass);
  CHECK(outcome.finding.message == "tcp/10.0.0.1:2222 2222 10.0.0.1 tcp");
  CHECK(outcome.finding.endpoint == "tcp/10.0.0.1:2222");
  CHECK(said("return info(tostring(endpoint))") == "nil");
}

TEST_CASE("every word of the probes answers in Lua as it is documented") {
  Bench bench(
      "local b = target:banner(22)\n"
      "return info(table.concat({ b.text, b.ended, b.remote, b.attempts, math.type(b.time), type(b['local']) }, ' '), "
      "b)");
  bench.port(22, {net::ScriptStep::say("hi\x1b\r\n"), net::ScriptStep::hang()});
  const Outcome outcome = bench.run();
  CHECK(outcome.finding.message == "hi\x1b\r\n idle 10.0.0.1:22 1 float string");
  REQUIRE(outcome.finding.evidence.size() == 1);
  CHECK(outcome.finding.evidence[0].observation->probe == "banner");
}

TEST_CASE("a method that may write is for intrusive rules alone, and nothing is sent before that is known") {
  const auto asked = [](const std::string& method, const std::string& safety) {
    const auto rule = rule_of("target:http(80, { method = '" + method + "', timeout = 1 })");
    rule->record.safety = parse_safety(safety).value();
    Bench bench(std::vector<std::shared_ptr<Rule>>{rule});
    bench.port(80, {net::ScriptStep::say("HTTP/1.1 204 No Content\r\n\r\n")});
    const Outcome outcome = bench.run();
    const bool sent = !bench.world.sent().empty();
    if (!sent) {
      CHECK(ended(outcome) == "error rule_error");
      CHECK_THAT(outcome.finding.message, Contains("declares safety = \"intrusive\"") && Contains(method));
    }
    return sent;
  };
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE"})
    for (const char* safety : {"normal", "intrusive"}) {
      INFO(method << " " << safety);
      CHECK(asked(method, safety));
    }
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get"}) {
    INFO(method);
    CHECK_FALSE(asked(method, "normal"));
    CHECK(asked(method, "intrusive"));
  }
}

TEST_CASE("a rule that says it only connects cannot speak: the owner of a frail device was promised so") {
  const auto asked = [](const std::string& call, Safety safety) {
    const auto rule = rule_of(call);
    rule->record.safety = safety;
    Bench bench(std::vector<std::shared_ptr<Rule>>{rule});
    bench.port(80, {net::ScriptStep::say("hello\n"), net::ScriptStep::end()});
    const Outcome outcome = bench.run();
    const bool refused =
        ended(outcome) == "error rule_error" && outcome.finding.message.find("this speaks") != std::string::npos;
    if (refused) CHECK((bench.world.sent().empty() && bench.world.echoed().empty()));
    return !refused;
  };
  for (const char* call : {"target:port(80)", "target:ping({ count = 1, timeout = 0.1 })", "target:dns('host.example')",
                           "target:dns('host.example', { type = 'MX' })"}) {
    INFO(call);
    CHECK(asked(call, Safety::connect));
  }
  for (const char* call :
       {"target:banner(80)", "target:connect(80)", "target:http(80, { timeout = 1 })", "target:tls(80)",
        "target:ssh(80)", "target:udp(80, { send = 'x' })", "target:dns('host.example', { server = target.address })",
        "target:dns('host.example', { type = 'AXFR' })", "target:dns('host.example', { type = 'TYPE252' })"}) {
    INFO(call);
    CHECK_FALSE(asked(call, Safety::connect));
    CHECK(asked(call, Safety::normal));
  }
}

}  // namespace audit::lua
