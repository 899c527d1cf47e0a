#include "proto/certificate.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <ctime>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "proto/certificate_parts.hpp"

namespace audit::proto {
namespace {

using Owned = std::unique_ptr<X509, OpensslFree<X509_free>>;

/// OpenSSL's queue of errors, which everything on its thread shares: empty before, and empty again after.
struct ErrorQueue {
  ErrorQueue() { ERR_clear_error(); }
  ~ErrorQueue() { ERR_clear_error(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
};

std::string sha1_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1) return {};
  return to_hex({reinterpret_cast<const char*>(digest.data()), length});
}

std::string serial_of(const X509* x509) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  const bool negative = (ASN1_STRING_type(serial) & V_ASN1_NEG) != 0;
  return (negative ? "-" : "") + to_hex(bytes_of(serial));
}

/// Both forms of a validity's end; a fault where the bytes are no time.
void read_time(const ASN1_TIME* time, std::string_view label, std::optional<std::int64_t>& number, std::string& text,
               Certificate& certificate) {
  using namespace std::chrono;
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    if (time != nullptr) text = visible(bytes_of(time));
    certificate.faults.push_back(fmt::format("{}: malformed", label));
    return;
  }
  const sys_days day(year(parts.tm_year + 1900) / month(static_cast<unsigned>(parts.tm_mon + 1)) /
                     std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  number = (sys_seconds(day) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec))
               .time_since_epoch()
               .count();
  text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void read_signature(X509* x509, Certificate& certificate) {
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, x509);
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  certificate.signature = nid == NID_undef ? dotted(object) : std::string(OBJ_nid2ln(nid));
  int hash = NID_undef;
  X509_get_signature_info(x509, &hash, nullptr, nullptr, nullptr);
  if (const EVP_MD* digest = hash == NID_undef ? nullptr : EVP_get_digestbynid(hash))
    for (const char* c = OBJ_nid2sn(EVP_MD_get_type(digest)); *c != '\0'; ++c)
      certificate.signature_hash += static_cast<char>(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
  if (X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(x509)) != 0)
    certificate.faults.emplace_back("signatureAlgorithm: differs from the one that is signed");
}

}  // namespace

Result<Certificate> parse_certificate(std::string_view der) {
  if (der.size() > certificate_bytes_max)
    return Error(Reason::truncated, fmt::format("a certificate of {} bytes: longer than {}, it was not read",
                                                der.size(), certificate_bytes_max));
  const ErrorQueue queue;
  const auto* const first = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* at = first;
  const Owned owned(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!owned) {
    const char* why = ERR_reason_error_string(ERR_peek_error());
    return Error(Reason::protocol_error,
                 fmt::format("{} bytes that OpenSSL reads no X.509 certificate from{}{}", der.size(),
                             why == nullptr ? "" : ": ", why == nullptr ? "" : why));
  }
  X509* x509 = owned.get();
  Certificate certificate;
  const std::string_view own_bytes = der.substr(0, static_cast<std::size_t>(at - first));
  if (own_bytes.size() < der.size())
    certificate.faults.push_back(fmt::format("{} bytes stand behind the certificate", der.size() - own_bytes.size()));
  certificate.version = std::int64_t{X509_get_version(x509)} + 1;
  certificate.subject = distinguished_name(X509_get_subject_name(x509));
  certificate.issuer = distinguished_name(X509_get_issuer_name(x509));
  certificate.common_names = common_names(X509_get_subject_name(x509));
  certificate.serial = serial_of(x509);
  read_time(X509_get0_notBefore(x509), "notBefore", certificate.not_before, certificate.not_before_text, certificate);
  read_time(X509_get0_notAfter(x509), "notAfter", certificate.not_after, certificate.not_after_text, certificate);
  certificate.fingerprint_sha256 = sha256_hex(own_bytes);
  certificate.fingerprint_sha1 = sha1_hex(own_bytes);
  certificate.self_issued = X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
  read_signature(x509, certificate);
  read_key(x509, certificate);
  read_extensions(x509, certificate);
  return certificate;
}

}  // namespace audit::proto
