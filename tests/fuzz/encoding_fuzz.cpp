#include <string>

#include "fuzz.hpp"
#include "proto/encoding.hpp"

using namespace audit::proto;

/// What is read as base64 is written as it stood; as hex, but for its case; mistakes lie within the text.
AUDIT_FUZZ_TARGET(bytes) {
  std::string out(bytes.size(), '\0');
  std::string again;
  if (const Decoded decoded = read_base64(bytes, out.data()); decoded.mistake == nullptr) {
    again.resize(base64_size(decoded.size));
    write_base64({out.data(), decoded.size}, again.data());
    require(again == bytes);
  } else {
    require(decoded.offset <= bytes.size());
  }
  if (const Decoded decoded = read_hex(bytes, out.data()); decoded.mistake == nullptr) {
    require(hex_size(decoded.size) == bytes.size());
  } else {
    require(decoded.offset <= bytes.size());
  }
}
