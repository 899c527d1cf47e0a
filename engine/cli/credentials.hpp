#pragma once

#include <memory>

#include "inventory/inventory.hpp"
#include "probe/credentials.hpp"

namespace audit::cli {

/// Looks the inventory's secrets up, each in its environment variable, its file (relative to the inventory's, and nobody
/// else's to read) or, with `allow_commands`, what its command says; a last line end does not count. One that is not there
/// is kept as such: the checks that need it end as missing_credential.
[[nodiscard]] std::shared_ptr<const probe::Credentials> look_up_credentials(const inventory::Inventory& inventory,
                                                                            bool allow_commands);

/// One secret, found alike; the error's message goes on from "credential `name`".
[[nodiscard]] Result<std::string> look_up_secret(const inventory::CredentialSource& source, bool allow_commands);

/// Why those that are not there are not, a line each, with where the inventory names them. Commands as above.
[[nodiscard]] std::vector<std::string> missing_credentials(const inventory::Inventory& inventory, bool allow_commands);

/// The same for a replay, where `shapes` has the shape of each secret that was there when the run was recorded: one that
/// is not here now, or of another shape, is asterisks; one that was not there then is not there now.
[[nodiscard]] std::shared_ptr<const probe::Credentials> replay_credentials(
    const inventory::Inventory& inventory, bool allow_commands, const std::map<std::string, std::string>& shapes);

}  // namespace audit::cli
