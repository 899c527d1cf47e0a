#include "proto/ssh_host_key.hpp"

#include <catch2/catch.hpp>

#include <random>

#include <fmt/format.h>

#include "proto/ssh_wire.hpp"
#include "ssh_samples.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test::ssh_samples;

namespace {

std::string say(std::string_view blob) {
  const Result<SshHostKey> key = parse_ssh_host_key(blob);
  if (!key) return fmt::format("{}: {}", name_of(key.error().reason), key.error().message);
  return fmt::format("{} {} {} {}", key->type, key->bits, ssh_sha256_fingerprint(key->plain),
                     ssh_md5_fingerprint(key->plain));
}

}  // namespace

TEST_CASE("a host key's type, bits and fingerprints are those that ssh-keygen -l prints") {
  CHECK(say(bytes(rsa_key)) ==
        "ssh-rsa 1024 SHA256:1iINUqNi9aAo6pk5SwbnmimDvoi3gdrBe6IraPLWkTE "
        "MD5:cc:bc:94:2e:e1:d8:35:4c:51:8b:78:02:ec:5b:24:88");
  CHECK(say(bytes(dsa_key)) ==
        "ssh-dss 1024 SHA256:c5XUs0wSFQaK0hmQLPEstKX1N/gm+N5SxkwnCZbrDWY "
        "MD5:82:26:b9:37:c9:15:5b:2f:02:20:6c:9a:99:6c:cd:33");
  CHECK(say(bytes(nistp256_key)) ==
        "ecdsa-sha2-nistp256 256 SHA256:7VW+HSe2fftekwjPWqTOrLUl4CuoBTdJCSBE50plDjo "
        "MD5:63:49:06:1e:7c:d2:01:14:c3:67:32:0d:99:54:21:33");
  CHECK(say(bytes(nistp384_key)) ==
        "ecdsa-sha2-nistp384 384 SHA256:HsoQVkA7eEJcMI2MYjqzlFYStZmGz6WP//2p+Pvf2Io "
        "MD5:2a:b3:1a:97:eb:c5:67:d0:5d:d4:9c:74:cb:22:d1:75");
  CHECK(say(bytes(nistp521_key)) ==
        "ecdsa-sha2-nistp521 521 SHA256:QVlvPD5HIOjGSstAcL/SMfIRVh1yUgsMopIsJNRockE "
        "MD5:2c:f8:e4:66:73:be:88:c9:d0:f0:c1:34:23:7a:56:8a");
  CHECK(say(bytes(ed25519_key)) ==
        "ssh-ed25519 256 SHA256:9QB1re1o8x4U7H5aM0oPm4wWGqLBT/Mit8nxnD72+Y4 "
        "MD5:0e:24:e8:42:6f:6e:f3:b3:61:6c:65:20:bf:c0:b3:fa");
  CHECK(say(bytes(ed448_key)).starts_with("ssh-ed448 448 SHA256:"));
}

