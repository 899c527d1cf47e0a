#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lua/rule.hpp"
#include "trial/case.hpp"
#include "trial/stage.hpp"

namespace audit::trial {

/// What is done to a peer that nobody would write a case for.
enum class Kind : std::uint8_t { refused, filtered, gone, silence, empty, truncated, stalled, reset, garbage, split };

[[nodiscard]] std::string_view name_of(Kind kind) noexcept;

/// A case made from another one.
struct Variant {
  Kind kind = Kind::refused;
  std::string how;               // "tcp/10.0.0.1:23 closed after 3 of 7 bytes"
  std::optional<Endpoint> bent;  // the peer, or the name server; none: all of them
  Case scripted;
};

struct Variants {
  std::vector<Variant> list;
  std::uint64_t left_out = 0;  // by the caps below
};

inline constexpr std::size_t most_cuts = 128;       // of one conversation, where a peer closes
inline constexpr std::size_t most_stalls = 12;      // where it falls silent; as many where it resets
inline constexpr std::size_t most_ports_alone = 4;  // of each transport
inline constexpr std::size_t most_bent_peers = 16;  // of one case

/// Everything of what a case's peers and its name server may do instead. `seen`: the case as it was played.
[[nodiscard]] Variants vary(const Case& base, const Seen& seen);
/// For a rule without a case that has an open port: each of its first ports alone, open and silent; a bare host where it
/// has none.
[[nodiscard]] std::vector<Case> cases_of_ports(const lua::Rule& rule);

}  // namespace audit::trial
