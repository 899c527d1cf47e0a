#include "../proto/ssh_server.hpp"
#include "fates.hpp"
#include "probing.hpp"
#include "proto/ssh_packet.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

bool exchanges_group(const SshServer& server) {
  return server.offer.kex.names.front().find("exchange") != std::string::npos;
}

/// What the server says to the client's `number`-th message, as soon as it has come: a group, or the end of it all.
std::optional<std::string> said_to(const SshServer& server, std::string_view heard, std::size_t number) {
  if (SshServer::take_apart(heard).payloads.size() < number) return std::nullopt;
  const bool group = exchanges_group(server) && number == 1;
  return group ? proto::encode_ssh_packet(server.group_payload()) : server.reply(heard);
}

/// Says the first `said` bytes of all it would say, and then this happens.
std::vector<ScriptStep> cut_after(const SshServer& server, std::size_t said, Fate fate) {
  const std::string hello = server.hello();
  if (said <= hello.size()) return {ScriptStep::say(hello.substr(0, said)), step_of(fate)};
  std::vector<ScriptStep> steps{ScriptStep::say(hello)};
  std::size_t left = said - hello.size();
  const std::size_t group = proto::encode_ssh_packet(server.group_payload()).size();
  for (std::size_t number = 1; left > 0 && number <= (exchanges_group(server) ? 2U : 1U); ++number) {
    steps.push_back(ScriptStep::answer([server, number, left](std::string_view heard) {
      std::optional<std::string> whole = said_to(server, heard, number);
      if (whole) whole->resize(std::min(left, whole->size()));
      return whole;
    }));
    left -= std::min(left, group);
  }
  steps.push_back(step_of(fate));
  return steps;
}

/// Up to and with the packet that proves the host key.
std::size_t bytes_to_proof(const SshServer& server) {
  constexpr std::size_t endless = 100'000;
  const std::size_t unread = proto::encode_ssh_packet("\x15").size();  // NEWKEYS
  Probing probing;
  probing.peer(22, cut_after(server, endless, Fate::hang));
  REQUIRE(probing.ask("ssh", 22).outcome);
  std::size_t size = 0;
  for (const auto& said : probing.world.said())
    if (said.what == ScriptedWorld::Said::What::received) size += said.bytes.size();
  return size - unread;
}

const Value::Object& first_key(const Answer& answer) {
  const auto& keys = *answer.fields.at("host_keys").get_if<Value::Array>();
  REQUIRE_FALSE(keys.empty());
  return *keys.front().get_if<Value::Object>();
}

std::string hello_with(const std::string& bytes) { return "SSH-2.0-x\r\n" + bytes; }

}  // namespace

TEST_CASE("silence, an end or a reset behind any byte of an SSH server is said, and nothing is lost that was seen") {
  for (const char* method : {"curve25519-sha256", "diffie-hellman-group-exchange-sha256"}) {
    INFO(method);
    SshServer server;
    server.offer.kex.names = {method};
    const std::size_t hello = server.hello().size();
    const std::size_t whole = bytes_to_proof(server);
    for (const Fate fate : fates) {
      for (std::size_t said = 0; said <= whole; ++said) {
        Probing probing;
        probing.peer(22, cut_after(server, said, fate));
        const Answer answer = probing.ask("ssh", 22);
        REQUIRE(probing.world.now() - Instant(1h) <= 11s);
        if (said < hello) {
          REQUIRE(probing.reason(answer) == reason_of(fate));
          REQUIRE(answer.outcome.error().message.starts_with("tcp/10.0.0.1:22: "));
          continue;
        }
        REQUIRE(answer.outcome);
        REQUIRE(answer.fields.contains("macs"));
        REQUIRE(first_key(answer).at("proven") == Value(said == whole));
        REQUIRE(text(first_key(answer), "error") == (said == whole ? "" : name_of(reason_of(fate))));
        REQUIRE(text(first_key(answer), "type") == "ssh-ed25519");
      }
    }
  }
}

