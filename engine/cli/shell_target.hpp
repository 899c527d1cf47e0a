#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inventory/expansion.hpp"
#include "net/permit.hpp"
#include "probe/services.hpp"

namespace audit::cli {

/// One target as `audit shell` takes it: by hand, or of an inventory with all that this says of it.
struct ShellTarget {
  std::shared_ptr<const inventory::Inventory> inventory;
  inventory::Member member;
};

/// Finds the host or name in the inventory; null: in none, as `audit probe` takes it. Errors, in words: it is none, a
/// whole network, not in the inventory, excluded, or one that may only be connected to.
[[nodiscard]] Result<ShellTarget> find_shell_target(const std::string& text,
                                                    std::shared_ptr<const inventory::Inventory> inventory);

/// Its addresses, less what the scope forbids. Errors: unresolved, timeout, out_of_scope.
[[nodiscard]] awaitable<Result<std::vector<IpAddress>>> find_hosts(const ShellTarget& target,
                                                                   probe::Services& services);

}  // namespace audit::cli
