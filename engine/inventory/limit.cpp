#include "inventory/limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/text.hpp"
#include "inventory/block_index.hpp"
#include "inventory/notation.hpp"
#include "inventory/zone_index.hpp"
#include "inventory/zones.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t longest_shown = 80;

struct Pattern {
  std::string text;
  Exclude what;
  bool everything = false;     // "*"
  const Zone* zone = nullptr;  // only there
  bool matched = false;
};

Parsed<Pattern> parse_pattern(const std::string& text, const std::vector<Zone>& zones) {
  Pattern pattern;
  pattern.text = text;
  std::string_view rest = text;
  pattern.zone = zone_before(text, zones, rest);
  if (auto why = unknown_zone(text, zones); !why.empty()) return Complaint{std::move(why)};
  pattern.everything = rest == "*";
  if (pattern.everything) return pattern;
  auto parsed = parse_exclude(rest);
  if (auto* complaint = std::get_if<Complaint>(&parsed)) return std::move(*complaint);
  pattern.what = std::get<Exclude>(std::move(parsed));
  return pattern;
}

std::optional<AddressBlock> overlap(const AddressBlock& a, const AddressBlock& b) {
  const AddressBlock both{std::max(a.first, b.first), std::min(a.last, b.last)};
  if (a.first.family != b.first.family || both.last < both.first) return std::nullopt;
  return both;
}

/// The addresses of an entry that the pattern names.
std::vector<AddressBlock> named_of(const Entry& entry, const Pattern& pattern, const ZoneIndex& zones) {
  std::vector<AddressBlock> named;
  const std::vector<std::string>& groups = entry.settings->groups;
  if (pattern.everything ||
      (!pattern.what.group.empty() && std::find(groups.begin(), groups.end(), pattern.what.group) != groups.end()))
    named.push_back(entry.block);
  for (const AddressBlock& block : pattern.what.blocks)
    if (const auto both = overlap(entry.block, block)) named.push_back(*both);
  if (pattern.zone == nullptr) return named;
  std::vector<AddressBlock> there;
  for (const AddressBlock& block : named)
    for (const ZoneIndex::Part& part : zones.parts_of(block))
      if (part.zone == pattern.zone) there.push_back(part.block);
  return there;
}

bool names(const Entry& entry, const Pattern& pattern) {
  if (pattern.zone != nullptr && entry.settings->zone != pattern.zone->name) return false;
  const std::vector<std::string>& groups = entry.settings->groups;
  return pattern.everything || (!pattern.what.name_glob.empty() && glob_match(pattern.what.name_glob, entry.name)) ||
         (!pattern.what.group.empty() && std::find(groups.begin(), groups.end(), pattern.what.group) != groups.end());
}

/// Ascending, and none twice.
std::vector<AddressBlock> united(std::vector<AddressBlock> blocks) {
  std::sort(blocks.begin(), blocks.end(),
            [](const AddressBlock& a, const AddressBlock& b) { return a.first < b.first; });
  std::vector<AddressBlock> apart;
  for (const AddressBlock& block : blocks) {
    if (apart.empty() || apart.back().last < block.first)
      apart.push_back(block);
    else
      apart.back().last = std::max(apart.back().last, block.last);
  }
  return apart;
}

/// What the holes leave of the blocks; both ascending, and none of a list twice.
std::vector<AddressBlock> without(const std::vector<AddressBlock>& blocks, const std::vector<AddressBlock>& holes) {
  std::vector<AddressBlock> left;
  auto hole = holes.begin();
  for (AddressBlock block : blocks) {
    while (hole != holes.end() && hole->last < block.first) ++hole;
    bool gone = false;
    for (auto next = hole; next != holes.end() && !gone && !(block.last < next->first); ++next) {
      const auto both = overlap(block, *next);
      if (!both) continue;
      if (block.first < both->first) left.push_back({block.first, block.at(block.offset_of(both->first) - 1)});
      gone = both->last == block.last;
      if (!gone) block.first = block.at(block.offset_of(both->last) + 1);
    }
    if (!gone) left.push_back(block);
  }
  return left;
}

std::uint64_t size_of(const std::vector<AddressBlock>& blocks) {
  return std::accumulate(blocks.begin(), blocks.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const AddressBlock& block) { return sum + block.size(); });
}

