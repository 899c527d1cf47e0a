#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"

namespace audit {

/// The Merkle tree hash of RFC 9162 2.1.1 over SHA-256, of leaves that come one after the other. It keeps a digest for each
/// bit of their number, not for each of them.
class MerkleTree {
 public:
  /// A leaf in pieces: `begin_leaf`, its bytes, `end_leaf`.
  void begin_leaf();
  void feed(std::string_view bytes) { hash_.update(bytes); }
  void end_leaf();
  void add(std::string_view leaf);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Of the leaves so far; of none the SHA-256 of nothing.
  [[nodiscard]] Sha256::Bytes root() const;

 private:
  Sha256 hash_;
  std::vector<Sha256::Bytes> whole_;  // roots of the complete subtrees, the largest and oldest first
  std::uint64_t size_ = 0;
};

}  // namespace audit
