#pragma once

#include <functional>
#include <string>
#include <vector>

#include "inventory/inventory.hpp"
#include "inventory/read_value.hpp"

namespace audit::inventory {

/// Settings while layers are put onto each other.
struct Draft {
  Settings settings;
  std::optional<ExpectedPorts> tcp;
  std::optional<ExpectedPorts> udp;
  std::optional<ExpectedAnswers> answers;
};

/// One key that a table sets, ready to be compared with others and to be put into settings.
struct Written {
  std::string key;    // "safety", "limits.gap", params."tls.expiry"."days": equal keys set the same thing
  std::string shown;  // its value as text: equal texts are equal values
  Position at;
  std::function<void(Draft&)> put;
};

/// What one table says of targets: a group, a target, or the inventory's own [limits] and [params].
struct Layer {
  std::vector<Written> written;
  std::vector<Text> tags;
  TransportPorts never;
  Position never_at;              // line 0 where it is not written
  PortSet ports;                  // swept besides; united, as tags are
  std::vector<std::string> urls;  // of a target
};

/// The keys that groups and targets share; the caller checks for unknown ones with these and its own.
inline constexpr std::string_view layer_keys[] = {"tags",   "owner",  "safety", "limits",      "assume_up",
                                                  "expect", "params", "ports",  "criticality", "resolve"};

/// Reads them; each parameter's place is added to `params`, for whoever knows the rules.
[[nodiscard]] Layer read_layer(Mistakes& mistakes, const NodeTable& table, std::vector<ParamPlace>& params);
/// [limits] less its rate; `in_run` where it is the inventory's own table, which alone may have one.
void read_limits(Mistakes& mistakes, const KeyValue& member, bool in_run, std::vector<Written>& written);
void read_params(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written,
                 std::vector<ParamPlace>& params);

}  // namespace audit::inventory
