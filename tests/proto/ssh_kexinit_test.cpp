#include "proto/ssh_kexinit.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "proto/ssh_wire.hpp"
#include "ssh_server.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

/// A KEXINIT whose kex_algorithms are these bytes.
std::string with_kex(std::string_view names) {
  const std::string honest = test::SshServer().kexinit();
  SshCursor cursor(honest);
  std::string payload(cursor.raw(17));
  put_ssh_string(payload, names);
  static_cast<void>(cursor.string());
  return payload.append(cursor.rest());
}

SshNameList kex_of(std::string_view names) {
  const Result<SshKexInit> message = parse_ssh_kexinit(with_kex(names));
  REQUIRE(message);
  return message->kex;
}

std::string mistake(std::string_view payload) {
  const Result<SshKexInit> message = parse_ssh_kexinit(payload);
  if (message) return "";
  CHECK(message.error().reason == Reason::protocol_error);
  return message.error().message;
}

}  // namespace

TEST_CASE("a KEXINIT is what was put into it") {
  SshKexInit message = test::SshServer().offer;
  message.languages_to_client.names = {"en"};
  message.first_kex_packet_follows = true;
  const Result<SshKexInit> read = parse_ssh_kexinit(encode_ssh_kexinit(message));
  REQUIRE(read);
  CHECK(read->cookie == message.cookie);
  CHECK(read->kex.names == message.kex.names);
  CHECK(read->host_keys.names == message.host_keys.names);
  CHECK(read->ciphers_to_server.names == std::vector<std::string>{"aes256-ctr", "aes128-ctr"});
  CHECK(read->ciphers_to_client.names == std::vector<std::string>{"aes128-ctr"});
  CHECK(read->macs_to_server.names == std::vector<std::string>{"hmac-sha2-256"});
  CHECK(read->macs_to_client.names == std::vector<std::string>{"hmac-sha1"});
  CHECK(read->compression_to_server.names == std::vector<std::string>{"none"});
  CHECK(read->compression_to_client.names == std::vector<std::string>{"none", "zlib"});
  CHECK(read->languages_to_server.names.empty());
  CHECK(read->languages_to_client.names == std::vector<std::string>{"en"});
  CHECK(read->first_kex_packet_follows);
  CHECK(read->kex.holds("curve25519-sha256"));
  CHECK_FALSE(read->kex.holds("curve25519"));
}

TEST_CASE("a KEXINIT that is cut anywhere is refused, and so is one with bytes too many") {
  const std::string honest = test::SshServer().kexinit();
  for (std::size_t size = 0; size < honest.size(); ++size) REQUIRE_FALSE(mistake(honest.substr(0, size)).empty());
  CHECK(mistake(honest + "x") == "KEXINIT has 1 bytes too many");
  CHECK(mistake("\x15") == "SSH message 21 where KEXINIT was due");
  CHECK(mistake(honest.substr(0, 30)) == "kex_algorithms of KEXINIT does not fit in its message");
}

TEST_CASE("names that are none are counted") {
  CHECK(kex_of("").names.empty());
  CHECK(kex_of("").empty == 0);
  const SshNameList gaps = kex_of(",a,,b,");
  CHECK(gaps.names == std::vector<std::string>{"a", "b"});
  CHECK(gaps.empty == 3);
  CHECK(kex_of(",").empty == 2);
  const SshNameList odd = kex_of("a b,c\x1b[31m,\xff,ok," + std::string(65, 'x'));
  CHECK(odd.names.size() == 5);
  CHECK(odd.foreign == 3);
  CHECK(odd.overlong == 1);
  CHECK(kex_of(std::string(64, 'x')).overlong == 0);
}

TEST_CASE("of a huge name-list 512 names are kept and the others counted") {
  std::string names = "a";
  for (int i = 1; i < 17'000; ++i) names += ",a";
  const SshNameList list = kex_of(names);
  CHECK(list.names.size() == 512);
  CHECK(list.left_out == 17'000 - 512);
  const SshNameList commas = kex_of(std::string(34'000, ','));
  CHECK(commas.names.empty());
  CHECK(commas.empty == 34'001);
}

TEST_CASE("a mutated KEXINIT is read or refused") {
  const std::string honest = test::SshServer().kexinit();
  std::mt19937 random(9);
  std::size_t refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = honest;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    refused += parse_ssh_kexinit(bytes) ? 0 : 1;
  }
  CHECK(refused > 100);
}
