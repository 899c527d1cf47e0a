#include "proto/certificate.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <openssl/err.h>

#include "../source_dir.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

/// The seeds of the fuzz target: made by `openssl ca`, valid from 2026-01-02T03:04:05Z.
std::string der(std::string_view name) {
  std::ifstream file(fmt::format("{}/tests/fuzz/corpus/certificate/{}", test::source_dir(), name), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(bytes.size() > 100);
  return bytes;
}

Certificate read(std::string_view name) {
  Result<Certificate> read = parse_certificate(der(name));
  REQUIRE(read);
  return std::move(*read);
}

std::string replaced(std::string bytes, std::string_view from, std::string_view to) {
  const std::size_t at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  return bytes.replace(at, from.size(), to);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "|") + text;
  return out;
}

std::string key_of(std::string_view name) {
  const Certificate certificate = read(name);
  return fmt::format("{} {} {} {} {}{}", certificate.key_type, certificate.key_bits, certificate.curve,
                     certificate.signature, certificate.signature_hash, certificate.self_signed ? " self-signed" : "");
}

}  // namespace

TEST_CASE("a certificate is read as `openssl x509` prints it") {
  const Certificate rsa = read("rsa");
  CHECK(rsa.version == 3);
  CHECK(rsa.subject == "CN=www.example.net,OU=Zürich \\+ Nord,O=Acme\\, Inc.,C=DE");
  CHECK(rsa.issuer == rsa.subject);
  CHECK(joined(rsa.common_names) == "www.example.net");
  CHECK(rsa.serial == "0abc");
  CHECK(rsa.not_before == 1767323045);
  CHECK(rsa.not_before_text == "2026-01-02T03:04:05Z");
  CHECK(rsa.not_after == 1798859045);
  CHECK(rsa.not_after_text == "2027-01-02T03:04:05Z");
  CHECK(rsa.fingerprint_sha256 == "9a934989db5d62cac977e5265b3374a8a21fd8d71839f417a5c60b486d1317a9");
  CHECK(rsa.fingerprint_sha1 == "0edbe7b0fe0403f463b5c1fa21dcad85d7a56cab");
  CHECK(rsa.key_sha256 == "5f268fac914570ad7cd61fd881baa9325907f9b5d35d3f234b09354d16cb6191");
  CHECK_FALSE(rsa.is_ca);
  CHECK_FALSE(rsa.path_length);
  CHECK(joined(rsa.key_usage) == "digitalSignature|keyEncipherment");
  CHECK(joined(rsa.extended_key_usage) == "serverAuth|clientAuth|1.3.6.1.4.1.99999.1");
  CHECK(joined(rsa.ocsp_urls) == "http://ocsp.example.net/");
  CHECK(joined(rsa.issuer_urls) == "http://ca.example.net/ca.der");
  CHECK(joined(rsa.crl_urls) == "http://crl.example.net/a.crl");
  CHECK(rsa.must_staple);
  CHECK(rsa.self_issued);
  CHECK(joined(rsa.faults).empty());
}

TEST_CASE("every kind of alternative name has its type and text") {
  std::vector<std::string> names;
  for (const AltName& name : read("rsa").alt_names) names.push_back(name.type + " " + name.text);
  CHECK(joined(names) ==
        "dns www.example.net|dns *.example.net|ip 192.0.2.7|ip 2001:db8::7|email ops@example.net|"
        "uri https://example.net/x|rid 1.2.3.4|other 1.3.6.1.4.1.311.20.2.3:0c1075736572406578616d706c652e6e6574|"
        "dirname CN=dir,O=Other");
}

TEST_CASE("every kind of key is named, with its bits and curve") {
  CHECK(key_of("rsa") == "rsa 2048  sha256WithRSAEncryption sha256 self-signed");
  CHECK(key_of("rsa_pss") == "rsa-pss 1024  rsassaPss sha256 self-signed");
  CHECK(key_of("pss_sig") == "rsa 1024  rsassaPss sha384 self-signed");
  CHECK(key_of("ecdsa_ca") == "ecdsa 256 secp256r1 ecdsa-with-SHA384 sha384 self-signed");
  CHECK(key_of("p384") == "ecdsa 384 secp384r1 ecdsa-with-SHA1 sha1 self-signed");
  CHECK(key_of("p521") == "ecdsa 521 secp521r1 ecdsa-with-SHA256 sha256 self-signed");
  CHECK(key_of("brainpool") == "ecdsa 256 brainpoolP256r1 ecdsa-with-SHA256 sha256 self-signed");
  CHECK(key_of("explicit") == "ecdsa 256 explicit ecdsa-with-SHA256 sha256 self-signed");
  CHECK(key_of("ed25519") == "ed25519 256  ED25519  self-signed");
  CHECK(key_of("ed448") == "ed448 456  ED448  self-signed");
  CHECK(key_of("dsa") == "dsa 1024  dsa_with_SHA256 sha256 self-signed");
  CHECK(key_of("x25519_issued") == "x25519 256  ecdsa-with-SHA256 sha256");
}

