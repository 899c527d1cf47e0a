#include "base/digest.hpp"

#include "base/sha256.hpp"

namespace audit {

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hex_of(hash.finish());
}

}  // namespace audit
