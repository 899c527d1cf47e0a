#pragma once

#include "inventory/group_graph.hpp"

namespace audit::inventory {

/// [credentials.NAME]: where a secret is found, and which groups it is for. The secret itself is never a value here.
void read_credentials(Mistakes& mistakes, const KeyValue* section, GroupGraph& groups,
                      std::vector<CredentialSource>& credentials);

/// Where their secrets are, before anything else is known of them: by name, variable, file and place alone. No mistake is
/// told here.
[[nodiscard]] std::vector<CredentialSource> secret_places(const Mistakes& mistakes, const KeyValue* section);

}  // namespace audit::inventory
