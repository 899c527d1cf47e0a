#pragma once

#include "base/notifier.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// `when = ["changed", "new_failures >= high"]` of a notifier; without it, ["changed", "incomplete"].
[[nodiscard]] NotifyWhen read_when(Mistakes& mistakes, const KeyValue* member);

}  // namespace audit::inventory
