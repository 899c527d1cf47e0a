#pragma once

#include <string>
#include <vector>

#include "audit/sink.hpp"
#include "inventory/inventory.hpp"

namespace audit::cli {

/// What a baseline is written from.
struct BaselineSeen {
  const inventory::Inventory& inventory;      // as the user wrote it
  std::vector<core::TargetMessage> messages;  // in the order of their ordinals
  std::uint64_t dark = 0;                     // candidates that gave no sign of life
  std::uint64_t unasked = 0;
  std::string written;  // when, and by what command
};

struct BaselineText {
  std::string toml;
  bool complete = true;  // everything that was looked at was seen
};

/// An inventory that today's network satisfies. What was not seen is a comment, never an expectation. With `fragment` the
/// targets alone, for an inventory that has groups and scope itself.
[[nodiscard]] BaselineText write_baseline(const BaselineSeen& seen, bool fragment);

}  // namespace audit::cli
