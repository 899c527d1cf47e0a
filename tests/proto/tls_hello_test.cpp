#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "proto/tls_client_hello.hpp"
#include "proto/tls_names.hpp"
#include "proto/tls_server_hello.hpp"
#include "splits.hpp"

using namespace audit;
using namespace audit::proto;
using Step = ServerFlightReader::Step;
using Until = ServerFlightReader::Until;

namespace {

std::string raw(std::string_view hex) {
  std::string bytes;
  REQUIRE(from_hex(hex, bytes));
  return bytes;
}

std::string record(char type, std::string_view content) {
  std::string out{type, '\x03', '\x03'};
  out += static_cast<char>(content.size() >> 8);
  out += static_cast<char>(content.size() & 0xff);
  return out += content;
}

std::string message(char type, std::string_view body) {
  std::string out{type, static_cast<char>(body.size() >> 16)};
  out += static_cast<char>(body.size() >> 8 & 0xff);
  out += static_cast<char>(body.size() & 0xff);
  return out += body;
}

const std::string plain_random(32, 'r');
std::string retry_random() { return raw("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"); }

/// A ServerHello: version and the rest in hex, around the random.
std::string server_hello(std::string_view version, std::string_view rest, const std::string& random = plain_random) {
  return message(2, raw(version) + random + raw(rest));
}

std::string say(ServerFlightReader& reader) {
  const Step step = reader.feed("");
  if (step == Step::need_more) return "need more";
  if (step == Step::failed) return fmt::format("{}: {}", name_of(reader.error().reason), reader.error().message);
  std::string text;
  if (step == Step::alert)
    text = fmt::format("alert {} {}", reader.alert().level, alert_name(reader.alert().description));
  if (!reader.greeted()) return text;
  const ServerHello& hello = reader.hello();
  text += fmt::format("{} {} {}", version_name(hello.version), cipher_name(hello.cipher), hello.compression);
  if (hello.retry) text += " retry";
  if (hello.renegotiation_info) text += " reneg";
  if (hello.extended_master_secret) text += " ems";
  if (hello.downgrade) text += " downgrade";
  if (hello.group) text += " " + group_name(*hello.group);
  if (hello.explicit_curve) text += " explicit";
  if (hello.dh_bits != 0) text += fmt::format(" dh{}", hello.dh_bits);
  if (!hello.alpn.empty()) text += " alpn=" + hello.alpn;
  return text;
}

std::string read(std::string_view bytes, Until until = Until::hello) {
  if (bytes.size() < 3000)
    if (std::string differing = test::differing_split(
            bytes, [until] { return ServerFlightReader(until); }, say);
        !differing.empty())
      return differing;
  ServerFlightReader reader(until);
  reader.feed(bytes);
  return say(reader);
}

}  // namespace

TEST_CASE("a ClientHello of TLS 1.2 is written as RFC 5246 says") {
  ClientHello hello;
  hello.random = std::string(32, '\x11');
  hello.ciphers = {0xc02f, 0x0035};
  hello.compressions = {1, 0};
  hello.groups = {29};
  hello.signature_algorithms = {0x0401};
  hello.renegotiation_info = true;
  hello.extended_master_secret = true;
  hello.server_name = "a.b";
  hello.alpn = {"h2"};
  const Result<std::string> bytes = encode_client_hello(hello);
  REQUIRE(bytes);
  CHECK(to_hex(*bytes) ==
        "1603010068"
        "01000064"
        "0303"
        "1111111111111111111111111111111111111111111111111111111111111111"
        "00"
        "0004c02f0035"
        "020100"
        "0036"
        "0000"
        "0008"
        "0006000003612e62"
        "ff01"
        "0001"
        "00"
        "000a"
        "0004"
        "0002001d"
        "000b"
        "0004"
        "03000102"
        "000d"
        "0004"
        "00020401"
        "0010"
        "0005"
        "0003026832"
        "0017"
        "0000");
}

