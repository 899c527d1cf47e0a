#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "lua/collection.hpp"
#include "lua/evidence.hpp"
#include "lua/kept_table.hpp"
#include "lua/lib_stream.hpp"
#include "lua/sandbox.hpp"
#include "lua/value.hpp"

// pass, fail, not_applicable, info: copied the moment they are given, keys sorted, sizes capped.

namespace audit::lua {
namespace {

constexpr std::size_t longest_message = 2'048;
constexpr std::size_t most_note_bytes = 16'384;
constexpr std::size_t most_evidence = 64;
constexpr std::size_t longest_label = 100;

/// What was collected is named by its target, for evidence of one check may be of several.
void name_target(lua_State* L, int index, const Check& check, std::string& label) {
  lua_rawgetp(L, index, observation_key());
  const std::string target = target_of_answer(check, static_cast<std::size_t>(lua_tointeger(L, -1)));
  lua_pop(L, 1);
  if (!target.empty()) label = label.empty() ? target : fmt::format("{} ({})", label, target);
}

bool read_item(lua_State* L, int index, std::string label, Check& check, std::vector<Evidence>& evidence) {
  Evidence item;
  item.label = std::move(label);
  item.observation = observation_of(L, index, check);
  if (item.observation && check.collection != nullptr) name_target(L, index, check, item.label);
  if (!item.observation && !to_value(L, index, item.note, most_note_bytes, check.problem)) {
    check.problem =
        fmt::format("evidence{} {}", item.label.empty() ? "" : " `" + visible(item.label) + "`", check.problem);
    return false;
  }
  evidence.push_back(std::move(item));
  return true;
}

/// A key of an evidence table; numbers come first, as numbers.
struct Label {
  lua_Integer number = 0;
  std::string_view text;  // the table keeps it alive
  bool named = false;

