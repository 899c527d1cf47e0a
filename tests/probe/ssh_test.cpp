#include <algorithm>

#include "../proto/ssh_server.hpp"
#include "probing.hpp"
#include "proto/ssh_kex.hpp"
#include "proto/ssh_packet.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

/// What a server does on each connection: its hello, and its answers to the client's messages.
std::vector<ScriptStep> serving(const SshServer& server, std::size_t split = 0) {
  const auto reply = [server](std::string_view heard) { return server.reply(heard); };
  return {ScriptStep::say(server.hello(), {}, split), ScriptStep::answer(reply, split), ScriptStep::hang()};
}

const Value::Array& keys_of(const Answer& answer) { return *answer.fields.at("host_keys").get_if<Value::Array>(); }
const Value::Object& key_of(const Answer& answer, std::size_t number = 0) {
  REQUIRE(number < keys_of(answer).size());
  return *keys_of(answer)[number].get_if<Value::Object>();
}

Value::Array list(std::initializer_list<const char*> names) {
  Value::Array array;
  for (const char* name : names) array.emplace_back(name);
  return array;
}

SshServer two_keys() {
  SshServer server;
  server.offer.host_keys.names = {"ssh-ed448", "ssh-ed25519"};
  return server;
}

bool proven(const Value::Object& key) { return *key.at("proven").get_if<bool>(); }

/// Was the key not asked for? What is said of it then is no error.
bool unsupported(const Value::Object& key) {
  const auto found = key.find("unsupported");
  const bool said = found != key.end() && *found->second.get_if<bool>();
  if (said) CHECK((!key.contains("error") && !text(key, "message").empty() && !proven(key)));
  if (const auto error = key.find("error"); error != key.end())
    CHECK(parse_reason(*error->second.get_if<std::string>()).has_value());
  return said;
}

}  // namespace

TEST_CASE("an SSH server's identification, algorithms and host keys are seen") {
  Probing probing;
  SshServer server = two_keys();
  server.offer.kex.names.emplace_back("kex-strict-s-v00@openssh.com");
  server.offer.languages_to_client.names = {"en"};
  std::vector<ScriptStep> steps = serving(server);
  steps.insert(steps.begin(), ScriptStep::say("Authorised use only\r\n"));
  probing.peer(22, std::move(steps));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "banner") == "SSH-2.0-test_1.0 hello");
  CHECK(text(answer.fields, "protocol") == "2.0");
  CHECK(text(answer.fields, "software") == "test_1.0");
  CHECK(text(answer.fields, "comment") == "hello");
  CHECK(answer.fields.at("lines_before") == Value(list({"Authorised use only"})));
  CHECK(answer.fields.at("ssh1") == Value(false));
  CHECK(answer.fields.at("kex") == Value(list({"curve25519-sha256", "kex-strict-s-v00@openssh.com"})));
  CHECK(answer.fields.at("host_key_algorithms") == Value(list({"ssh-ed448", "ssh-ed25519"})));
  CHECK(*answer.fields.at("ciphers").find("client_to_server") == Value(list({"aes256-ctr", "aes128-ctr"})));
  CHECK(*answer.fields.at("ciphers").find("server_to_client") == Value(list({"aes128-ctr"})));
  CHECK(*answer.fields.at("macs").find("server_to_client") == Value(list({"hmac-sha1"})));
  CHECK(*answer.fields.at("compression").find("server_to_client") == Value(list({"none", "zlib"})));
  CHECK(*answer.fields.at("languages").find("server_to_client") == Value(list({"en"})));
  CHECK(answer.fields.at("strict_kex") == Value(true));
  CHECK(answer.fields.at("first_kex_packet_follows") == Value(false));
  CHECK_FALSE(answer.fields.contains("irregular_names"));
  CHECK(number(answer.fields, "connections") == 2);
  REQUIRE(keys_of(answer).size() == 2);
  CHECK(text(key_of(answer), "type") == "ssh-ed448");
  CHECK(number(key_of(answer), "bits") == 448);
  CHECK(proven(key_of(answer)));
  CHECK(text(key_of(answer, 1), "type") == "ssh-ed25519");
  CHECK(text(key_of(answer, 1), "algorithm") == "ssh-ed25519");
  CHECK(text(key_of(answer, 1), "kex") == "curve25519-sha256");
  CHECK(number(key_of(answer, 1), "blob_size") == 51);
  CHECK(text(key_of(answer, 1), "fingerprint").starts_with("SHA256:"));
  CHECK(text(key_of(answer, 1), "md5").size() == 51);
  CHECK(proven(key_of(answer, 1)));
  CHECK(probing.context->record().size() == 2);
  for (const auto& observation : probing.context->record()) CHECK(observation->reason == Reason::observed);
}