TEST_CASE("a ClientHello of TLS 1.3 may hold no key share, and one of SSLv3 no extension") {
  ClientHello hello;
  hello.random = std::string(32, '\x11');
  hello.session_id = std::string(32, '\x22');
  hello.ciphers = {0x1301};
  hello.supported_versions = {tls::v1_3};
  hello.key_shares.emplace();
  CHECK(to_hex(*encode_client_hello(hello))
            .ends_with("002b"
                       "0003"
                       "020304"
                       "0033"
                       "0002"
                       "0000"));
  hello.key_shares->push_back({29, std::string(32, '\x33')});
  CHECK(to_hex(*encode_client_hello(hello))
            .find("0033"
                  "0026"
                  "0024"
                  "001d"
                  "0020"
                  "3333") != std::string::npos);
  hello.extensions = false;
  hello.version = tls::ssl3;
  hello.record_version = tls::ssl3;
  hello.session_id.clear();
  CHECK(to_hex(*encode_client_hello(hello)) ==
        "160300002d"
        "01000029"
        "0300"
        "1111111111111111111111111111111111111111111111111111111111111111"
        "00"
        "00021301"
        "0100");
}

TEST_CASE("a ClientHello that the format cannot hold is refused") {
  ClientHello hello;
  CHECK_FALSE(encode_client_hello(hello));
  hello.random = std::string(32, 'x');
  CHECK(encode_client_hello(hello));
  hello.alpn = {std::string(256, 'a')};
  CHECK_FALSE(encode_client_hello(hello));
  hello.alpn.clear();
  hello.ciphers.assign(9'000, 1);
  CHECK_FALSE(encode_client_hello(hello));
  hello.ciphers.assign(400, 1);
  CHECK(encode_client_hello(hello));
  hello.server_name = std::string(70'000, 'a');
  CHECK_FALSE(encode_client_hello(hello));
}

TEST_CASE("a ServerHello says what the server chose") {
  CHECK(read(record(22, server_hello("0303",
                                     "00"
                                     "c02f"
                                     "00"))) == "TLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 0");
  CHECK(read(record(22, server_hello("0300", "20" + std::string(64, '7') +
                                                 "0005"
                                                 "01"))) == "SSLv3 TLS_RSA_WITH_RC4_128_SHA 1");
  CHECK(read(record(22, server_hello("0303",
                                     "00"
                                     "0035"
                                     "00"
                                     "0012"
                                     "ff01000100"
                                     "00170000"
                                     "00100005"
                                     "0003026832"))) == "TLSv1.2 TLS_RSA_WITH_AES_256_CBC_SHA 0 reneg ems alpn=h2");
  CHECK(read(record(22, server_hello("0303",
                                     "00"
                                     "1301"
                                     "00"
                                     "000e"
                                     "002b00020304"
                                     "00330004001d0000"))) == "TLSv1.3 TLS_AES_128_GCM_SHA256 0 x25519");
  CHECK(read(record(22, server_hello("0303",
                                     "00"
                                     "0035"
                                     "00",
                                     std::string(24, 'r') + "DOWNGRD\x01"))) ==
        "TLSv1.2 TLS_RSA_WITH_AES_256_CBC_SHA 0 downgrade");
}

TEST_CASE("a HelloRetryRequest names the group") {
  CHECK(read(record(22, server_hello("0303",
                                     "00"
                                     "1302"
                                     "00"
                                     "000c"
                                     "002b00020304"
                                     "003300020018",
                                     retry_random()))) == "TLSv1.3 TLS_AES_256_GCM_SHA384 0 retry secp384r1");
}

TEST_CASE("before TLS 1.3 the group stands in the key exchange") {
  const std::string certificate = message(11, std::string(1'500, 'c'));
  const std::string done = message(14, "");
  CHECK(read(record(22, server_hello("0303", "00c02f00") + certificate + message(12, raw("030017") + "\x41key") + done),
             Until::key_exchange) == "TLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 0 secp256r1");
  CHECK(read(record(22, server_hello("0301", "00c01400")) + record(22, certificate) +
                 record(22, message(12, raw("01ffff"))),
             Until::key_exchange) == "TLSv1 TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA 0 explicit");
  CHECK(read(record(22, server_hello("0303", "00009e00") + message(12, raw("0003"
                                                                           "00ffff"
                                                                           "000102"))),
             Until::key_exchange) == "TLSv1.2 TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 0 dh16");
  CHECK(read(record(22, server_hello("0303", "0000aa00") + message(12, raw("0002"
                                                                           "6869"
                                                                           "0002"
                                                                           "0101"
                                                                           "000102"))),
             Until::key_exchange) == "TLSv1.2 TLS_DHE_PSK_WITH_AES_128_GCM_SHA256 0 dh9");
  CHECK(read(record(22, server_hello("0303", "00003500") + certificate + done), Until::key_exchange) ==
        "TLSv1.2 TLS_RSA_WITH_AES_256_CBC_SHA 0");
  CHECK(read(record(22, server_hello("0303", "00c02f00") + certificate), Until::key_exchange) == "need more");
}

TEST_CASE("a message may lie across records, and records may come cut") {
  const std::string flight =
      server_hello("0303", "00c02f00") + message(11, std::string(600, 'c')) + message(12, raw("03001d") + "\x20key");
  std::string records;
  for (std::size_t at = 0; at < flight.size(); at += 7) records += record(22, flight.substr(at, 7));
  CHECK(read(records, Until::key_exchange) == "TLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 0 x25519");
}

TEST_CASE("an alert is an answer, before and within the handshake") {
  CHECK(read(record(21, raw("0228"))) == "alert 2 handshake_failure");
  CHECK(read(record(21, raw("0246"))) == "alert 2 protocol_version");
  CHECK(read(record(21, raw("02")) + record(21, raw("56"))) == "alert 2 inappropriate_fallback");
  CHECK(read(record(21, raw("0100"))) == "alert 1 close_notify");
  CHECK(read(record(21, raw("02c8"))) == "alert 2 alert 200");
  CHECK(read(record(22, server_hello("0303", "00c02f00")) + record(21, raw("0250")), Until::key_exchange) ==
        "alert 2 internal_errorTLSv1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 0");
}

TEST_CASE("a warning about the name is passed over, and is the answer where nothing follows") {
  const std::string warning = record(21, raw("0170"));
  CHECK(read(warning + record(22, server_hello("0303", "00003500"))) == "TLSv1.2 TLS_RSA_WITH_AES_256_CBC_SHA 0");
  CHECK(read(warning) == "need more");
  ServerFlightReader reader;
  reader.feed(warning);
  CHECK(reader.end() == Step::alert);
}

TEST_CASE("what is not TLS is a protocol_error that shows how it begins") {
  CHECK(read("HTTP/1.1 400 Bad Request\r\n\r\n") ==
        "protocol_error: the server answers with something that is not TLS; it begins: HTTP/");
  CHECK(read("220 mx.example ESMTP\r\n") ==
        "protocol_error: the server answers with something that is not TLS; it begins: 220 m");
  CHECK(read(raw("802e04000100")) == "protocol_error: the server answers in SSLv2");
  CHECK(read(raw("8003000001")) == "protocol_error: the server answers in SSLv2");
  CHECK(read(raw("1604000005")) ==
        "protocol_error: the server answers with something that is not TLS; it begins: \\x16\\x04\\x00\\x00\\x05");
  ServerFlightReader cut;
  cut.feed("no");
  CHECK(cut.end() == Step::failed);
  CHECK(cut.error().message == "the server answers with something that is not TLS; it begins: no");
}

TEST_CASE("records and messages of a wrong length are refused") {
  CHECK(read(raw("1603030000")) == "protocol_error: a TLS record of 0 bytes; 1 to 16384 are possible");
  CHECK(read(raw("1603034001")) == "protocol_error: a TLS record of 16385 bytes; 1 to 16384 are possible");
  CHECK(read(record(22, raw("02ffffff"))) ==
        "protocol_error: a TLS handshake message of 16777215 bytes; 16384 are read");
  CHECK(read(record(22, raw("02000000"))) == "protocol_error: a ServerHello whose lengths do not add up");
  CHECK(read(record(22, server_hello("0303", "21" + std::string(66, '0') + "003500"))) ==
        "protocol_error: a ServerHello whose lengths do not add up");
  CHECK(read(record(22, server_hello("0303",
                                     "00003500"
                                     "0005"
                                     "0017"))) == "protocol_error: a ServerHello whose lengths do not add up");
  CHECK(read(record(22, server_hello("0303",
                                     "00003500"
                                     "0008"
                                     "00170000"
                                     "00170000"))) == "protocol_error: a ServerHello whose lengths do not add up");
  CHECK(read(record(22, server_hello("0303", "00c02f00") + message(12, raw("03"))), Until::key_exchange) ==
        "protocol_error: a ServerKeyExchange whose lengths do not add up");
  CHECK(read(record(22, server_hello("0303", "00009e00") + message(12, raw("0002"
                                                                           "0000"))),
             Until::key_exchange) == "protocol_error: a ServerKeyExchange whose lengths do not add up");
}

TEST_CASE("messages out of their order are refused") {
  CHECK(read(record(22, message(11, "abc"))) ==
        "protocol_error: a TLS handshake message of type 11 before any ServerHello");
  CHECK(read(record(23, "abc")) == "protocol_error: a TLS record of type 23 where a ServerHello belongs");
  CHECK(read(record(20, "\x01")) == "protocol_error: a TLS record of type 20 where a ServerHello belongs");
  CHECK(read(record(22, server_hello("0303", "00c02f00") + message(20, "abc")), Until::key_exchange) ==
        "protocol_error: a TLS handshake message of type 20 in the server's first flight");
}

TEST_CASE("a chain of 16 MB and records without end are given up at the cap") {
  ServerFlightReader reader(Until::key_exchange);
  reader.feed(record(22, server_hello("0303", "00c02f00") + raw("0bffffff")));
  const std::string full = record(22, std::string(16'384, 'c'));
  std::size_t fed = 0;
  while (reader.feed(full) == Step::need_more) REQUIRE(++fed < 20);
  CHECK(reader.error().reason == Reason::truncated);
  ServerFlightReader small;
  std::size_t records = 0;
  while (small.feed(record(22, raw("00000000"))) == Step::need_more) REQUIRE(++records < 5'000);
  CHECK(small.error().message == "the server's first flight has more than 4096 records");
}

TEST_CASE("a server that closes is an eof that says whether it had begun") {
  ServerFlightReader silent;
  CHECK(silent.silent());
  CHECK(silent.end() == Step::failed);
  CHECK(silent.error().reason == Reason::eof);
  CHECK(silent.error().message == "the server closed the connection without a word of TLS");
  ServerFlightReader cut;
  cut.feed(record(22, server_hello("0303", "00c02f00")).substr(0, 20));
  CHECK(cut.end() == Step::failed);
  CHECK(cut.error().message == "the server closed the connection within its first flight");
}

TEST_CASE("the registry is sorted, and numbers without a name are shown as such") {
  const auto suites = cipher_suites();
  CHECK(suites.size() == 368);
  CHECK(std::is_sorted(suites.begin(), suites.end(), [](auto a, auto b) { return a.code < b.code; }));
  CHECK(cipher_name(0x0004) == "TLS_RSA_WITH_RC4_128_MD5");
  CHECK(cipher_name(0xcca8) == "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
  CHECK(cipher_name(0xfffe) == "0xfffe");
  CHECK(is_tls13_cipher(0x1305));
  CHECK_FALSE(is_tls13_cipher(0xc02f));
  CHECK(version_name(0x7f1c) == "0x7f1c");
  CHECK(group_name(0x11ec) == "X25519MLKEM768");
  CHECK(group_name(0x2a2a) == "0x2a2a");
  CHECK(key_exchange_of(0xc018).kind == KeyExchange::Kind::ecdhe);
  CHECK(key_exchange_of(0xc031).kind == KeyExchange::Kind::other);
  CHECK(key_exchange_of(0xc0aa).kind == KeyExchange::Kind::dhe);
}
