#include "lua/collected.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "lua/collection.hpp"
#include "lua/evidence.hpp"
#include "lua/kept_table.hpp"
#include "lua/value.hpp"

// What `collect` returned is copied the moment it ends, as a verdict's evidence is.

namespace audit::lua {
namespace {

constexpr std::size_t longest_label = 100;

/// Reads one coroutine's result. No Lua runs and nothing is raised here.
class Taking {
 public:
  Taking(lua_State* L, Check& check) : L_(L), check_(check) {}

  void take() {
    if (lua_gettop(L_) == 0 || lua_isnil(L_, 1)) return;
    if (lua_gettop(L_) > 1 && !lua_isnil(L_, 2)) return refuse("returned two values; return one table of them");
    if (lua_type(L_, 1) == LUA_TTABLE && observation_of(L_, 1, check_) == nullptr) {
      check_.collected->table = true;
      if (read_keys()) read_table();
    } else {
      CollectedItem item;
      if (read(1, item)) keep(std::move(item));
    }
    if (check_.ended) *check_.collected = {};
  }

 private:
  void refuse(std::string what, Reason reason = Reason::rule_error) {
    if (!check_.ended) check_.ended = Error(reason, fmt::format("{}: `collect` {}", check_.rule.path, what));
  }

  void refuse_size() {
    refuse(fmt::format("returned more than {} KiB of one target; return only what `check` compares",
                       most_collected_bytes >> 10U),
           Reason::over_budget);
  }

  bool read_keys() {
    count_walk(L_);
    lua_pushnil(L_);
    while (lua_next(L_, 1) != 0) {
      lua_pop(L_, 1);
      CollectedItem item;
      if (lua_type(L_, -1) == LUA_TSTRING) {
        std::size_t length = 0;
        const char* text = lua_tolstring(L_, -1, &length);
        item.label.assign(text, length);
      } else if (lua_isinteger(L_, -1) != 0) {
        item.number = lua_tointeger(L_, -1);
      }
      if (item.label.size() > longest_label || (item.label.empty() && item.number == 0)) {
        refuse(fmt::format("returned a table with a key that is neither a name of at most {} bytes nor an index",
                           longest_label));
      } else if (items_.size() == most_collected_items) {
        refuse(fmt::format("returned a table of more than {} values; put them in a table of its own within it",
                           most_collected_items));
      }
      if (check_.ended) {
        lua_pop(L_, 1);
        return false;
      }
      items_.push_back(std::move(item));
    }
    std::sort(items_.begin(), items_.end(), [](const CollectedItem& a, const CollectedItem& b) {
      if (a.label.empty() != b.label.empty()) return a.label.empty();
      return a.label.empty() ? a.number < b.number : a.label < b.label;
    });
    return true;
  }

  void read_table() {
    for (CollectedItem& item : items_) {
      if (item.label.empty()) {
        lua_rawgeti(L_, 1, item.number);
      } else {
        lua_pushlstring(L_, item.label.data(), item.label.size());
        lua_rawget(L_, 1);
      }
      const bool good = read(lua_gettop(L_), item);
      lua_pop(L_, 1);
      if (!good) return;
      keep(std::move(item));
    }
  }

  bool read(int index, CollectedItem& item) {
    item.observation = observation_of(L_, index, check_);
    std::string problem;
    if (item.observation && lua_type(L_, index) != LUA_TTABLE) {  // a stream is what was said in it
      item.value = item.observation->fields;
    } else if (!to_value(L_, index, item.value, most_collected_bytes, problem)) {
      if (problem == "is too large") {
        refuse_size();
      } else {
        refuse(fmt::format("returned a value{} that {}", item.label.empty() ? "" : " `" + visible(item.label) + "`",
                           problem.empty() ? "could not be kept" : problem));
      }
      return false;
    }
    return true;
  }

  void keep(CollectedItem item) {
    Collected& collected = *check_.collected;
    collected.bytes += sizeof(CollectedItem) + item.label.size() + weight_of(item.value);
    if (item.observation) collected.bytes += sizeof(Observation) + weight_of(item.observation->fields);
    // The observation's fields are the value again, and kept beside it.
    if (collected.bytes > 4 * most_collected_bytes) return refuse_size();
    collected.items.push_back(std::move(item));
  }

  lua_State* L_;
  Check& check_;
  std::vector<CollectedItem> items_;
};

}  // namespace

std::size_t weight_of(const Value& value) {
  std::size_t weight = sizeof(Value);
  if (const auto* text = value.get_if<std::string>()) weight += text->size();
  if (const auto* array = value.get_if<Value::Array>())
    for (const Value& item : *array) weight += weight_of(item);
  if (const auto* object = value.get_if<Value::Object>())
    for (const auto& [name, member] : *object) weight += sizeof(std::string) + name.size() + weight_of(member);
  return weight;
}

void take_collected(lua_State* thread, Check& check) noexcept {
  try {
    constexpr int room = 8;
    if (lua_checkstack(thread, room) == 0) {
      check.ended = Error(Reason::local_fault, "out of memory: what `collect` returned could not be kept");
      return;
    }
    Taking(thread, check).take();
    const auto& record = check.context.record();
    const auto witness =
        std::find_if(record.begin(), record.end(), [](const auto& seen) { return seen->saw_something(); });
    if (witness == record.end() || check.collected->items.empty()) return;
    check.collected->witness = *witness;
    check.collected->bytes += sizeof(Observation) + weight_of((*witness)->fields);
  } catch (...) {
    check.ended = Error(Reason::local_fault, "out of memory: what `collect` returned could not be kept");
  }
}

}  // namespace audit::lua
