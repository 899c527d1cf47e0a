#include "proto/certificate.hpp"

#include "fuzz.hpp"

using namespace audit::proto;

namespace {

/// Nothing that a terminal or a reader of text would stumble over.
bool is_plain(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) return false;
  return true;
}

}  // namespace

/// Whatever the DER holds, every text is printable, and reading it twice gives the same.
AUDIT_FUZZ_TARGET(bytes) {
  const audit::Result<Certificate> read = parse_certificate(bytes);
  if (!read) return;
  require(is_plain(read->subject) && is_plain(read->issuer));
  for (const AltName& name : read->alt_names) require(is_plain(name.text));
  for (const std::string& name : read->common_names) require(is_plain(name));
  for (const std::string& url : read->crl_urls) require(is_plain(url));
  require(is_plain(read->not_before_text) && is_plain(read->not_after_text));
  require(read->fingerprint_sha256.size() == 64 && read->fingerprint_sha1.size() == 40);
  require(parse_certificate(bytes)->subject == read->subject);
}
