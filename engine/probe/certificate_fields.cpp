#include "probe/certificate_fields.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "proto/certificate.hpp"
#include "proto/ocsp.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t most_names = 1'000;

Value::Array list_of(const std::vector<std::string>& texts) {
  Value::Array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

void put_names(const proto::Certificate& certificate, Value::Object& fields) {
  fields["subject"] = certificate.subject;
  fields["issuer"] = certificate.issuer;
  fields["common_names"] = list_of(certificate.common_names);
  Value::Array names;
  for (const proto::AltName& name : certificate.alt_names) {
    if (names.size() == most_names) break;
    Value::Object entry;
    entry["type"] = name.type;
    entry["text"] = name.text;
    names.emplace_back(std::move(entry));
  }
  fields["sans"] = std::move(names);
  fields["sans_count"] = static_cast<std::int64_t>(certificate.alt_names.size());
}

void put_validity(const proto::Certificate& certificate, WallTime now, Value::Object& fields) {
  constexpr std::int64_t day = 86'400;
  fields["not_before"] = certificate.not_before_text;
  fields["not_after"] = certificate.not_after_text;
  if (certificate.not_before) fields["not_before_time"] = *certificate.not_before;
  if (!certificate.not_after) return;
  fields["not_after_time"] = *certificate.not_after;
  const std::int64_t left =
      *certificate.not_after - std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  fields["days_left"] = left >= 0 ? left / day : -((-left + day - 1) / day);
}

void put_key(const proto::Certificate& certificate, Value::Object& fields) {
  Value::Object key;
  key["type"] = certificate.key_type;
  key["bits"] = certificate.key_bits;
  key["curve"] = certificate.curve;
  key["sha256"] = certificate.key_sha256;
  fields["key"] = std::move(key);
  fields["signature"] = certificate.signature;
  fields["signature_hash"] = certificate.signature_hash;
}

void put_use(const proto::Certificate& certificate, Value::Object& fields) {
  fields["is_ca"] = certificate.is_ca;
  if (certificate.path_length) fields["path_length"] = *certificate.path_length;
  fields["key_usage"] = list_of(certificate.key_usage);
  fields["extended_key_usage"] = list_of(certificate.extended_key_usage);
  fields["ocsp_urls"] = list_of(certificate.ocsp_urls);
  fields["issuer_urls"] = list_of(certificate.issuer_urls);
  fields["crl_urls"] = list_of(certificate.crl_urls);
  fields["must_staple"] = certificate.must_staple;
  fields["self_issued"] = certificate.self_issued;
  fields["self_signed"] = certificate.self_signed;
  fields["faults"] = list_of(certificate.faults);
}

}  // namespace

Value::Object certificate_fields(const std::string& der, WallTime now) {
  Value::Object fields;
  fields["der"] = der;
  const Result<proto::Certificate> read = proto::parse_certificate(der);
  if (!read) {
    fields["problem"] = from_visible(read.error().message);
    fields["fingerprint_sha256"] = sha256_hex(der);
    return fields;
  }
  const proto::Certificate& certificate = *read;
  fields["version"] = certificate.version;
  fields["serial"] = certificate.serial;
  fields["fingerprint_sha256"] = certificate.fingerprint_sha256;
  fields["fingerprint_sha1"] = certificate.fingerprint_sha1;
  put_names(certificate, fields);
  put_validity(certificate, now, fields);
  put_key(certificate, fields);
  put_use(certificate, fields);
  return fields;
}

Value::Object staple_fields(const std::string& der) {
  Value::Object fields;
  fields["present"] = !der.empty();
  if (der.empty()) return fields;
  fields["der"] = der;
  const Result<proto::OcspResponse> read = proto::parse_ocsp_response(der);
  if (!read) {
    fields["problem"] = from_visible(read.error().message);
    return fields;
  }
  fields["response"] = read->response;
  fields["status"] = read->status;
  fields["serial"] = read->serial;
  fields["this_update"] = read->this_update;
  fields["next_update"] = read->next_update;
  fields["revoked_at"] = read->revoked_at;
  if (read->this_update_time) fields["this_update_time"] = *read->this_update_time;
  if (read->next_update_time) fields["next_update_time"] = *read->next_update_time;
  return fields;
}

}  // namespace audit::probe