TEST_CASE("an authority's constraints and an old version are read") {
  const Certificate ca = read("ecdsa_ca");
  CHECK(ca.is_ca);
  CHECK(ca.path_length == 0);
  CHECK(joined(ca.key_usage) == "keyCertSign|cRLSign");
  const Certificate v1 = read("x25519_issued");
  CHECK(v1.version == 1);
  CHECK(v1.serial == "-ff");
  CHECK_FALSE(v1.self_issued);
  CHECK(v1.issuer == "CN=ca");
}

TEST_CASE("a NUL or a control in a name is escaped and cuts nothing off") {
  const Certificate hostile = read("hostile");
  CHECK(hostile.subject == "CN=\\<b\\>=\\1B#,CN=www.good.example\\00.evil.example");
  CHECK(joined(hostile.common_names) == "www.good.example\\x00.evil.example|<b>=\\x1b#");
  REQUIRE(hostile.alt_names.size() == 1);
  CHECK(hostile.alt_names[0].text == "www.good.example\\x00.evil.example");
}

TEST_CASE("a name that is no text is dumped, and one that claims to be UTF-8 and is not is refused") {
  const std::string bytes = der("rsa");
  const Result<Certificate> broken = parse_certificate(replaced(bytes, "Z\xc3\xbcrich", "Z\xff\xe2rich"));
  REQUIRE_FALSE(broken);
  CHECK(broken.error().reason == Reason::protocol_error);
  const Result<Certificate> dumped =
      parse_certificate(replaced(bytes, "\x0c\x0fwww.", std::string_view("\x03\x0f\0ww.", 6)));
  REQUIRE(dumped);
  CHECK(dumped->issuer.starts_with("CN=#030f0077772e6578616d706c652e6e6574,"));
  const Result<Certificate> unknown =
      parse_certificate(replaced(bytes, "\x06\x03\x55\x04\x03", "\x06\x03\x55\x04\x7f"));
  REQUIRE(unknown);
  CHECK(unknown->issuer.starts_with("2.5.4.127=#0c0f7777772e"));
}

TEST_CASE("what is wrong inside a certificate is a fault of it, and the rest is read") {
  const std::string bytes = der("rsa");
  const Result<Certificate> names =
      parse_certificate(replaced(bytes, "\x82\x0fwww.example.net", "\x82\x7fwww.example.net"));
  REQUIRE(names);
  CHECK(joined(names->faults) == "subjectAltName: malformed");
  CHECK(names->must_staple);
  CHECK_FALSE(names->self_signed);
  const Result<Certificate> late = parse_certificate(replaced(bytes, "270102030405Z", "279902030405Z"));
  REQUIRE(late);
  CHECK_FALSE(late->not_after);
  CHECK(late->not_after_text == "279902030405Z");
  CHECK(joined(late->faults) == "notAfter: malformed");
  const Result<Certificate> twice = parse_certificate(replaced(bytes, "\x55\x1d\x0f", "\x55\x1d\x13"));
  REQUIRE(twice);
  CHECK(joined(twice->faults) == "basicConstraints: stands there more than once");
  const Result<Certificate> behind = parse_certificate(bytes + "abc");
  REQUIRE(behind);
  CHECK(joined(behind->faults) == "3 bytes stand behind the certificate");
  CHECK(behind->fingerprint_sha256 == read("rsa").fingerprint_sha256);
  const Result<Certificate> key =
      parse_certificate(replaced(der("ed25519"), "\x2b\x65\x70\x03\x21", "\x2b\x65\x7f\x03\x21"));
  REQUIRE(key);
  CHECK(key->key_type == "1.3.101.127");
  CHECK(joined(key->faults) == "subjectPublicKeyInfo: the key cannot be read");
}

TEST_CASE("what is no certificate, a part of one, or too long is an error") {
  const std::string bytes = der("rsa");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Result<Certificate> cut = parse_certificate(std::string_view(bytes).substr(0, length));
    REQUIRE_FALSE(cut);
    REQUIRE(cut.error().reason == Reason::protocol_error);
  }
  CHECK(parse_certificate("-----BEGIN CERTIFICATE-----").error().message ==
        "27 bytes that OpenSSL reads no X.509 certificate from: too long");
  const Result<Certificate> longest = parse_certificate(bytes + std::string(certificate_bytes_max, 'x'));
  CHECK(longest.error().reason == Reason::truncated);
}

TEST_CASE("reading leaves no error behind in OpenSSL's queue") {
  CHECK_FALSE(parse_certificate("no"));
  CHECK(ERR_peek_error() == 0);
}
