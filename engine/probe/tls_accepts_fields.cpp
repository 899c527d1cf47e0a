#include "probe/tls_accepts_fields.hpp"

#include "proto/tls_names.hpp"

namespace audit::probe {
namespace {

Value::Array names(const std::vector<std::uint16_t>& codes, std::string (*name)(std::uint16_t)) {
  Value::Array array;
  for (const std::uint16_t code : codes) array.emplace_back(name(code));
  return array;
}

/// What holds only where every version before TLS 1.3 has it.
void add_protections(const proto::TlsSeen& seen, Value::Object& fields) {
  bool older = false;
  bool compression = false;
  bool renegotiation = true;
  bool master_secret = true;
  for (const proto::TlsVersionSeen& version : seen.versions) {
    if (version.ciphers.empty() || version.version == proto::tls::v1_3) continue;
    older = true;
    compression = compression || version.compression;
    renegotiation = renegotiation && version.renegotiation_info;
    master_secret = master_secret && version.extended_master_secret;
  }
  if (!older) return;
  fields["compression"] = compression;
  fields["secure_renegotiation"] = renegotiation;
  fields["extended_master_secret"] = master_secret;
}

}  // namespace

Value::Object tls_accepts_fields(const proto::TlsSeen& seen) {
  Value::Array versions;
  Value::Object ciphers;
  Value::Object server_order;
  Value::Object refusals;
  Value::Object groups;
  for (const proto::TlsVersionSeen& version : seen.versions) {
    const std::string name = proto::version_name(version.version);
    if (!version.refusal.empty()) refusals[name] = version.refusal;
    if (version.ciphers.empty()) continue;
    versions.emplace_back(name);
    ciphers[name] = names(version.ciphers, proto::cipher_name);
    if (version.server_order) server_order[name] = *version.server_order;
  }
  if (!seen.groups13.empty()) groups[proto::version_name(proto::tls::v1_3)] = names(seen.groups13, proto::group_name);
  if (!seen.groups12.empty())
    groups[proto::version_name(seen.groups12_version)] = names(seen.groups12, proto::group_name);
  Value::Object fields;
  fields["versions"] = std::move(versions);
  fields["ciphers"] = std::move(ciphers);
  fields["server_order"] = std::move(server_order);
  fields["refusals"] = std::move(refusals);
  fields["groups"] = std::move(groups);
  add_protections(seen, fields);
  if (seen.fallback_scsv) fields["fallback_scsv"] = *seen.fallback_scsv;
  if (seen.dh_bits > 0) fields["dh_bits"] = seen.dh_bits;
  if (seen.explicit_curve) fields["explicit_curve"] = true;
  if (seen.group_not_offered) fields["group_not_offered"] = proto::group_name(*seen.group_not_offered);
  return fields;
}

}  // namespace audit::probe
