#pragma once

#include <string>

#include "lua/check.hpp"
#include "lua/rule.hpp"

namespace audit::lua {

struct Source {
  std::string path;
  std::string text;
  const std::map<std::string, std::string>* modules = nullptr;  // of its own folder
};

/// Lua shortens the name of a long file in its messages, keeping its end; this gives it back.
[[nodiscard]] std::string with_whole_path(std::string message, const std::string& path);

/// A state that runs one file's top level, to read what it declares. Bounded in steps and memory; sends nothing.
class Reading {
 public:
  Reading();
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  /// Runs the file; "" or the message of what went wrong. The rule's table is left on the stack.
  std::string run(const Source& source, const RuleSet& set);
  [[nodiscard]] lua_State* state() noexcept { return state_; }
  /// Pushes what every file finds behind its `_ENV`, once one was run.
  void push_environment();

 private:
  static int declare(lua_State* L);
  static int body(lua_State* L);

  Memory memory_;
  Tag* tag_ = Tag::create();
  Loading loading_;
  lua_State* state_;
};

}  // namespace audit::lua
