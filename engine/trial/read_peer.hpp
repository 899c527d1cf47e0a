#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trial/case.hpp"

namespace audit::trial {

/// A `peer { … }`; mistakes are added as "file:line: what". `home`: the address that a peer has where it names none.
[[nodiscard]] std::optional<Peer> read_peer(const std::string& place, const Value& table, const IpAddress& home,
                                            std::vector<std::string>& mistakes);

}  // namespace audit::trial
