#include <catch2/catch.hpp>

#include "base/digest.hpp"
#include "base/merkle.hpp"
#include "base/text.hpp"

using namespace audit;

namespace {

using Leaves = std::vector<std::string>;

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  REQUIRE(from_hex(hex, bytes));
  return bytes;
}

std::string leaf(const std::string& bytes) { return sha256_hex(std::string(1, '\0') + bytes); }
std::string node(const std::string& left, const std::string& right) {
  return sha256_hex('\1' + bytes_of(left) + bytes_of(right));
}

/// MTH as RFC 9162 2.1.1 defines it: split at the largest power of two below the number of leaves.
std::string defined(const Leaves& leaves) {
  if (leaves.empty()) return sha256_hex("");
  if (leaves.size() == 1) return leaf(leaves.front());
  std::size_t half = 1;
  while (half * 2 < leaves.size()) half *= 2;
  const auto middle = leaves.begin() + static_cast<std::ptrdiff_t>(half);
  return node(defined({leaves.begin(), middle}), defined({middle, leaves.end()}));
}

std::string root_of(const Leaves& leaves) {
  MerkleTree tree;
  for (const std::string& one : leaves) tree.add(one);
  CHECK(tree.size() == leaves.size());
  return hex_of(tree.root());
}

}  // namespace

TEST_CASE("the tree of nothing is the SHA-256 of nothing, and of one empty leaf that of a zero byte") {
  CHECK(root_of({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(root_of({""}) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST_CASE("trees of any number of leaves have the root that RFC 9162 defines") {
  Leaves leaves;
  for (int i = 0; i < 70; ++i) {
    CHECK(root_of(leaves) == defined(leaves));
    leaves.push_back(std::string(static_cast<std::size_t>(i), 'x') + std::to_string(i));
  }
}

TEST_CASE("a root says how leaves are cut, in which order they stand, and what is a node") {
  CHECK(root_of({"ab"}) != root_of({"a", "b"}));
  CHECK(root_of({"a", "b"}) != root_of({"b", "a"}));
  CHECK(root_of({"a"}) != root_of({"a", ""}));
  const std::string joined = bytes_of(leaf("a")) + bytes_of(leaf("b"));
  CHECK(root_of({joined}) != root_of({"a", "b"}));
}

TEST_CASE("a root that was asked for early changes nothing, and a leaf in pieces is that leaf") {
  MerkleTree tree;
  tree.add("one");
  CHECK(hex_of(tree.root()) == root_of({"one"}));
  tree.begin_leaf();
  for (const char* piece : {"", "tw", "", "o"}) tree.feed(piece);
  tree.end_leaf();
  CHECK(hex_of(tree.root()) == root_of({"one", "two"}));
}

TEST_CASE("a SHA-256 in pieces is that of the whole, and another begins behind it") {
  Sha256 hash;
  hash.update("a");
  hash.update("bc");
  CHECK(hex_of(hash.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_of(hash.finish()) == sha256_hex(""));
}