TEST_CASE("of a certificate the key inside and the authority are read") {
  const Result<SshHostKey> key = parse_ssh_host_key(bytes(rsa_certificate));
  REQUIRE(key);
  CHECK(key->type == "ssh-rsa-cert-v01@openssh.com");
  CHECK(key->plain_type == "ssh-rsa");
  CHECK(key->plain == bytes(rsa_key));
  CHECK(key->bits == 1024);
  REQUIRE(key->certificate);
  CHECK(key->certificate->serial == 17);
  CHECK(key->certificate->kind == 2);
  CHECK(key->certificate->key_id == "host id");
  CHECK(key->certificate->principals == std::vector<std::string>{"a.example", "b.example"});
  CHECK(key->certificate->valid_after == 1'767'225'600);   // 2026-01-01
  CHECK(key->certificate->valid_before == 1'798'761'600);  // 2027-01-01
  CHECK(key->certificate->ca_type == "ssh-ed25519");
  CHECK(key->certificate->ca_bits == 256);
  CHECK(ssh_sha256_fingerprint(key->certificate->ca_key) == "SHA256:UBUAb7D5cB2fcRI3Ptvqvf76kOA6icKS8ZSwVyYK50s");
  const Result<SshHostKey> other = parse_ssh_host_key(bytes(nistp256_certificate));
  REQUIRE(other);
  CHECK(other->plain == bytes(nistp256_key));
  CHECK(other->certificate->principals.empty());
  CHECK(other->certificate->valid_before == ~std::uint64_t{0});
  CHECK(other->certificate->ca_key == bytes(rsa_key));
}

TEST_CASE("a host key that is cut anywhere, or has bytes too many, is refused") {
  for (const std::string_view sample : {rsa_key, dsa_key, nistp521_key, ed25519_key, rsa_certificate}) {
    const std::string blob = bytes(sample);
    for (std::size_t size = 0; size < blob.size(); ++size)
      REQUIRE(say(std::string_view(blob).substr(0, size)).starts_with("protocol_error: "));
    CHECK(say(blob + "x").starts_with("protocol_error: the ssh-") != (sample == nistp521_key));
    CHECK(say(blob + "x").starts_with("protocol_error: "));
  }
}

TEST_CASE("a host key of another type or curve is refused, and its type is made safe to show") {
  std::string blob;
  put_ssh_string(blob, "x509v3-\x1b[31m");
  CHECK(say(blob) == "protocol_error: a host key of unknown type `x509v3-\\x1b[31m`");
  std::string certificate;
  put_ssh_string(certificate, "-cert-v01@openssh.com");
  CHECK(say(certificate) == "protocol_error: a host key of unknown type `-cert-v01@openssh.com`");
  std::string curve;
  put_ssh_string(curve, "ecdsa-sha2-nistp384");
  put_ssh_string(curve, "nistp256");
  put_ssh_string(curve, "point");
  CHECK(say(curve) == "protocol_error: the ecdsa-sha2-nistp384 key does not hold the fields of its type");
  std::string negative;
  put_ssh_string(negative, "ssh-rsa");
  put_ssh_string(negative, "\x03");
  put_ssh_string(negative, "\xff\xff");
  CHECK(say(negative) == "protocol_error: the ssh-rsa key does not hold the fields of its type");
}

TEST_CASE("of a certificate's principals 64 are kept and the others counted") {
  const std::string honest = bytes(rsa_certificate);
  std::string principals;
  for (int i = 0; i < 100; ++i) put_ssh_string(principals, "p");
  std::string old;
  put_ssh_string(old, "a.example");
  put_ssh_string(old, "b.example");
  std::string field;
  put_ssh_string(field, principals);
  std::string old_field;
  put_ssh_string(old_field, old);
  std::string blob = honest;
  blob.replace(blob.find(old_field), old_field.size(), field);
  const Result<SshHostKey> key = parse_ssh_host_key(blob);
  REQUIRE(key);
  CHECK(key->certificate->principals.size() == 64);
  CHECK(key->certificate->principals_left_out == 36);
}

TEST_CASE("every algorithm of a host key has the type of its blob and the name of its signature") {
  CHECK(find_ssh_host_key_algorithm("rsa-sha2-256")->key_type == "ssh-rsa");
  CHECK(find_ssh_host_key_algorithm("rsa-sha2-512-cert-v01@openssh.com")->key_type == "ssh-rsa-cert-v01@openssh.com");
  CHECK(find_ssh_host_key_algorithm("rsa-sha2-512-cert-v01@openssh.com")->signature == "rsa-sha2-512");
  CHECK(find_ssh_host_key_algorithm("ssh-ed25519-cert-v01@openssh.com")->signature == "ssh-ed25519");
  CHECK(find_ssh_host_key_algorithm("sk-ssh-ed25519@openssh.com") == nullptr);
}
