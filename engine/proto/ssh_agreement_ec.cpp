#include <openssl/obj_mac.h>

#include <array>
#include <stdexcept>

#include "proto/openssl_ptr.hpp"
#include "proto/ssh_agreement.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::proto {
namespace {

using Octets = std::basic_string<unsigned char>;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string as_string(const Octets& bytes) {
  std::string copy;
  for (const unsigned char byte : bytes) copy += static_cast<char>(byte);
  return copy;
}

void must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make a key of our own");
}

class X25519Agreement final : public SshAgreement {
 public:
  explicit X25519Agreement(std::string_view random)
      : key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, octets(random), size)) {
    Octets bytes(size, 0);
    std::size_t length = size;
    must(key_ != nullptr && EVP_PKEY_get_raw_public_key(key_.get(), bytes.data(), &length) == 1);
    ours_ = as_string(bytes);
  }

  const std::string& ours() const override { return ours_; }

  Result<std::string> shared(std::string_view theirs) const override {
    if (theirs.size() != size) return Error(Reason::protocol_error, "the server's X25519 value is not of 32 bytes");
    const KeyPtr peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets(theirs), theirs.size()));
    const KeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    Octets secret(size, 0);
    std::size_t length = size;
    const bool derived = peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                         EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                         EVP_PKEY_derive(context.get(), secret.data(), &length) == 1;
    if (!derived) return Error(Reason::protocol_error, "the server's X25519 value gives no shared secret");
    return ssh_mpint(as_string(secret));
  }

 private:
  static constexpr std::size_t size = 32;
  KeyPtr key_;
  std::string ours_;
};

int curve_of(unsigned bits) {
  switch (bits) {
    case 256: return NID_X9_62_prime256v1;
    case 384: return NID_secp384r1;
    default: return NID_secp521r1;
  }
}

class EcdhAgreement final : public SshAgreement {
 public:
  EcdhAgreement(unsigned curve_bits, std::string_view random)
      : group_(EC_GROUP_new_by_curve_name(curve_of(curve_bits))),
        secret_(BN_bin2bn(octets(random), static_cast<int>(random.size()), nullptr)) {
    const BignumContextPtr context(BN_CTX_new());
    must(group_ && secret_ && context);
    const BignumPtr range(BN_dup(EC_GROUP_get0_order(group_.get())));
    const EcPointPtr point(EC_POINT_new(group_.get()));
    must(range && point && BN_sub_word(range.get(), 1) == 1 &&
         BN_nnmod(secret_.get(), secret_.get(), range.get(), context.get()) == 1 &&
         BN_add_word(secret_.get(), 1) == 1 &&
         EC_POINT_mul(group_.get(), point.get(), secret_.get(), nullptr, nullptr, context.get()) == 1);
    constexpr std::size_t longest = 1 + 2 * 66;
    Octets bytes(longest, 0);
    bytes.resize(EC_POINT_point2oct(group_.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(), longest,
                                    context.get()));
    must(!bytes.empty());
    ours_ = as_string(bytes);
  }

  const std::string& ours() const override { return ours_; }

  Result<std::string> shared(std::string_view theirs) const override {
    const BignumContextPtr context(BN_CTX_new());
    const EcPointPtr point(EC_POINT_new(group_.get()));
    const BignumPtr x(BN_new());
    must(context && point && x);
    const bool on_curve =
        EC_POINT_oct2point(group_.get(), point.get(), octets(theirs), theirs.size(), context.get()) == 1 &&
        EC_POINT_is_at_infinity(group_.get(), point.get()) == 0;
    if (!on_curve) return Error(Reason::protocol_error, "the server's ECDH value is not on its curve");
    must(EC_POINT_mul(group_.get(), point.get(), nullptr, point.get(), secret_.get(), context.get()) == 1 &&
         EC_POINT_get_affine_coordinates(group_.get(), point.get(), x.get(), nullptr, context.get()) == 1);
    Octets bytes(static_cast<std::size_t>(BN_num_bytes(x.get())), 0);
    BN_bn2bin(x.get(), bytes.data());
    return ssh_mpint(as_string(bytes));
  }

 private:
  EcGroupPtr group_;
  BignumPtr secret_;
  std::string ours_;
};

}  // namespace

std::unique_ptr<SshAgreement> make_x25519_agreement(std::string_view random) {
  return std::make_unique<X25519Agreement>(random);
}

std::unique_ptr<SshAgreement> make_ecdh_agreement(unsigned curve_bits, std::string_view random) {
  return std::make_unique<EcdhAgreement>(curve_bits, random);
}

}  // namespace audit::proto