  bool operator<(const Label& other) const {
    if (named != other.named) return other.named;
    return named ? text < other.text : number < other.number;
  }
};

/// The labels of the first items, by label; false where a key is none.
bool read_labels(lua_State* L, int index, Check& check, std::vector<Label>& labels) {
  count_walk(L);
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    lua_pop(L, 1);
    Label label;
    if (lua_type(L, -1) == LUA_TSTRING) {
      std::size_t length = 0;
      const char* text = lua_tolstring(L, -1, &length);
      label.text = std::string_view(text, length);
      label.named = true;
    } else if (lua_isinteger(L, -1) != 0) {
      label.number = lua_tointeger(L, -1);
    } else {
      lua_pop(L, 1);
      check.problem = "evidence is a list, or a table with names";
      return false;
    }
    labels.push_back(label);
    std::push_heap(labels.begin(), labels.end());
    if (labels.size() <= most_evidence) continue;
    std::pop_heap(labels.begin(), labels.end());
    labels.pop_back();
  }
  std::sort_heap(labels.begin(), labels.end());
  return true;
}

bool read_table(lua_State* L, int index, Check& check, std::vector<Evidence>& evidence) {
  std::vector<Label> labels;
  if (!read_labels(L, index, check, labels)) return false;
  for (const Label& label : labels) {
    if (label.named) {
      lua_pushlstring(L, label.text.data(), label.text.size());
      lua_rawget(L, index);
    } else {
      lua_rawgeti(L, index, label.number);
    }
    const bool read = read_item(L, lua_gettop(L), std::string(label.text.substr(0, longest_label)), check, evidence);
    lua_pop(L, 1);
    if (!read) return false;
  }
  return true;
}

bool read_evidence(lua_State* L, int index, Check& check, std::vector<Evidence>& evidence) {
  if (lua_isnoneornil(L, index)) return true;
  const bool many = lua_type(L, index) == LUA_TTABLE && !observation_of(L, index, check);
  if (many && push_shown(L, index)) {
    const bool read = read_table(L, lua_gettop(L), check, evidence);
    lua_pop(L, 1);
    return read;
  }
  return many ? read_table(L, index, check, evidence) : read_item(L, index, "", check, evidence);
}

bool read_options(lua_State* L, int index, Check& check, Verdict& verdict) {
  if (lua_isnoneornil(L, index)) return true;
  Value options;
  if (!to_value(L, index, options, longest_message, check.problem)) {
    check.problem = "the options table " + check.problem;
    return false;
  }
  const auto* list = options.get_if<Value::Array>();
  if (list != nullptr && list->empty()) return true;
  const auto* table = options.get_if<Value::Object>();
  if (table == nullptr) {
    check.problem = "options are a table with names, { severity = \"high\", key = \"…\" }";
    return false;
  }
  for (const auto& [key, value] : *table) {
    const auto* text = value.get_if<std::string>();
    if (key == "severity") {
      if (text != nullptr) verdict.severity = parse_severity(*text);
      if (!verdict.severity) {
        check.problem = "severity must be \"critical\", \"high\", \"medium\", \"low\" or \"info\"";
        return false;
      }
    } else if (key == "key" && text != nullptr) {
      verdict.key = *text;
    } else {
      check.problem = fmt::format("no option `{}`; there are `severity` and `key` (a string)", visible(key));
      return false;
    }
  }
  return true;
}

/// Copies a verdict off the stack; no Lua runs and nothing is raised here.
bool record(lua_State* L, Check& check, Status status, int message, int evidence, int options) noexcept {
  try {
    Verdict verdict;
    verdict.status = status;
    if (message != 0) {
      std::size_t length = 0;
      const char* text = lua_tolstring(L, message, &length);
      verdict.message.assign(text, std::min(length, longest_message));
    }
    if (evidence != 0 && !read_evidence(L, evidence, check, verdict.evidence)) return false;
    if (options != 0 && !read_options(L, options, check, verdict)) return false;
    if (check.verdicts++ == 0) check.verdict = std::move(verdict);
    return true;
  } catch (...) {
    return false;
  }
}

Check& running_check(lua_State* L, const char* word) {
  Check* check = check_of(L);
  if (check == nullptr) luaL_error(L, "%s() may only be called within `check`", word);
  if (check->collected != nullptr)
    luaL_error(L, "%s() gives a verdict, which is for `check`: `collect` returns what it found, or nothing", word);
  return *check;
}

int give(lua_State* L, const char* word, Status status, int message, int evidence, int options) {
  Check& check = running_check(L, word);
  if (message != 0) luaL_argexpected(L, lua_type(L, message) == LUA_TSTRING, message, "string (the message)");
  check.problem.clear();
  if (!record(L, check, status, message, evidence, options))
    return luaL_error(L, "%s: %s", word,
                      check.problem.empty() ? "the verdict could not be kept" : check.problem.c_str());
  lua_pushstring(L, word);
  return 1;
}

int give_pass(lua_State* L) {
  lua_settop(L, 2);
  if (lua_type(L, 1) == LUA_TSTRING) return give(L, "pass", Status::pass, 1, 2, 0);
  if (lua_isnil(L, 1)) return give(L, "pass", Status::pass, 0, 2, 0);
  luaL_argcheck(L, lua_isnil(L, 2), 1, "the message comes before the evidence");
  return give(L, "pass", Status::pass, 0, 1, 0);
}

int give_fail(lua_State* L) {
  lua_settop(L, 3);
  return give(L, "fail", Status::fail, 1, 2, 3);
}

int give_not_applicable(lua_State* L) {
  lua_settop(L, 1);
  return give(L, "not_applicable", Status::not_applicable, 1, 0, 0);
}

int give_info(lua_State* L) {
  lua_settop(L, 3);
  return give(L, "info", Status::informational, 1, 2, 3);
}

constexpr luaL_Reg functions[] = {
    {"pass", give_pass}, {"fail", give_fail}, {"not_applicable", give_not_applicable}, {"info", give_info}};

}  // namespace

std::shared_ptr<Observation> observation_of(lua_State* L, int index, const Check& check) {
  if (const probe::Conversation* talk = stream_at(L, index)) return talk->observation();
  if (lua_type(L, index) != LUA_TTABLE) return nullptr;
  lua_rawgetp(L, index, observation_key());
  const bool marked = lua_isinteger(L, -1) != 0;
  const auto number = static_cast<std::size_t>(lua_tointeger(L, -1));
  lua_pop(L, 1);
  if (!marked || number >= check.answers.size()) return nullptr;
  return check.answers[number];
}

void register_verdicts(lua_State* L, int environment) {
  for (const luaL_Reg& function : functions) {
    lua_pushcfunction(L, function.func);
    lua_setfield(L, environment, function.name);
  }
}

std::vector<std::string_view> verdict_names() {
  std::vector<std::string_view> names;
  for (const luaL_Reg& function : functions) names.emplace_back(function.name);
  return names;
}

}  // namespace audit::lua
