#pragma once

#include <cstdint>
#include <functional>
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

/// What of [[sources]] is read besides: nothing (where any is written that is a mistake), files, commands too.
enum class SourceAccess : std::uint8_t { none, files, commands };

struct LoadOptions {
  SourceAccess access = SourceAccess::files;
  bool origins = false;  // of each setting: costs memory for each target that has a key of its own
  /// What commands of sources had printed when the run began that is resumed: these are not run again. Asked at most
  /// once, with what is read so far: at least the history's settings.
  std::function<std::vector<ExpandedSource>(const Inventory&)> known = nullptr;
};

struct Loaded {
  std::optional<Inventory> inventory;  // absent where there is any mistake
  std::vector<Mistake> mistakes;       // in the order of the file, at most 50, the rest counted in the last; of errors
                                       // of syntax the first alone, since nothing after it can be read
};

/// Reads and validates an inventory of at most 64 MiB with the files it includes, and its sources; "-" is standard input.
/// Never throws, never sends or resolves anything; runs only commands of sources, and only with access to commands.
[[nodiscard]] Loaded load_file(const std::string& path, const LoadOptions& options = {});
/// As load_file, of text alone: without includes and sources; `file` is only used in messages.
[[nodiscard]] Loaded load_text(std::string_view text, const std::string& file, LoadOptions options = {});
/// An inventory without a file: each item an address, CIDR, range or name, or several with commas between them, as
/// `--target` takes them. `written` is where: what mistakes begin with.
[[nodiscard]] Loaded from_targets(const std::vector<std::string>& targets, const std::string& written = "--target");

}  // namespace audit::inventory
