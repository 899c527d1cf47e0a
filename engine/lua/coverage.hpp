#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit::lua {

/// How often each line of one rule's file ran, by its number; a machine that is told of it counts. One thread.
struct LineCount {
  explicit LineCount(const std::string& path, std::string_view text);

  std::string chunk;                 // as Lua names it
  std::vector<std::uint64_t> times;  // by line, from 1
};

/// The lines on which something begins that Lua runs, in order. None where the text is no Lua.
[[nodiscard]] std::vector<std::uint32_t> lines_with_code(std::string_view text);

}  // namespace audit::lua
