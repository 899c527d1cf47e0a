#include "lua/reading.hpp"

#include <filesystem>

#include "lua/modules.hpp"
#include "lua/sandbox.hpp"

namespace audit::lua {
namespace {

constexpr std::size_t loading_memory = 64U << 20U;
constexpr std::uint64_t loading_steps = 5'000'000;
constexpr const char* environment_key = "audit.environment";

struct Job {
  const Source* source;
  const RuleSet* set;
};

}  // namespace

std::string with_whole_path(std::string message, const std::string& path) {
  constexpr std::size_t kept = LUA_IDSIZE - 4;  // less "..." and the final zero
  if (path.size() <= kept) return message;
  const std::string shortened = "..." + path.substr(path.size() - kept);
  if (message.starts_with(shortened)) message.replace(0, shortened.size(), path);
  return message;
}

Reading::Reading() : loading_{tag_, loading_steps, loading_memory}, state_(lua_newstate(Memory::allocate, &memory_)) {
  memory_.on_overdraft(look);
}

Reading::~Reading() {
  if (state_ != nullptr) lua_close(state_);
  tag_->end();
}

std::string Reading::run(const Source& source, const RuleSet& set) {
  if (state_ == nullptr) return source.path + ": out of memory";
  check_of(state_) = nullptr;
  Job job{&source, &set};
  lua_pushcfunction(state_, body);
  lua_pushlightuserdata(state_, &job);
  const ModulesBeside beside{source.modules, std::filesystem::path(source.path).parent_path().string()};
  set_modules_beside(state_, &beside);
  set_loading(state_, &loading_);
  memory_.charge(tag_, state_, loading_memory);
  lua_sethook(state_, look, LUA_MASKCOUNT, steps_between_looks);
  const int status = lua_pcall(state_, 1, 1, 0);
  lua_sethook(state_, nullptr, 0, 0);
  set_modules_beside(state_, nullptr);
  memory_.charge(nullptr, nullptr, 0);
  if (status == LUA_OK) return {};
  const char* text = lua_tostring(state_, -1);
  return text != nullptr ? with_whole_path(text, source.path)
                         : source.path + ":1: the file failed with an error that is not a text";
}

void Reading::push_environment() {
  lua_getfield(state_, LUA_REGISTRYINDEX, environment_key);
  lua_getfield(state_, -1, "__index");
  lua_remove(state_, -2);
}

int Reading::declare(lua_State* L) {
  luaL_argexpected(L, lua_type(L, 1) == LUA_TTABLE, 1, "table: rule { … }");
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "audit.declared");
  return 1;
}

int Reading::body(lua_State* L) {
  const Job& job = *static_cast<Job*>(lua_touserdata(L, 1));
  push_base_environment(L);
  lua_pushcfunction(L, declare);
  lua_setfield(L, -2, "rule");
  register_require(L, lua_gettop(L), *job.set);
  lua_createtable(L, 0, 2);
  lua_insert(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, environment_key);
  lua_pushfstring(L, "@%s", job.source->path.c_str());
  const char* name = lua_tostring(L, -1);
  if (load_chunk(L, job.source->text.data(), job.source->text.size(), name) != LUA_OK) return lua_error(L);
  lua_newtable(L);
  lua_pushvalue(L, 2);
  lua_setmetatable(L, -2);
  lua_call(L, 1, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "audit.declared");
  if (lua_type(L, -1) != LUA_TTABLE || lua_rawequal(L, -1, -2) == 0)
    return luaL_error(L, "%s:1: a rule file ends with `return rule { … }`", job.source->path.c_str());
  return 1;
}

}  // namespace audit::lua
