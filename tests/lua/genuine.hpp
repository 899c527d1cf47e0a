#pragma once

#include <string>
#include <string_view>

#include "lua/lua.hpp"

namespace audit::lua {

/// A plain state with all of Lua's own library, and beside it a table `ours` of the functions that stand in for it.
class Genuine {
 public:
  Genuine();
  ~Genuine();
  Genuine(const Genuine&) = delete;
  Genuine& operator=(const Genuine&) = delete;

  /// Runs Lua and gives its result, or "error: …".
  [[nodiscard]] std::string run(std::string_view source);
  void set(const char* name, lua_Integer value);

 private:
  lua_State* state_;
};

}  // namespace audit::lua
