#include <fmt/format.h>

#include <array>

#include "base/address.hpp"
#include "base/text.hpp"
#include "proto/certificate_parts.hpp"

namespace audit::proto {
namespace {

using BasicConstraints = std::unique_ptr<BASIC_CONSTRAINTS, OpensslFree<BASIC_CONSTRAINTS_free>>;
using BitString = std::unique_ptr<ASN1_BIT_STRING, OpensslFree<ASN1_BIT_STRING_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using ExtendedKeyUsage = std::unique_ptr<EXTENDED_KEY_USAGE, OpensslFree<EXTENDED_KEY_USAGE_free>>;
using InfoAccess = std::unique_ptr<AUTHORITY_INFO_ACCESS, OpensslFree<AUTHORITY_INFO_ACCESS_free>>;
using CrlPoints = std::unique_ptr<CRL_DIST_POINTS, OpensslFree<CRL_DIST_POINTS_free>>;
using TlsFeature = std::unique_ptr<TLS_FEATURE, OpensslFree<TLS_FEATURE_free>>;

/// The extension `nid`, decoded; null where there is none, or a fault says why it cannot be read.
template <class Owned>
Owned decoded(const X509* x509, int nid, Certificate& certificate) {
  constexpr int absent = -1;
  constexpr int twice = -2;
  int critical = 0;
  Owned owned(static_cast<typename Owned::pointer>(X509_get_ext_d2i(x509, nid, &critical, nullptr)));
  if (!owned && critical != absent)
    certificate.faults.push_back(
        fmt::format("{}: {}", OBJ_nid2sn(nid), critical == twice ? "stands there more than once" : "malformed"));
  return owned;
}

std::string ip_text(std::string_view bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return to_hex(bytes);
  IpAddress address;
  if (bytes.size() == address.bytes.size()) address.family = Family::v6;
  for (std::size_t i = 0; i < bytes.size(); ++i) address.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
  return format_address(address);
}

std::string other_text(const OTHERNAME* other) {
  const ASN1_TYPE* value = other->value;
  const std::string der = value == nullptr ? std::string() : encoded(*value);
  return fmt::format("{}:{}", dotted(other->type_id), to_hex(der));
}

AltName alt_name(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS: return {"dns", visible(bytes_of(name->d.dNSName))};
    case GEN_IPADD: return {"ip", ip_text(bytes_of(name->d.iPAddress))};
    case GEN_EMAIL: return {"email", visible(bytes_of(name->d.rfc822Name))};
    case GEN_URI: return {"uri", visible(bytes_of(name->d.uniformResourceIdentifier))};
    case GEN_DIRNAME: return {"dirname", distinguished_name(name->d.directoryName)};
    case GEN_RID: return {"rid", dotted(name->d.registeredID)};
    case GEN_OTHERNAME: return {"other", other_text(name->d.otherName)};
    default: return {"other", ""};  // x400Address and ediPartyName, which nothing uses
  }
}

void read_alt_names(const X509* x509, Certificate& certificate) {
  const auto names = decoded<GeneralNames>(x509, NID_subject_alt_name, certificate);
  if (!names) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i)
    certificate.alt_names.push_back(alt_name(sk_GENERAL_NAME_value(names.get(), i)));
}

void read_basic_constraints(const X509* x509, Certificate& certificate) {
  const auto constraints = decoded<BasicConstraints>(x509, NID_basic_constraints, certificate);
  if (!constraints) return;
  certificate.is_ca = constraints->ca != 0;
  if (constraints->pathlen == nullptr) return;
  std::int64_t length = 0;
  if (ASN1_INTEGER_get_int64(&length, constraints->pathlen) == 1 && length >= 0)
    certificate.path_length = length;
  else
    certificate.faults.emplace_back("basicConstraints: pathLenConstraint is negative or too large");
}

void read_key_usage(const X509* x509, Certificate& certificate) {
  constexpr std::array<std::string_view, 9> names{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                  "dataEncipherment", "keyAgreement",   "keyCertSign",
                                                  "cRLSign",          "encipherOnly",   "decipherOnly"};
  const auto bits = decoded<BitString>(x509, NID_key_usage, certificate);
  if (!bits) return;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (ASN1_BIT_STRING_get_bit(bits.get(), static_cast<int>(i)) == 1) certificate.key_usage.emplace_back(names[i]);
}

void read_extended_key_usage(const X509* x509, Certificate& certificate) {
  const auto usages = decoded<ExtendedKeyUsage>(x509, NID_ext_key_usage, certificate);
  if (!usages) return;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i)
    certificate.extended_key_usage.push_back(name_of_object(sk_ASN1_OBJECT_value(usages.get(), i)));
}

void read_info_access(const X509* x509, Certificate& certificate) {
  const auto access = decoded<InfoAccess>(x509, NID_info_access, certificate);
  if (!access) return;
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const ACCESS_DESCRIPTION* description = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (description->location->type != GEN_URI) continue;
    const std::string url = visible(bytes_of(description->location->d.uniformResourceIdentifier));
    const int method = OBJ_obj2nid(description->method);
    if (method == NID_ad_OCSP) certificate.ocsp_urls.push_back(url);
    if (method == NID_ad_ca_issuers) certificate.issuer_urls.push_back(url);
  }
}

void read_crl_points(const X509* x509, Certificate& certificate) {
  constexpr int full_name = 0;
  const auto points = decoded<CrlPoints>(x509, NID_crl_distribution_points, certificate);
  if (!points) return;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT_NAME* point = sk_DIST_POINT_value(points.get(), i)->distpoint;
    if (point == nullptr || point->type != full_name) continue;
    const GENERAL_NAMES* names = point->name.fullname;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, j);
      if (name->type == GEN_URI) certificate.crl_urls.push_back(visible(bytes_of(name->d.uniformResourceIdentifier)));
    }
  }
}

void read_tls_feature(const X509* x509, Certificate& certificate) {
  constexpr std::int64_t status_request = 5;
  const auto features = decoded<TlsFeature>(x509, NID_tlsfeature, certificate);
  if (!features) return;
  for (int i = 0; i < sk_ASN1_INTEGER_num(features.get()); ++i) {
    std::int64_t feature = 0;
    if (ASN1_INTEGER_get_int64(&feature, sk_ASN1_INTEGER_value(features.get(), i)) == 1 && feature == status_request)
      certificate.must_staple = true;
  }
}

}  // namespace

void read_extensions(const X509* x509, Certificate& certificate) {
  read_alt_names(x509, certificate);
  read_basic_constraints(x509, certificate);
  read_key_usage(x509, certificate);
  read_extended_key_usage(x509, certificate);
  read_info_access(x509, certificate);
  read_crl_points(x509, certificate);
  read_tls_feature(x509, certificate);
}

}  // namespace audit::proto