TEST_CASE("an SSH server's answer is the same however it arrives") {
  const SshServer server = two_keys();
  const std::size_t longest = server.hello().size();
  Value::Object whole;
  for (std::size_t split = longest; split >= 1; --split) {
    Probing probing;
    probing.peer(22, serving(server, split));
    const Answer answer = probing.ask("ssh", 22);
    REQUIRE(answer.outcome);
    if (split == longest) whole = answer.fields;
    REQUIRE(answer.fields == whole);
    REQUIRE(proven(key_of(answer, 1)));
  }
}

TEST_CASE("every method of key exchange proves a host key") {
  for (const std::string_view method : proto::ssh_kex_methods()) {
    INFO(method);
    Probing probing;
    SshServer server;
    server.offer.kex.names = {"sntrup761x25519-sha512", std::string(method)};
    std::vector<ScriptStep> steps = serving(server);
    const auto reply = [server](std::string_view heard) -> std::optional<std::string> {
      if (SshServer::take_apart(heard).payloads.size() < 2) return std::nullopt;
      return server.reply(heard);
    };
    const auto group = [server](std::string_view heard) -> std::optional<std::string> {
      if (SshServer::take_apart(heard).payloads.empty()) return std::nullopt;
      return proto::encode_ssh_packet(server.group_payload());
    };
    if (method.find("exchange") != std::string_view::npos)
      steps = {ScriptStep::say(server.hello()), ScriptStep::answer(group), ScriptStep::answer(reply)};
    probing.peer(22, std::move(steps));
    const Answer answer = probing.ask("ssh", 22);
    REQUIRE(answer.outcome);
    CHECK(text(key_of(answer), "kex") == method);
    CHECK(proven(key_of(answer)));
  }
}

TEST_CASE("a host key whose signature is wrong is claimed, and not proven") {
  Probing probing;
  SshServer server;
  server.lies = true;
  probing.peer(22, serving(server));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK_FALSE(proven(key_of(answer)));
  CHECK(text(key_of(answer), "message") == "the signature is not one of this key over this key exchange");
  CHECK(text(key_of(answer), "fingerprint").starts_with("SHA256:"));
  CHECK_FALSE(key_of(answer).contains("error"));
}

TEST_CASE("a host key of another type than was agreed on is none") {
  Probing probing;
  SshServer server;
  server.other_key = SshServer::host_key("ssh-ed448");
  probing.peer(22, serving(server));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK_FALSE(proven(key_of(answer)));
  CHECK(text(key_of(answer), "error") == "protocol_error");
  CHECK(text(key_of(answer), "message") ==
        "tcp/10.0.0.1:22: the server gave a ssh-ed448 key where ssh-ed25519 was agreed on");
}

TEST_CASE("a server of SSH-1 alone says so and is asked no more") {
  Probing probing;
  probing.peer(22, {ScriptStep::say("SSH-1.5-1.2.27\n"), ScriptStep::hang()});
  probing.peer(23, {ScriptStep::say("SSH-3.1-x\n"), ScriptStep::hang()});
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(text(answer.fields, "protocol") == "1.5");
  CHECK(answer.fields.at("ssh1") == Value(true));
  CHECK_FALSE(answer.fields.contains("kex"));
  CHECK_FALSE(answer.fields.contains("host_keys"));
  CHECK(number(answer.fields, "connections") == 1);
  CHECK(probing.reason(probing.ask("ssh", 23)) == Reason::protocol_error);
}

TEST_CASE("a server of both versions is asked as one of SSH-2") {
  Probing probing;
  SshServer server;
  server.ident = "SSH-1.99-Cisco-1.25";
  probing.peer(22, serving(server));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(answer.fields.at("ssh1") == Value(true));
  CHECK(text(answer.fields, "software") == "Cisco-1.25");
  CHECK(proven(key_of(answer)));
}

