#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/block_index.hpp"
#include "inventory/inventory.hpp"

namespace audit::inventory {

/// What entries ask for an address, whichever of them it is asked for: the strictest of all holds.
struct Guard {
  TransportPorts never;               // not even connected to
  Safety safety = Safety::intrusive;  // the most that rules may do
  Duration gap{};                     // the least time between two probes
  bool operator==(const Guard&) const = default;
  void add(const Guard& other);
  /// Is there anything of it that the settings do not say themselves?
  [[nodiscard]] bool binds(const Settings& settings) const;
  void bind(Settings& settings) const;
};

/// What the entries of an inventory ask for their addresses beyond its defaults: for those that are written, by address;
/// of names, which only the run can resolve, a list. Knows the entries that --limit leaves out. Immutable once built.
class GuardIndex {
 public:
  /// A name whose addresses are to be guarded, or left out with its group.
  struct Name {
    std::string name;
    Guard guard;
    std::string excluded_by;  // "group:plc", the exclude that takes it out; else ""
  };

  explicit GuardIndex(const Inventory& inventory);

  [[nodiscard]] Guard at(const IpAddress& address) const;
  [[nodiscard]] const std::vector<Name>& names() const noexcept { return names_; }

 private:
  struct Part {
    Guard guard;
    BlockIndex blocks;
  };
  std::vector<Part> parts_;  // one for each guard
  std::vector<Name> names_;  // as the inventory has them
};

/// The settings of a listed address as a run holds them; null where its entry says all of it, and for names and networks.
[[nodiscard]] std::optional<Settings> bound_settings(const Inventory& inventory, const Entry& entry);

}  // namespace audit::inventory
