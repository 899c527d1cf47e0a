#include "cli/address_tally.hpp"

#include <algorithm>

namespace audit::cli {
namespace {

constexpr std::uint64_t word_bits = 64;

bool bit_at(const std::vector<std::uint64_t>& words, std::uint64_t offset) {
  return offset / word_bits < words.size() && (words[offset / word_bits] >> (offset % word_bits) & 1U) != 0;
}

/// The runs of set bits as blocks.
void append_runs(const AddressBlock& block, const std::vector<std::uint64_t>& words, std::vector<AddressBlock>& runs) {
  const std::uint64_t end = words.size() * word_bits;
  for (std::uint64_t offset = 0; offset < end;) {
    if (words[offset / word_bits] == 0 && offset % word_bits == 0) {
      offset += word_bits;
      continue;
    }
    if (!bit_at(words, offset)) {
      ++offset;
      continue;
    }
    const std::uint64_t first = offset;
    while (bit_at(words, offset)) ++offset;
    runs.push_back({block.at(first), block.at(offset - 1)});
  }
}

}  // namespace

void AddressTally::add(const std::string& source, const inventory::Entry& entry, const IpAddress& address) {
  List& list = lists_[source];
  ++list.count;
  ++count_;
  if (entry.kind == inventory::Entry::Kind::name || !entry.block.contains(address)) {
    list.loose.push_back({address, address});
    const bool of_name = entry.kind == inventory::Entry::Kind::name;  // whose addresses come one after another
    if (of_name && (list.names.empty() || list.names.back() != entry.name)) list.names.push_back(entry.name);
    return;
  }
  Bits& bits = list.bits[&entry];
  bits.block = entry.block;
  const std::uint64_t offset = entry.block.offset_of(address);
  if (bits.words.size() <= offset / word_bits) bits.words.resize(offset / word_bits + 1);
  bits.words[offset / word_bits] |= std::uint64_t{1} << (offset % word_bits);
}

void AddressTally::add_name(const std::string& source, const std::string& name) {
  List& list = lists_[source];
  ++list.count;
  ++count_;
  list.names.push_back(name);
}

std::vector<AddressList> AddressTally::lists() const {
  std::vector<AddressList> lists;
  for (const auto& [source, list] : lists_) {
    AddressList& out = lists.emplace_back();
    out.source = source;
    out.count = list.count;
    out.names = list.names;
    out.blocks = list.loose;
    for (const auto& [entry, bits] : list.bits) append_runs(bits.block, bits.words, out.blocks);
    std::sort(out.names.begin(), out.names.end());
    std::sort(out.blocks.begin(), out.blocks.end(),
              [](const AddressBlock& a, const AddressBlock& b) { return a.first < b.first; });
  }
  return lists;
}

}  // namespace audit::cli
