#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/run_record.hpp"
#include "inventory/inventory.hpp"

namespace audit::cli {

/// Which addresses of which entries were dark or excluded: a bit each, in pages made on demand, so that a dark /8 costs
/// two megabytes.
class AddressTally {
 public:
  void add(const std::string& source, const inventory::Entry& entry, const IpAddress& address);
  void add_name(const std::string& source, const std::string& name);
  /// A source that is listed even if nothing is added to it.
  void mention(const std::string& source) { lists_[source]; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// By source, runs of addresses merged.
  [[nodiscard]] std::vector<AddressList> lists() const;

 private:
  struct Bits {
    AddressBlock block;
    std::vector<std::uint64_t> words;
  };
  struct List {
    std::map<const inventory::Entry*, Bits> bits;
    std::vector<AddressBlock> loose;  // addresses outside the entry's own block: a name's
    std::vector<std::string> names;
    std::uint64_t count = 0;
  };
  std::map<std::string, List> lists_;
  std::uint64_t count_ = 0;
};

}  // namespace audit::cli
