#include "audit/earlier_targets.hpp"

#include <algorithm>
#include <charconv>

#include "base/digest.hpp"

namespace audit::core {
namespace {

constexpr std::size_t width = 8;  // bytes of a digest, of 32: two of a million ids are one in 37 million times

std::uint64_t digest_of(std::string_view id) {
  const std::string hex = sha256_hex(id);
  std::uint64_t digest = 0;
  std::from_chars(hex.data(), hex.data() + 2 * width, digest, 16);
  return digest;
}

}  // namespace

EarlierTargets::EarlierTargets(std::string run, std::string_view bytes) : run_(std::move(run)) {
  for (; bytes.size() >= width; bytes.remove_prefix(width)) {
    std::uint64_t digest = 0;
    for (const char byte : bytes.substr(0, width)) digest = digest << 8U | static_cast<std::uint8_t>(byte);
    digests_.push_back(digest);
  }
  settle();
}

void EarlierTargets::add(std::string_view id) { digests_.push_back(digest_of(id)); }

void EarlierTargets::settle() {
  std::sort(digests_.begin(), digests_.end());
  digests_.erase(std::unique(digests_.begin(), digests_.end()), digests_.end());
}

bool EarlierTargets::contains(std::string_view id) const {
  return !digests_.empty() && std::binary_search(digests_.begin(), digests_.end(), digest_of(id));
}

std::string EarlierTargets::bytes() const {
  std::string bytes;
  bytes.reserve(digests_.size() * width);
  for (const std::uint64_t digest : digests_)
    for (std::size_t shift = 8 * width; shift > 0; shift -= 8)
      bytes += static_cast<char>(digest >> (shift - 8) & 0xffU);
  return bytes;
}

}  // namespace audit::core
