#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/inventory.hpp"

namespace audit::inventory {

/// One mistake in an inventory: where, what, and what to write instead.
struct Mistake {
  Place place;
  std::string message;

  /// "file:line:column: message"; "file: message" where it is about the file as a whole, or about --target.
  [[nodiscard]] std::string text() const;
};

/// What loading keeps besides what a run needs.
struct LoadOptions {
  bool origins = false;  // of each setting: costs memory for each target that has a key of its own
};

struct Loaded {
  std::optional<Inventory> inventory;  // absent where there is any mistake
  std::vector<Mistake> mistakes;       // in the order of the file, at most 50, the rest counted in the last; of errors
                                       // of syntax the first alone, since nothing after it can be read
};

/// Reads and validates an inventory of at most 64 MiB with the files it includes; "-" is standard input. Never throws,
/// never sends or resolves anything.
[[nodiscard]] Loaded load_file(const std::string& path, const LoadOptions& options = {});
/// As load_file, of text, which includes no file; `file` is only used in messages.
[[nodiscard]] Loaded load_text(std::string_view text, const std::string& file, const LoadOptions& options = {});
/// An inventory without a file: each item an address, CIDR, range or name, or several with commas between them, as
/// `--target` takes them.
[[nodiscard]] Loaded from_targets(const std::vector<std::string>& targets);

}  // namespace audit::inventory
