#include <algorithm>
#include <iterator>
#include <string_view>

#include "lua/collection.hpp"
#include "lua/kept_table.hpp"
#include "lua/value.hpp"

// `run`: what the check of a run-scope rule judges.

namespace audit::lua {
namespace {

constexpr const char* run_name = "audit.run";

void push_text(lua_State* L, const std::string& text) { lua_pushlstring(L, text.data(), text.size()); }

void push_list(lua_State* L, const std::vector<std::string>& texts) {
  lua_createtable(L, static_cast<int>(texts.size()), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    push_text(L, texts[i]);
    lua_rawseti(L, -2, static_cast<lua_Integer>(i + 1));
  }
}

void push_count(lua_State* L, std::uint64_t count) { lua_pushinteger(L, static_cast<lua_Integer>(count)); }

void push_item(lua_State* L, const CollectedItem& item, std::size_t& number) {
  push_value(L, item.value);
  if (!item.observation) return;
  if (lua_type(L, -1) == LUA_TTABLE) {
    push_count(L, number);
    lua_rawsetp(L, -2, observation_key());
  }
  ++number;
}

void push_collected(lua_State* L, const Collected& collected, std::size_t number) {
  if (!collected.table) {
    if (collected.items.empty()) {
      lua_pushnil(L);
    } else {
      push_item(L, collected.items.front(), number);
    }
    return;
  }
  lua_createtable(L, 0, static_cast<int>(collected.items.size()));
  for (const CollectedItem& item : collected.items) {
    if (item.label.empty()) {
      lua_pushinteger(L, item.number);
    } else {
      push_text(L, item.label);
    }
    push_item(L, item, number);
    lua_rawset(L, -3);
  }
}

struct CollectedField {
  std::string_view name;
  void (*push)(lua_State* L, const CollectedTarget& target);
};

constexpr CollectedField collected_fields[] = {
    {"id", [](lua_State* L, const CollectedTarget& target) { push_text(L, target.subject.id); }},
    {"address",
     [](lua_State* L, const CollectedTarget& target) {
       target.subject.address.empty() ? lua_pushnil(L) : push_text(L, target.subject.address);
     }},
    {"addresses", [](lua_State* L, const CollectedTarget& target) { push_list(L, target.subject.addresses); }},
    {"names", [](lua_State* L, const CollectedTarget& target) { push_list(L, target.subject.names); }},
    {"tags", [](lua_State* L, const CollectedTarget& target) { push_list(L, target.subject.tags); }},
    {"groups", [](lua_State* L, const CollectedTarget& target) { push_list(L, target.subject.groups); }},
    {"owner", [](lua_State* L, const CollectedTarget& target) { push_text(L, target.subject.owner); }},
    {"zone", [](lua_State* L, const CollectedTarget& target) { push_text(L, target.subject.zone); }},
    {"criticality", [](lua_State* L, const CollectedTarget& target) { push_text(L, target.subject.criticality); }},
    {"urls", [](lua_State* L, const CollectedTarget& target) { push_list(L, target.subject.urls); }},
    {"params", [](lua_State* L, const CollectedTarget& target) { push_value(L, target.params); }},
};

/// The iterator of each(): upvalues are how far it is, and the number of the next observation.
int next_target(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr || check->collection == nullptr) return luaL_error(L, "no run here");
  const auto& targets = check->collection->targets;
  const auto at = static_cast<std::size_t>(lua_tointeger(L, lua_upvalueindex(1)));
  if (at >= targets.size()) {
    lua_pushnil(L);
    return 1;
  }
  const CollectedTarget& target = targets[at];
  const auto number = static_cast<std::size_t>(lua_tointeger(L, lua_upvalueindex(2)));
  constexpr std::uint64_t bytes_a_step = 64;
  spend_steps(L, target.collected.bytes / bytes_a_step);
  lua_createtable(L, 0, static_cast<int>(std::size(collected_fields)) + 1);
  for (const CollectedField& field : collected_fields) {
    field.push(L, target);
    lua_setfield(L, -2, field.name.data());
  }
  push_collected(L, target.collected, number);
  lua_setfield(L, -2, "collected");
  push_kept(L);
  push_count(L, at + 1);
  lua_replace(L, lua_upvalueindex(1));
  const auto& items = target.collected.items;
  push_count(L, number + static_cast<std::size_t>(std::count_if(items.begin(), items.end(), [](const auto& item) {
                  return item.observation != nullptr;
                })));
  lua_replace(L, lua_upvalueindex(2));
  return 1;
}

int run_each(lua_State* L) {
  luaL_checkudata(L, 1, run_name);
  lua_pushinteger(L, 0);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_target, 2);
  return 1;
}

