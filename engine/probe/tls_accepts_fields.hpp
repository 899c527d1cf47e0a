#pragma once

#include "base/value.hpp"
#include "proto/tls_survey.hpp"

namespace audit::probe {

/// What a survey saw, by names: versions (the spoken ones, newest first), ciphers and server_order (by version), groups
/// (by version: TLSv1.3, and the newest before it with ECDHE), refusals (by version not spoken, the alert's name,
/// "closed", "reset" or "answers …"), compression, secure_renegotiation and extended_master_secret (of every spoken
/// version before TLS 1.3; left out where there is none), fallback_scsv, dh_bits, explicit_curve, group_not_offered
/// where seen.
[[nodiscard]] Value::Object tls_accepts_fields(const proto::TlsSeen& seen);

}  // namespace audit::probe
