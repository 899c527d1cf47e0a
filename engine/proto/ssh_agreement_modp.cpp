#include <stdexcept>

#include <fmt/format.h>

#include "proto/openssl_ptr.hpp"
#include "proto/ssh_agreement.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t secret_size = 64;  // 512 bits: twice the strength of the largest group (RFC 3526 8)
constexpr int least_bits = 512;
constexpr int most_bits = 8192;

void must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make a number of our own");
}

BignumPtr number_of(std::string_view magnitude) {
  BignumPtr number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(magnitude.data()), static_cast<int>(magnitude.size()), nullptr));
  must(number != nullptr);
  return number;
}

std::string mpint_of(const BIGNUM* number) {
  std::basic_string<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(number)), 0);
  BN_bn2bin(number, bytes.data());
  std::string magnitude;
  for (const unsigned char byte : bytes) magnitude += static_cast<char>(byte);
  return ssh_mpint(magnitude);
}

class ModpAgreement final : public SshAgreement {
 public:
  ModpAgreement(BignumPtr prime, const BIGNUM* generator, std::string_view random)
      : prime_(std::move(prime)), secret_(number_of(random.substr(0, secret_size))) {
    const int bits = std::min(BN_num_bits(prime_.get()) - 2, static_cast<int>(secret_size) * 8);
    BN_mask_bits(secret_.get(), bits);               // says false of a number that is short enough already
    must(BN_set_bit(secret_.get(), bits - 1) == 1);  // never 0 or 1, whatever the random bytes are
    BN_set_flags(secret_.get(), BN_FLG_CONSTTIME);
    ours_ = mpint_of(power(generator).get());
  }

  const std::string& ours() const override { return ours_; }

  Result<std::string> shared(std::string_view theirs) const override {
    std::string field;
    put_ssh_string(field, theirs);
    SshCursor cursor(field);
    const std::string_view magnitude = cursor.magnitude();
    if (!cursor.good() || magnitude.size() > static_cast<std::size_t>(BN_num_bytes(prime_.get()))) return outside();
    const BignumPtr value = number_of(magnitude);
    const BignumPtr last(BN_dup(prime_.get()));
    must(last && BN_sub_word(last.get(), 1) == 1);
    if (BN_is_one(value.get()) == 1 || BN_cmp(value.get(), last.get()) >= 0) return outside();
    return mpint_of(power(value.get()).get());
  }

 private:
  static Error outside() {
    return {Reason::protocol_error, "the server's Diffie-Hellman value is not between 1 and the prime less 1"};
  }
  BignumPtr power(const BIGNUM* base) const {
    const BignumContextPtr context(BN_CTX_new());
    BignumPtr result(BN_new());
    must(context && result && BN_mod_exp(result.get(), base, secret_.get(), prime_.get(), context.get()) == 1);
    return result;
  }

  BignumPtr prime_;
  BignumPtr secret_;
  std::string ours_;
};

BignumPtr prime_of(unsigned group) {
  switch (group) {
    case 1: return BignumPtr(BN_get_rfc2409_prime_1024(nullptr));
    case 14: return BignumPtr(BN_get_rfc3526_prime_2048(nullptr));
    case 16: return BignumPtr(BN_get_rfc3526_prime_4096(nullptr));
    default: return BignumPtr(BN_get_rfc3526_prime_8192(nullptr));
  }
}

}  // namespace

std::unique_ptr<SshAgreement> make_modp_agreement(unsigned group, std::string_view random) {
  const BignumPtr generator(BN_new());
  BignumPtr prime = prime_of(group);
  must(prime && generator && BN_set_word(generator.get(), 2) == 1);
  return std::make_unique<ModpAgreement>(std::move(prime), generator.get(), random);
}

Result<std::unique_ptr<SshAgreement>> make_group_agreement(std::string_view prime, std::string_view generator,
                                                           std::string_view random) {
  const auto bits = static_cast<int>(magnitude_bits(prime));
  if (bits < least_bits || bits > most_bits)
    return Error(Reason::protocol_error,
                 fmt::format("the server's group has {} bits, where {} to {} are taken", bits, least_bits, most_bits));
  BignumPtr modulus = number_of(prime);
  const BignumPtr base = number_of(generator.substr(0, prime.size() + 1));
  const BignumPtr last(BN_dup(modulus.get()));
  must(last && BN_sub_word(last.get(), 1) == 1);
  if (BN_is_odd(modulus.get()) == 0) return Error(Reason::protocol_error, "the prime of the server's group is even");
  if (BN_is_zero(base.get()) == 1 || BN_is_one(base.get()) == 1 || BN_cmp(base.get(), last.get()) >= 0)
    return Error(Reason::protocol_error, "the generator of the server's group is not within it");
  std::unique_ptr<SshAgreement> agreement = std::make_unique<ModpAgreement>(std::move(modulus), base.get(), random);
  return agreement;
}

}  // namespace audit::proto
