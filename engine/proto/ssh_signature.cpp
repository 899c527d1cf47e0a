#include "proto/ssh_signature.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/openssl_ptr.hpp"
#include "proto/ssh_wire.hpp"

namespace audit::proto {
namespace {

constexpr std::uint32_t most_bits = 16'384;
constexpr std::uint32_t most_exponent_bits = 64;
constexpr std::size_t name_shown = 64;

enum class Form : std::uint8_t { bytes, two_mpints, two_halves };

struct Scheme {
  std::string_view name;
  std::string_view key_type;
  const char* kind;   // OpenSSL's name of the key's type
  const char* curve;  // and of its curve
  const EVP_MD* (*hash)();
  Form form;
};

const EVP_MD* none() { return nullptr; }

constexpr std::array schemes{
    Scheme{"ssh-rsa", "ssh-rsa", "RSA", nullptr, EVP_sha1, Form::bytes},
    Scheme{"rsa-sha2-256", "ssh-rsa", "RSA", nullptr, EVP_sha256, Form::bytes},
    Scheme{"rsa-sha2-512", "ssh-rsa", "RSA", nullptr, EVP_sha512, Form::bytes},
    Scheme{"ssh-dss", "ssh-dss", "DSA", nullptr, EVP_sha1, Form::two_halves},
    Scheme{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "EC", "P-256", EVP_sha256, Form::two_mpints},
    Scheme{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "EC", "P-384", EVP_sha384, Form::two_mpints},
    Scheme{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", "EC", "P-521", EVP_sha512, Form::two_mpints},
    Scheme{"ssh-ed25519", "ssh-ed25519", "ED25519", nullptr, none, Form::bytes},
    Scheme{"ssh-ed448", "ssh-ed448", "ED448", nullptr, none, Form::bytes},
};

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

BignumPtr number_of(std::string_view magnitude) {
  return BignumPtr(BN_bin2bn(octets(magnitude), static_cast<int>(magnitude.size()), nullptr));
}

KeyPtr build_key(const char* kind, OSSL_PARAM_BLD* parts) {
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(parts));
  EVP_PKEY* key = nullptr;
  if (!context || !params || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return KeyPtr(key);
}

/// A key of numbers: RSA or DSA.
KeyPtr number_key(const char* kind, SshCursor& cursor, std::initializer_list<const char*> names) {
  const ParamBuildPtr parts(OSSL_PARAM_BLD_new());
  std::vector<BignumPtr> numbers;
  for (const char* name : names) {
    const std::string_view magnitude = cursor.magnitude();
    const std::uint32_t most = std::string_view(name) == OSSL_PKEY_PARAM_RSA_E ? most_exponent_bits : most_bits;
    if (!parts || !cursor.good() || magnitude_bits(magnitude) > most) return nullptr;
    numbers.push_back(number_of(magnitude));
    if (!numbers.back() || OSSL_PARAM_BLD_push_BN(parts.get(), name, numbers.back().get()) != 1) return nullptr;
  }
  return build_key(kind, parts.get());
}

KeyPtr curve_key(const Scheme& scheme, SshCursor& cursor) {
  constexpr std::string_view before_curve = "ecdsa-sha2-";
  const bool named = scheme.key_type.substr(before_curve.size()) == cursor.string();
  const std::string_view point = cursor.string();
  const ParamBuildPtr parts(OSSL_PARAM_BLD_new());
  if (!parts || !named || !cursor.good() ||
      OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, scheme.curve, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return nullptr;
  return build_key("EC", parts.get());
}

KeyPtr read_key(const Scheme& scheme, std::string_view plain) {
  SshCursor cursor(plain);
  if (cursor.string() != scheme.key_type) return nullptr;
  const std::string_view kind = scheme.kind;
  if (kind == "RSA") return number_key(scheme.kind, cursor, {OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_N});
  if (kind == "DSA")
    return number_key(scheme.kind, cursor,
                      {OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY});
  if (kind == "EC") return curve_key(scheme, cursor);
  const std::string_view raw = cursor.string();
  return KeyPtr(EVP_PKEY_new_raw_public_key_ex(nullptr, scheme.kind, nullptr, octets(raw), raw.size()));
}

/// The two numbers of a DSA or ECDSA signature as OpenSSL takes them: DER. "" where they do not fit.
std::string der_of(std::string_view first, std::string_view second) {
  constexpr std::size_t longest = 66;
  constexpr std::size_t longest_short_form = 127;
  std::string body;
  for (const std::string_view number : {first, second}) {
    const std::string content = ssh_mpint(number);
    if (content.empty() || content.size() > longest + 1) return "";
    body += '\x02';
    body += static_cast<char>(content.size());
    body += content;
  }
  std::string der = "\x30";
  if (body.size() > longest_short_form) der += '\x81';
  der += static_cast<char>(body.size());
  return der + body;
}

std::string signature_as_openssl_takes_it(Form form, std::string_view blob) {
  constexpr std::size_t half = 20;  // RFC 4253 6.6: two 160-bit integers
  if (form == Form::bytes) return std::string(blob);
  if (form == Form::two_halves) return blob.size() == 2 * half ? der_of(blob.substr(0, half), blob.substr(half)) : "";
  SshCursor cursor(blob);
  const std::string_view first = cursor.magnitude();
  const std::string_view second = cursor.magnitude();
  return cursor.ended() ? der_of(first, second) : "";
}

Error unproven(std::string text) { return {Reason::protocol_error, std::move(text)}; }

Result<void> verify(const Scheme& scheme, std::string_view plain, std::string_view blob, std::string_view bytes) {
  const KeyPtr key = read_key(scheme, plain);
  if (!key) return unproven("the host key is not one that can be used, or is too large");
  std::string signature = signature_as_openssl_takes_it(scheme.form, blob);
  if (const auto whole = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
      std::string_view(scheme.kind) == "RSA" && !signature.empty() && signature.size() < whole)
    signature.insert(0, whole - signature.size(), '\0');  // some servers leave its leading zeros out
  const DigestContextPtr context(EVP_MD_CTX_new());
  const bool verified =
      !signature.empty() && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, scheme.hash(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(bytes), bytes.size()) == 1;
  if (!verified) return unproven("the signature is not one of this key over this key exchange");
  return {};
}

}  // namespace

Result<void> verify_ssh_signature(std::string_view plain, std::string_view algorithm, std::string_view signature,
                                  std::string_view signed_bytes) {
  SshCursor cursor(signature);
  const std::string_view named = cursor.string();
  const std::string_view blob = cursor.string();
  if (!cursor.ended()) return unproven("the signature is not a name and bytes");
  if (named != algorithm)
    return unproven(
        fmt::format("the signature is of `{}`, where {} was agreed on", visible(named, name_shown), algorithm));
  for (const Scheme& scheme : schemes) {
    if (scheme.name != algorithm) continue;
    Result<void> verified = verify(scheme, plain, blob, signed_bytes);
    ERR_clear_error();  // what OpenSSL thought of a hostile key is nobody else's error
    return verified;
  }
  return unproven(fmt::format("signatures of {} cannot be verified", visible(algorithm, name_shown)));
}

Result<void> verify_ssh_certificate(std::string_view blob, const SshCertificate& certificate) {
  // Everything before the signature is signed, and the signature is a string at the end.
  const std::size_t tail = 4 + certificate.ca_signature.size();
  if (blob.size() < tail) return unproven("the certificate is shorter than its signature");
  SshCursor cursor(certificate.ca_signature);
  const std::string_view named = cursor.string();
  const bool of_its_type = named == certificate.ca_type ||
                           (certificate.ca_type == "ssh-rsa" && (named == "rsa-sha2-256" || named == "rsa-sha2-512"));
  if (!of_its_type) return unproven("the certificate's signature is not of its authority's type");
  const Result<void> verified =
      verify_ssh_signature(certificate.ca_key, named, certificate.ca_signature, blob.substr(0, blob.size() - tail));
  if (!verified) return unproven("the certificate is not signed by the authority that it names");
  return {};
}

}  // namespace audit::proto
