#include "probe/tls_fields.hpp"

#include "base/digest.hpp"

namespace audit::probe {

Value::Object tls_summary(const net::TlsSession& session) {
  Value::Object fields;
  fields["version"] = session.version;
  fields["cipher"] = session.cipher_iana;
  fields["group"] = session.group;
  fields["alpn"] = session.alpn;
  if (session.checked) {
    fields["verified"] = session.verified;
    fields["verify_reason"] = session.verify_reason;
  }
  fields["name_matches"] = session.name_matches;
  if (!session.chain.empty()) fields["certificate"] = sha256_hex(session.chain.front());
  return fields;
}

}  // namespace audit::probe
