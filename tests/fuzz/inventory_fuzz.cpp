#include <algorithm>
#include <string_view>

#include "inventory/expansion.hpp"
#include "inventory/load.hpp"

/// Any bytes load or are refused with a reason, and what loads expands.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace audit::inventory;
  const Loaded loaded = load_text(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
  if (loaded.inventory.has_value() != loaded.mistakes.empty()) __builtin_trap();
  if (!loaded.inventory) return 0;
  const Expansion expansion(*loaded.inventory, size);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(expansion.size(), 64); ++i)
    static_cast<void>(expansion.duplicate(expansion.at(i)));
  return 0;
}
