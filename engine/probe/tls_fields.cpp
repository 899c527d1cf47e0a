#include "probe/tls_fields.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "probe/certificate_fields.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t most_certificates = 32;

void put_judgement(const net::TlsSession& session, Value::Object& fields) {
  if (session.checked) fields["verified"] = session.verified;
  fields["reason"] = session.checked ? session.verify_reason : std::string("not verified: no trust was asked for");
  fields["name"] = session.name;
  fields["name_matches"] = session.name_matches;
}

void put_chain(const net::TlsSession& session, WallTime now, Value::Object& fields) {
  Value::Array chain;
  for (std::size_t i = 0; i < std::min(session.chain.size(), most_certificates); ++i)
    chain.emplace_back(certificate_fields(session.chain[i], now));
  fields["chain"] = std::move(chain);
  fields["sent"] = static_cast<std::int64_t>(session.chain.size());
}

}  // namespace

Value::Object tls_summary(const net::TlsSession& session) {
  Value::Object fields;
  fields["version"] = session.version;
  fields["cipher"] = session.cipher;
  fields["group"] = session.group;
  fields["alpn"] = session.alpn;
  put_judgement(session, fields);
  if (!session.chain.empty()) fields["certificate"] = sha256_hex(session.chain.front());
  return fields;
}

Value::Object tls_fields(const net::TlsSession& session, WallTime now) {
  Value::Object fields;
  put_judgement(session, fields);
  fields["version"] = session.version;
  fields["cipher"] = session.cipher;
  fields["cipher_iana"] = session.cipher_iana;
  fields["group"] = session.group;
  fields["group_bits"] = static_cast<std::int64_t>(session.group_bits);
  fields["signature"] = session.signature;
  fields["alpn"] = session.alpn;
  fields["compression"] = session.compression;
  fields["asks_certificate"] = session.asks_certificate;
  fields["handshake_time"] = seconds(session.handshake_time);
  if (session.secure_renegotiation) fields["secure_renegotiation"] = *session.secure_renegotiation;
  if (session.extended_master_secret) fields["extended_master_secret"] = *session.extended_master_secret;
  put_chain(session, now, fields);
  fields["staple"] = staple_fields(session.staple);
  return fields;
}

Value::Object unfinished_tls_fields(const net::TlsSession& session, WallTime now) {
  Value::Object fields;
  fields["version"] = session.version;
  fields["cipher"] = session.cipher;
  fields["name"] = session.name;
  put_chain(session, now, fields);
  return without_der(fields);
}

Value::Object without_der(const Value::Object& fields) {
  Value::Object kept = fields;
  if (auto* staple = kept["staple"].get_if<Value::Object>()) staple->erase("der");
  if (auto* chain = kept["chain"].get_if<Value::Array>())
    for (Value& certificate : *chain)
      if (auto* object = certificate.get_if<Value::Object>(); object != nullptr && !object->contains("problem"))
        object->erase("der");
  return kept;
}

}  // namespace audit::probe