TEST_CASE("an SSH server that says nothing at all is a timeout, an end, a reset or a refusal") {
  Probing probing;
  probing.peer(1, {ScriptStep::hang()});
  probing.peer(2, {ScriptStep::end()});
  probing.peer(3, {ScriptStep::reset()});
  ScriptedPort closed;
  closed.event = PortEvent::closed;
  probing.world.port(tcp("10.0.0.1", 4), std::move(closed));
  CHECK(probing.reason(probing.ask("ssh", 1)) == Reason::timeout);
  CHECK(probing.reason(probing.ask("ssh", 2)) == Reason::eof);
  CHECK(probing.reason(probing.ask("ssh", 3)) == Reason::reset);
  CHECK(probing.reason(probing.ask("ssh", 4)) == Reason::refused);
}

TEST_CASE("a server that turns visitors away is quoted") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("Exceeded MaxStartups\x1b[2J\r\n"), ScriptStep::end()});
  const Answer answer = probing.ask("ssh", 22);
  CHECK(probing.reason(answer) == Reason::eof);
  CHECK(answer.outcome.error().message.ends_with("; it said `Exceeded MaxStartups\\x1b[2J`"));
}

TEST_CASE("what is no SSH is a protocol_error that costs its caps") {
  Probing probing;
  probing.peer(1, {ScriptStep::say("HTTP/1.1 400 Bad Request\r\n\r\n"), ScriptStep::end()});
  probing.peer(2, {ScriptStep::say(std::string(10'000'000, 'B'))});
  probing.peer(3, {ScriptStep::say(hello_with(std::string("\x00\x01\x00\x00\x04", 5) + std::string(70'000, 'x')))});
  probing.peer(4, {ScriptStep::say(hello_with(proto::encode_ssh_packet("\x32 login")))});
  probing.peer(5, {ScriptStep::say(hello_with(proto::encode_ssh_packet("\x14 no lists")))});
  std::string ignored;
  for (int i = 0; i < 1'000; ++i) ignored += proto::encode_ssh_packet("\x02" + std::string(30'000, 'x'));
  probing.peer(6, {ScriptStep::say(hello_with(ignored))});
  CHECK(probing.reason(probing.ask("ssh", 1)) == Reason::eof);
  for (std::uint16_t port = 2; port <= 6; ++port) {
    INFO(port);
    const Answer answer = probing.ask("ssh", port);
    CHECK(probing.reason(answer) == Reason::protocol_error);
    CHECK(text(*probing.context->record().front()->fields.get_if<Value::Object>(), "received").size() <= 4'096);
    CHECK(number(*probing.context->record().front()->fields.get_if<Value::Object>(), "received_bytes") < 600'000);
  }
}

TEST_CASE("an SSH server that trickles costs its time and no more") {
  const std::string hello = SshServer().hello();
  std::vector<ScriptStep> trickle;
  for (const char byte : hello) trickle.push_back(ScriptStep::say(std::string(1, byte), 1s));
  Probing probing;
  probing.peer(22, trickle);
  CHECK(probing.reason(probing.ask("ssh", 22)) == Reason::timeout);
  CHECK(probing.world.now() - Instant(1h) <= 11s);
  const Instant before = probing.world.now();
  CHECK(probing.reason(probing.ask("ssh", 22, {{"timeout", 30}})) == Reason::timeout);
  CHECK(probing.world.now() - before <= 31s);
  probing.deadline = probing.in(3s);
  CHECK(probing.reason(probing.ask("ssh", 22, {{"timeout", 300}})) == Reason::timeout);
  CHECK(probing.world.now() <= probing.deadline);
}

TEST_CASE("huge name-lists are cut, counted and said") {
  Probing probing;
  SshServer server;
  for (int i = 0; i < 4'000; ++i) server.offer.ciphers_to_client.names.emplace_back("c\x1b");
  server.offer.macs_to_client.names.push_back(std::string(5'000, 'm'));
  server.offer.kex.names.emplace_back("");
  server.offer.host_keys.names = {"ssh-ed25519"};
  const auto reply = [server](std::string_view heard) { return server.reply(heard); };
  probing.peer(22, {ScriptStep::say(server.hello()), ScriptStep::answer(reply), ScriptStep::hang()});
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(answer.fields.at("ciphers").find("server_to_client")->get_if<Value::Array>()->size() == 512);
  const Value& irregular = answer.fields.at("irregular_names");
  CHECK(*irregular.find("left_out") == Value(4'001 - 512));
  CHECK(*irregular.find("not_ascii") == Value(511));
  CHECK(*irregular.find("too_long") == Value(1));
  CHECK(*irregular.find("empty") == Value(1));
  CHECK(first_key(answer).at("proven") == Value(true));
  const Value kept = answer.observation->fields.get_if<Value::Object>()->at("ciphers");
  CHECK(kept.find("server_to_client")->get_if<Value::Array>()->size() == 64);
}

TEST_CASE("a hundred kinds of host keys cost no hundred connections") {
  Probing probing;
  SshServer server;
  server.offer.host_keys.names.clear();
  for (int i = 0; i < 100; ++i) server.offer.host_keys.names.push_back("x509v3-" + std::to_string(i));
  probing.peer(22, {ScriptStep::say(server.hello()), ScriptStep::hang()});
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(answer.fields.at("host_keys").get_if<Value::Array>()->size() == 64);
  CHECK(number(answer.fields, "host_keys_left_out") == 36);
  CHECK(number(answer.fields, "connections") == 1);
}

TEST_CASE("the check's own deadline, or this machine's fault, is no fact about a host key") {
  Probing probing;
  SshServer server;
  probing.peer(22, cut_after(server, server.hello().size(), Fate::hang));
  probing.deadline = probing.in(3s);
  Answer answer = probing.ask("ssh", 22);
  CHECK(probing.reason(answer) == Reason::timeout);
  CHECK(probing.world.now() <= probing.deadline);
  ScriptedPort faulty;
  faulty.event = PortEvent::fault;
  probing.world.port(tcp("10.0.0.1", 23), std::move(faulty));
  probing.deadline = probing.in(1h);
  answer = probing.ask("ssh", 23);
  CHECK(probing.reason(answer) == Reason::local_fault);
}

TEST_CASE("what the second host key's connection meets is its error, a fault of this machine the whole answer's") {
  const auto second_meets = [](PortEvent event) {
    Probing probing;
    SshServer server;
    server.offer.host_keys.names = {"ssh-ed25519", "ssh-ed448"};
    const auto reply = [&probing, server, event](std::string_view heard) {
      ScriptedPort next;
      next.event = event;
      probing.world.port(tcp("10.0.0.1", 22), std::move(next));
      return server.reply(heard);
    };
    probing.peer(22, {ScriptStep::say(server.hello()), ScriptStep::answer(reply), ScriptStep::hang()});
    const Answer answer = probing.ask("ssh", 22);
    if (!answer.outcome) return std::string(name_of(answer.outcome.error().reason));
    const auto& keys = *answer.fields.at("host_keys").get_if<Value::Array>();
    REQUIRE(keys.size() == 2);
    CHECK(*keys[0].find("proven") == Value(true));
    CHECK(*keys[1].find("type") == Value("ssh-ed448"));
    CHECK(number(answer.fields, "connections") == 2);
    return "in the list: " + *keys[1].find("error")->get_if<std::string>();
  };
  CHECK(second_meets(PortEvent::closed) == "in the list: refused");
  CHECK(second_meets(PortEvent::silent) == "in the list: timeout");
  CHECK(second_meets(PortEvent::fault) == "local_fault");
}

TEST_CASE("a mistake in the options of ssh names the word, and what was meant") {
  Probing probing;
  const Answer answer = probing.ask("ssh", 22, {{"hostkeys", false}});
  CHECK(probing.reason(answer) == Reason::rule_error);
  CHECK(answer.outcome.error().message == "ssh: no option `hostkeys`; did you mean `host_keys`?");
  CHECK(probing.world.sent().empty());
}
