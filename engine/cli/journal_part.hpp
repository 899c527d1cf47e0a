#pragma once

#include "audit/sink.hpp"
#include "store/part.hpp"

namespace audit::cli {

/// What the journal keeps of a target that is still open.
[[nodiscard]] store::Part part_of(const core::PartMessage& message);
/// The message that a part was made of; `member` is the one of its ordinal, `rules` are the plan's.
[[nodiscard]] core::PartMessage message_of(store::Part&& part, const inventory::Member& member,
                                           const std::vector<std::string>& rules);

}  // namespace audit::cli
