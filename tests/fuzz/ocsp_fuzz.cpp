#include "proto/ocsp.hpp"

#include "fuzz.hpp"

using namespace audit::proto;

/// Whatever the DER holds, every text of it is short and printable.
AUDIT_FUZZ_TARGET(bytes) {
  const audit::Result<OcspResponse> read = parse_ocsp_response(bytes);
  if (!read) return;
  for (const std::string* text : {&read->response, &read->status, &read->this_update, &read->next_update})
    for (const char c : *text) require(static_cast<unsigned char>(c) >= 32 && c != 127);
  require(read->status.empty() == (read->response != "successful"));
}
