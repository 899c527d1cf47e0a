#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/plan.hpp"

namespace audit::cli {

/// What a plan would ask, counted before anything is sent.
struct Census {
  /// One rule of the plan, by its ordinal.
  struct OfRule {
    std::uint64_t listed = 0;      // checks planned for sure
    std::uint64_t candidates = 0;  // if every candidate lived
    std::uint64_t hidden = 0;      // of the listed ones: `never` forbids a port that they have to see
  };

  std::uint64_t addresses = 0;  // that are listed
  std::uint64_t names = 0;
  std::uint64_t candidates = 0;
  std::uint64_t excluded = 0;
  bool exact = true;  // false: too many to be walked, so that what is excluded or covered twice is counted too
  std::vector<OfRule> rules;
  std::uint64_t connects = 0;   // of the sweep, at one attempt each
  std::uint64_t echoes = 0;     // at most: one to each host that is swept
  std::uint64_t datagrams = 0;  // to UDP ports that are expected, at one attempt each
  std::uint64_t questions = 0;  // of DNS, to resolve names
  Duration longest_silence{};   // what one target takes where none of its UDP ports answers
  Duration longest_gap{};       // what the gap alone makes one target take

  [[nodiscard]] std::uint64_t listed_checks() const;
  [[nodiscard]] std::uint64_t candidate_checks() const;
  [[nodiscard]] std::uint64_t hidden_checks() const;
};

[[nodiscard]] Census count(const core::Plan& plan);

}  // namespace audit::cli
