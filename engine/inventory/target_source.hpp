#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/mistakes.hpp"

namespace audit::inventory {

/// The most targets that one source may name.
inline constexpr std::size_t most_sourced = 1'000'000;

/// One target as a source names it; the position is in the source.
struct SourcedTarget {
  std::string address;
  std::vector<std::string> groups;
  std::vector<std::string> tags;
  std::string owner;
  std::string criticality;
  Position at;
};

/// What a source holds. Reading stops at the first mistake of its syntax; nothing is skipped that no notice counts.
struct ReadSource {
  struct Complaint {
    Position at;
    std::string text;
  };
  std::vector<SourcedTarget> targets;
  std::vector<Complaint> mistakes;
  std::vector<std::string> notices;
  std::set<std::string> plain_groups;  // of another tool: made where the inventory does not have them
};

/// The line and column of bytes of a text, asked for in ascending order.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  [[nodiscard]] Position at(std::size_t offset);

 private:
  std::string_view text_;
  std::size_t done_ = 0;
  Position position_{1, 1};
};

/// A target a line; what follows a # is a comment.
[[nodiscard]] ReadSource read_text_source(std::string_view bytes);
/// RFC 4180 with a header row: address, groups, tags, owner, criticality; groups and tags with ; or , between them.
[[nodiscard]] ReadSource read_csv_source(std::string_view bytes);
/// What `ansible-inventory --list` prints: hosts of groups and their children, by ansible_host where that is set.
[[nodiscard]] ReadSource read_ansible_source(std::string_view bytes);
/// Devices, virtual machines or IP addresses as the API of NetBox lists them: {"results": […]}, or the list alone.
[[nodiscard]] ReadSource read_netbox_source(std::string_view bytes);

/// Is all of this UTF-8? Else the complaint of a source that is not.
[[nodiscard]] bool complain_of_encoding(std::string_view bytes, ReadSource& source);

}  // namespace audit::inventory