/// What an entry takes from networks around or after it stays taken where the entry itself is not wanted: its addresses
/// are not asked by another entry's rules.
class Taken {
 public:
  explicit Taken(const std::vector<Entry>& entries) {
    std::vector<AddressBlock> all;
    for (const Entry& entry : entries) {
      if (entry.kind == Entry::Kind::address) listed_.push_back(entry.block.first);
      if (entry.kind == Entry::Kind::block) all.push_back(entry.block);
    }
    std::sort(listed_.begin(), listed_.end());
    overlapping_ = !BlockIndex(all).overlaps().empty();
  }

  void take_from(const Entry& entry, std::vector<AddressBlock>& blocks) const {
    if (entry.kind != Entry::Kind::block) return;
    const auto first = std::lower_bound(listed_.begin(), listed_.end(), entry.block.first);
    const auto last = std::upper_bound(first, listed_.end(), entry.block.last);
    std::vector<AddressBlock> holes;
    for (auto one = first; one != last; ++one) holes.push_back({*one, *one});
    if (overlapping_) holes.insert(holes.end(), earlier_.begin(), earlier_.end());
    blocks = without(blocks, united(std::move(holes)));
  }
  /// What comes after the entry has lost it too.
  void pass(const Entry& entry) {
    if (overlapping_ && entry.kind == Entry::Kind::block) earlier_.push_back(entry.block);
  }

 private:
  std::vector<IpAddress> listed_;
  std::vector<AddressBlock> earlier_;
  bool overlapping_ = false;
};

}  // namespace

std::vector<std::string> limit_to(Inventory& inventory, const std::vector<std::string>& patterns, bool allow_empty) {
  std::vector<std::string> mistakes;
  std::vector<Pattern> wanted;
  for (const std::string& text : patterns) {
    auto parsed = parse_pattern(text, inventory.zones);
    if (const auto* complaint = std::get_if<Complaint>(&parsed))
      mistakes.push_back(fmt::format("--limit: {}", complaint->text));
    else
      wanted.push_back(std::get<Pattern>(std::move(parsed)));
  }
  const ZoneIndex zones(inventory.zones);
  Taken taken(inventory.entries);
  std::vector<Entry> left;
  LeftOut part;
  std::uint64_t kept = 0;
  for (const Entry& entry : inventory.entries) {
    std::vector<AddressBlock> blocks;
    bool name = false;
    for (Pattern& pattern : wanted) {
      if (entry.kind == Entry::Kind::name) {
        if (!names(entry, pattern)) continue;
        name = pattern.matched = true;
        continue;
      }
      const std::vector<AddressBlock> named = named_of(entry, pattern, zones);
      pattern.matched = pattern.matched || !named.empty();
      blocks.insert(blocks.end(), named.begin(), named.end());
    }
    if (name) left.push_back(entry);
    blocks = united(std::move(blocks));
    taken.take_from(entry, blocks);
    std::vector<AddressBlock> whole;
    if (entry.kind != Entry::Kind::name) whole.push_back(entry.block);
    taken.take_from(entry, whole);
    taken.pass(entry);
    part.candidates = part.candidates || entry.kind == Entry::Kind::block;
    part.of += entry.kind == Entry::Kind::name ? 1 : size_of(whole);
    kept += name ? 1 : size_of(blocks);
    for (const AddressBlock& block : blocks) {
      left.push_back(entry);
      left.back().block = block;
    }
  }
  for (const Pattern& pattern : wanted)
    if (!pattern.matched && !allow_empty)
      mistakes.push_back(
          fmt::format("--limit: `{}` matches no target of the inventory; --allow-empty lets it match none",
                      visible(pattern.text, longest_shown)));
  if (!mistakes.empty()) return mistakes;
  inventory.written_before_limit = written_by(inventory.entries);
  inventory.entries = std::move(left);
  part.count = part.of - kept;
  if (part.count > 0) inventory.left_out = part;
  return mistakes;
}

std::vector<AddressBlock> written_by(const std::vector<Entry>& entries) {
  std::vector<AddressBlock> written;
  for (const Entry& entry : entries)
    if (entry.kind != Entry::Kind::name) written.push_back(entry.block);
  return written;
}

}  // namespace audit::inventory
