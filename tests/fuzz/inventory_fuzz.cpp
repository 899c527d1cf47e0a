#include <algorithm>
#include <string_view>

#include "inventory/expansion.hpp"
#include "inventory/framework.hpp"
#include "inventory/load.hpp"

/// Any bytes load or are refused with a reason, as an inventory and as a framework, and what loads expands.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace audit::inventory;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const LoadedFramework framework = load_framework_text(text, "fuzz.toml");
  if (framework.file.has_value() != framework.mistakes.empty()) __builtin_trap();
  const Loaded loaded = load_text(text, "fuzz.toml");
  if (loaded.inventory.has_value() != loaded.mistakes.empty()) __builtin_trap();
  if (!loaded.inventory) return 0;
  const Expansion expansion(*loaded.inventory, size);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(expansion.size(), 64); ++i)
    static_cast<void>(expansion.duplicate(expansion.at(i)));
  return 0;
}
