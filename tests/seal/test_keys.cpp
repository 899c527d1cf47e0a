#include "test_keys.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "proto/encoding.hpp"
#include "proto/ssh_wire.hpp"
#include "seal/armor.hpp"

namespace audit::seal {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  REQUIRE(from_hex(hex, bytes));
  return bytes;
}

}  // namespace

std::string test_seed() { return bytes_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"); }
std::string test_public() { return bytes_of("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"); }

std::string test_blob() {
  std::string blob;
  proto::put_ssh_string(blob, "ssh-ed25519");
  proto::put_ssh_string(blob, test_public());
  return blob;
}

std::string OpensshKey::bytes() const {
  std::string list;
  proto::put_ssh_number(list, first);
  proto::put_ssh_number(list, second);
  for (const std::string& field : {type, known, secret, comment}) proto::put_ssh_string(list, field);
  list += padding;
  std::string bytes = magic;
  for (const std::string& field : {cipher, std::string("none"), std::string()}) proto::put_ssh_string(bytes, field);
  proto::put_ssh_number(bytes, count);
  proto::put_ssh_string(bytes, outer);
  proto::put_ssh_string(bytes, list);
  return bytes + behind;
}

std::string OpensshKey::text() const { return armored(bytes(), "OPENSSH PRIVATE KEY"); }

std::string pem_private() { return armored(bytes_of("302e020100300506032b657004220420") + test_seed(), "PRIVATE KEY"); }

std::string pem_public() { return armored(bytes_of("302a300506032b6570032100") + test_public(), "PUBLIC KEY"); }

std::string public_line() {
  std::string digits(proto::base64_size(test_blob().size()), '\0');
  proto::write_base64(test_blob(), digits.data());
  return "ssh-ed25519 " + digits + " of a test";
}

}  // namespace audit::seal
