#include "base/merkle.hpp"

namespace audit {
namespace {

// RFC 9162 2.1.1: so that no inner node can be taken for a leaf.
constexpr std::string_view leaf_prefix("\0", 1);
constexpr std::string_view node_prefix("\1", 1);

std::string_view text_of(const Sha256::Bytes& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Sha256::Bytes join(const Sha256::Bytes& left, const Sha256::Bytes& right, Sha256& hash) {
  hash.update(node_prefix);
  hash.update(text_of(left));
  hash.update(text_of(right));
  return hash.finish();
}

}  // namespace

void MerkleTree::begin_leaf() { hash_.update(leaf_prefix); }

void MerkleTree::end_leaf() {
  whole_.push_back(hash_.finish());
  for (std::uint64_t before = size_; (before & 1U) != 0; before >>= 1U) {
    const Sha256::Bytes right = whole_.back();
    whole_.pop_back();
    whole_.back() = join(whole_.back(), right, hash_);
  }
  ++size_;
}

void MerkleTree::add(std::string_view leaf) {
  begin_leaf();
  feed(leaf);
  end_leaf();
}

Sha256::Bytes MerkleTree::root() const {
  Sha256 hash;
  if (whole_.empty()) return hash.finish();
  Sha256::Bytes root = whole_.back();
  for (std::size_t i = whole_.size() - 1; i > 0; --i) root = join(whole_[i - 1], root, hash);
  return root;
}

}  // namespace audit