void push_missing(lua_State* L, const Collection& collection) {
  lua_createtable(L, static_cast<int>(collection.missing.size()), 0);
  lua_Integer place = 0;
  for (const MissingTarget& missing : collection.missing) {
    lua_createtable(L, 0, 3);
    push_text(L, missing.id);
    lua_setfield(L, -2, "target");
    const std::string_view reason = name_of(missing.why.reason);
    lua_pushlstring(L, reason.data(), reason.size());
    lua_setfield(L, -2, "reason");
    push_text(L, missing.why.message);
    lua_setfield(L, -2, "message");
    lua_rawseti(L, -2, ++place);
  }
  push_kept(L);
}

struct RunField {
  std::string_view name;
  void (*push)(lua_State* L, const Collection& collection);
};

constexpr RunField run_fields[] = {
    {"targets", [](lua_State* L, const Collection& collection) { push_count(L, collection.asked); }},
    {"collected", [](lua_State* L, const Collection& collection) { push_count(L, collection.targets.size()); }},
    {"absent", [](lua_State* L, const Collection& collection) { push_count(L, collection.absent); }},
    {"missing", push_missing},
    {"missing_count", [](lua_State* L, const Collection& collection) { push_count(L, collection.missing_count); }},
    {"complete", [](lua_State* L, const Collection& collection) { lua_pushboolean(L, collection.complete() ? 1 : 0); }},
};

int run_index(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr || check->collection == nullptr || lua_type(L, 2) != LUA_TSTRING)
    return luaL_error(L, "run has no such field");
  const std::string_view key = lua_tostring(L, 2);
  for (const RunField& field : run_fields) {
    if (field.name != key) continue;
    field.push(L, *check->collection);
    return 1;
  }
  if (key != "each")
    return luaL_error(L, "run has no field or method `%s`; what asks the network belongs in `collect`",
                      lua_tostring(L, 2));
  lua_pushcfunction(L, run_each);
  return 1;
}

int run_text(lua_State* L) {
  lua_pushliteral(L, "run");
  return 1;
}

int refuse_write(lua_State* L) { return luaL_error(L, "run cannot be changed"); }

}  // namespace

void adopt_collection(Check& check) {
  for (const CollectedTarget& target : check.collection->targets)
    for (const CollectedItem& item : target.collected.items)
      if (item.observation) check.answers.push_back(item.observation);
}

std::string target_of_answer(const Check& check, std::size_t number) {
  if (check.collection == nullptr) return {};
  std::size_t first = 0;
  for (const CollectedTarget& target : check.collection->targets) {
    for (const CollectedItem& item : target.collected.items) first += item.observation ? 1 : 0;
    if (number < first) return target.subject.id;
  }
  return {};
}

void push_run(lua_State* L) {
  lua_newuserdatauv(L, 0, 0);
  if (luaL_newmetatable(L, run_name) != 0) {
    lua_pushcfunction(L, run_index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, run_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "run");
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

std::vector<std::string_view> run_field_names() {
  std::vector<std::string_view> names;
  for (const RunField& field : run_fields) names.push_back(field.name);
  return names;
}

std::vector<std::string_view> run_method_names() { return {"each"}; }

std::vector<std::string_view> collected_field_names() {
  std::vector<std::string_view> names;
  for (const CollectedField& field : collected_fields) names.push_back(field.name);
  names.emplace_back("collected");
  return names;
}

}  // namespace audit::lua
