#pragma once

#include <memory>

#include "inventory/inventory.hpp"
#include "probe/credentials.hpp"

namespace audit::cli {

/// Looks the inventory's secrets up, each in its environment variable or file (relative to the inventory; its last line end
/// does not count). One that is not there is kept as such: the checks that need it end as missing_credential.
[[nodiscard]] std::shared_ptr<const probe::Credentials> look_up_credentials(const inventory::Inventory& inventory);

}  // namespace audit::cli