TEST_CASE("one key exchange a type of host key, by its strongest signature") {
  Probing probing;
  SshServer server;
  server.offer.host_keys.names = {"ssh-rsa", "rsa-sha2-512", "sk-ssh-ed25519@openssh.com", "rsa-sha2-256",
                                  "ssh-ed25519"};
  probing.peer(22, serving(server));
  const Answer answer = probing.ask("ssh", 22, {{"timeout", 1}});
  REQUIRE(answer.outcome);
  REQUIRE(keys_of(answer).size() == 3);
  CHECK(text(key_of(answer), "type") == "ssh-rsa");
  CHECK(text(key_of(answer), "algorithm") == "rsa-sha2-512");
  CHECK(text(key_of(answer, 1), "algorithm") == "sk-ssh-ed25519@openssh.com");
  CHECK(unsupported(key_of(answer, 1)));
  CHECK_FALSE(unsupported(key_of(answer, 2)));
  CHECK(proven(key_of(answer, 2)));
  CHECK(number(answer.fields, "connections") == 2);
}

TEST_CASE("where no method of key exchange is spoken, the lists are still the answer") {
  Probing probing;
  SshServer server = two_keys();
  server.offer.kex.names = {"mlkem768x25519-sha256", "kex-strict-s-v00@openssh.com"};
  probing.peer(22, serving(server));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(answer.fields.at("kex").get_if<Value::Array>()->size() == 2);
  REQUIRE(keys_of(answer).size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(unsupported(key_of(answer, i)));
    CHECK(text(key_of(answer, i), "message") == "the server offers no method of key exchange that audit speaks");
  }
  CHECK(number(answer.fields, "connections") == 1);
}

TEST_CASE("host keys are left alone where nobody asks for them") {
  Probing probing;
  probing.peer(22, serving(two_keys()));
  const Answer answer = probing.ask("ssh", 22, {{"host_keys", false}});
  REQUIRE(answer.outcome);
  CHECK_FALSE(answer.fields.contains("host_keys"));
  CHECK(number(answer.fields, "connections") == 1);
  CHECK(answer.fields.contains("kex"));
}

TEST_CASE("who asks is said in the identification, in printable ASCII") {
  Probing probing;
  probing.identity.contact = "netsec@example.net, r\xc3\xa9seau\r\nX";
  probing.peer(22, serving(SshServer()));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(proven(key_of(answer)));
  const auto& sent = probing.world.sent();
  const auto said =
      std::find_if(sent.begin(), sent.end(), [](const auto& one) { return one.bytes.starts_with("SSH-"); });
  REQUIRE(said != sent.end());
  CHECK(said->bytes == "SSH-2.0-audit netsec@example.net, r??seau??X\r\n");
}

TEST_CASE("a wrong guess of the server's first packet is passed over") {
  Probing probing;
  SshServer server;
  server.offer.kex.names = {"mlkem768x25519-sha256", "curve25519-sha256"};
  server.offer.first_kex_packet_follows = true;
  const auto reply = [server](std::string_view heard) -> std::optional<std::string> {
    const std::optional<std::string> honest = server.reply(heard);
    if (!honest) return std::nullopt;
    return proto::encode_ssh_packet("\x1f guessed") + *honest;
  };
  probing.peer(22, {ScriptStep::say(server.hello()), ScriptStep::answer(reply), ScriptStep::hang()});
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(answer.fields.at("first_kex_packet_follows") == Value(true));
  CHECK(proven(key_of(answer)));
}

TEST_CASE("a server that waits for the client's KEXINIT is asked with one") {
  Probing probing;
  const SshServer server = two_keys();
  const auto wait = [server](std::string_view heard) -> std::optional<std::string> {
    if (SshServer::take_apart(heard).kexinit.empty()) return std::nullopt;
    return proto::encode_ssh_packet(server.kexinit());
  };
  const auto reply = [server](std::string_view heard) { return server.reply(heard); };
  probing.peer(22, {ScriptStep::say(server.ident + "\r\n"), ScriptStep::answer(wait), ScriptStep::answer(reply),
                    ScriptStep::hang()});
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  REQUIRE(keys_of(answer).size() == 2);
  CHECK(proven(key_of(answer, 0)));
  CHECK(proven(key_of(answer, 1)));
  CHECK(number(answer.fields, "connections") == 3);
}

TEST_CASE("a target that takes one conversation at a time still shows every host key") {
  TargetLimits limits;
  limits.per_target = 1;
  limits.gap = 1s;
  Probing probing({"10.0.0.1"}, limits);
  const SshServer server = two_keys();
  probing.peer(22, serving(server));
  const Answer answer = probing.ask("ssh", 22);
  REQUIRE(answer.outcome);
  CHECK(proven(key_of(answer, 0)));
  CHECK(proven(key_of(answer, 1)));
  CHECK(probing.world.now() - Instant(1h) >= 1s);
}
