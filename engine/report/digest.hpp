#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/merkle.hpp"
#include "base/result.hpp"
#include "base/run_record.hpp"

namespace audit::report {

/// The digests of a run, all in lower-case hex. Each line of `write_record`, without its newline, is a leaf in the tree of
/// its kind (RFC 9162 2.1.1, SHA-256); the root is that of a tree of five leaves, "NAME LEAVES ROOT" of each of those.
struct DigestTree {
  struct Part {
    std::string name;  // header (with the inventory and its files), rule, target, check, summary: in this order
    std::uint64_t leaves = 0;
    std::string root;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;
  std::string root;
  bool operator==(const DigestTree&) const = default;
};

/// Takes the lines of a record in pieces of any size; keeps none of them.
class RecordDigest {
 public:
  void feed(std::string_view bytes);
  /// Error protocol_error: these were not the lines of a record, and which is wrong.
  [[nodiscard]] Result<DigestTree> finish() const;

 private:
  void take(std::string_view piece);
  void begin_line();
  void end_line();
  void refuse(std::string_view why);

  static constexpr std::size_t kinds = 5;
  std::array<MerkleTree, kinds> trees_;
  std::string start_;     // of a line whose kind is not known yet
  bool begun_ = false;    // it is known, and the tree of `kind_` takes the line
  std::size_t kind_ = 0;  // of this line, or the last
  std::uint64_t line_ = 1;
  std::string mistake_;
};

[[nodiscard]] DigestTree digest_of(const RunRecord& record);

}  // namespace audit::report
