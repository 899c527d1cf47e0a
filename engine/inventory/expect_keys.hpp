#pragma once

#include <vector>

#include "inventory/layer.hpp"

namespace audit::inventory {

/// `expect` of a group or a target: each key of it is merged by itself, and as a whole.
void read_expect(Mistakes& mistakes, const KeyValue& member, std::vector<Written>& written);

/// The keys of `expect` besides tcp and udp.
inline constexpr std::string_view answer_keys[] = {"names", "addresses", "certificates", "ssh_host_keys", "services"};
void read_expected_answers(Mistakes& mistakes, const NodeTable& expect, std::vector<Written>& written);

}  // namespace audit::inventory
