#pragma once

#include <vector>

#include "base/notifier.hpp"
#include "inventory/credential_source.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// Reads [[notify]]: who is told what came of a run, each kind with keys of its own. `credentials` are those of the
/// inventory: only one that says `notify = true` goes to a notifier.
[[nodiscard]] std::vector<NotifySettings> read_notifiers(Mistakes& mistakes, const KeyValue& section,
                                                         const std::vector<CredentialSource>& credentials);

}  // namespace audit::inventory
