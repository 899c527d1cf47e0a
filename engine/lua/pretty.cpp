#include "lua/pretty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "lua/check.hpp"
#include "lua/lib_stream.hpp"
#include "lua/sandbox.hpp"
#include "lua/secret.hpp"
#include "lua/value.hpp"

namespace audit::lua {
namespace {

constexpr std::size_t line_width = 100;
constexpr int slots_a_level = 8;

std::string_view text_at(lua_State* L, int index) {
  std::size_t size = 0;
  const char* text = lua_tolstring(L, index, &size);
  return {text, size};
}

/// Strings that are written bare as `{ name = … }`.
bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string number(lua_State* L, int index) {
  if (lua_isinteger(L, index) != 0) return fmt::format("{}", lua_tointeger(L, index));
  const double real = lua_tonumber(L, index);
  if (std::isnan(real)) return "nan";
  if (std::isinf(real)) return real > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{:.14g}", real);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

/// A key that can be sorted; the table keeps its text alive.
struct Key {
  enum class Rank : std::uint8_t { number, text, flag };
  Rank rank = Rank::number;
  double number = 0;
  std::string_view text;

  bool operator<(const Key& other) const {
    if (rank != other.rank) return rank < other.rank;
    return rank == Rank::text ? text < other.text : number < other.number;
  }
};

/// False where the key at `index` is of a kind that has no order.
bool read_key(lua_State* L, int index, Key& key) {
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      key.rank = Key::Rank::number;
      key.number = lua_tonumber(L, index);
      return true;
    case LUA_TSTRING:
      key.rank = Key::Rank::text;
      key.text = text_at(L, index);
      return true;
    case LUA_TBOOLEAN:
      key.rank = Key::Rank::flag;
      key.number = lua_toboolean(L, index);
      return true;
    default: return false;
  }
}

class Printer {
 public:
  Printer(lua_State* L, const Check& check, const PrettyLimits& limits) : L_(L), check_(check), limits_(limits) {}

  std::string show(int index, int depth, std::size_t indent) {
    std::string text = show_any(index, depth, indent);
    if (lua_type(L_, index) != LUA_TTABLE) spent_ += text.size();
    return text;
  }

  std::string quoted(std::string_view bytes) {
    std::string text = "\"";
    for (const char c : visible(bytes.substr(0, limits_.text))) {
      if (c == '"') text += '\\';
      text += c;
    }
    text += '"';
    if (bytes.size() > limits_.text) text += fmt::format("… ({} more)", counted(bytes.size() - limits_.text, "byte"));
    return text;
  }

 private:
  std::string show_any(int index, int depth, std::size_t indent) {
    switch (lua_type(L_, index)) {
      case LUA_TNIL: return "nil";
      case LUA_TBOOLEAN: return lua_toboolean(L_, index) != 0 ? "true" : "false";
      case LUA_TNUMBER: return number(L_, index);
      case LUA_TSTRING: return quoted(text_at(L_, index));
      case LUA_TTABLE: return table(lua_absindex(L_, index), depth, indent);
      case LUA_TUSERDATA: return object(index);
      default: return lua_typename(L_, lua_type(L_, index));
    }
  }

  std::string object(int index) {
    if (const probe::Conversation* talk = stream_at(L_, index)) {
      const Observation& seen = *talk->observation();
      return fmt::format("stream {} -> {} ({})", visible(seen.local), visible(seen.remote),
                         talk->closed() ? "closed" : "open");
    }
    if (const auto sealed = sealed_at(L_, index))
      return visible(fmt::format("credential {}", fmt::join(sealed->credentials, ", ")));
    if (luaL_getmetafield(L_, index, "__metatable") == LUA_TNIL) return "userdata";
    const bool target = lua_type(L_, -1) == LUA_TSTRING && text_at(L_, -1) == "target";
    lua_pop(L_, 1);
    return target ? "target " + visible(check_.subject.id) : "userdata";
  }

  const Observation* observation(int index) {
    lua_rawgetp(L_, index, observation_key());
    const bool marked = lua_isinteger(L_, -1) != 0;
    const auto at = static_cast<std::size_t>(lua_tointeger(L_, -1));
    lua_pop(L_, 1);
    return marked && at < check_.answers.size() ? check_.answers[at].get() : nullptr;
  }

  std::string table(int index, int depth, std::size_t indent) {
    if (lua_checkstack(L_, slots_a_level) == 0) return "{ … }";
    if (read_probe_error(L_, index)) {
      const std::string text = fmt::format("{}: {}", visible(text_at(L_, -2)), visible(text_at(L_, -1), limits_.text));
      lua_pop(L_, 2);
      return "probe error " + text;
    }
    std::string title;
    if (const Observation* seen = observation(index))
      title = fmt::format("{} {} ", visible(seen->probe), visible(seen->endpoint));
    const int top = lua_gettop(L_);
    if (is_frozen(index)) index = lua_gettop(L_);  // its own table shows nothing
    std::string text = title + members(index, depth, indent);
    lua_settop(L_, top);
    return text;
  }

  /// Pushes the table behind a frozen one.
  bool is_frozen(int index) {
    if (luaL_getmetafield(L_, index, "__metatable") == LUA_TNIL) return false;
    const bool frozen = lua_type(L_, -1) == LUA_TSTRING && text_at(L_, -1) == "frozen";
    lua_pop(L_, 1);
    if (!frozen) return false;
    return luaL_getmetafield(L_, index, "__index") == LUA_TTABLE;
  }

  std::string members(int index, int depth, std::size_t indent) {
    const std::size_t length = lua_rawlen(L_, index);
    std::vector<Key> keys;
    std::size_t others = 0;
    count(index, length, keys, others);
    if (length == 0 && keys.empty() && others == 0) return "{}";
    for (const void* above : path_)
      if (above == lua_topointer(L_, index)) return "{ … (itself) }";
    if (depth >= limits_.depth || spent_ > limits_.whole)
      return fmt::format("{{ … ({}) }}", counted(length + keys.size() + others, "member"));
    path_.push_back(lua_topointer(L_, index));
    std::vector<std::string> parts;
    list(index, length, depth, indent, parts);
    named(index, length, keys, depth, indent, parts);
    if (others > 0)
      parts.push_back(fmt::format(
          "… ({})", counted(others, "key that is a table or a function", "keys that are tables or functions")));
    path_.pop_back();
    return join(parts, indent);
  }

  void count(int index, std::size_t length, std::vector<Key>& keys, std::size_t& others) {
    lua_pushnil(L_);
    while (lua_next(L_, index) != 0) {
      lua_pop(L_, 1);
      Key key;
      if (lua_type(L_, -1) == LUA_TLIGHTUSERDATA) continue;  // our own mark
      if (is_place(length)) continue;
      read_key(L_, -1, key) ? keys.push_back(key) : static_cast<void>(++others);
    }
    std::sort(keys.begin(), keys.end());
  }

  /// Is the key on top one of the list's?
  bool is_place(std::size_t length) {
    if (lua_isinteger(L_, -1) == 0) return false;
    const lua_Integer place = lua_tointeger(L_, -1);
    return place >= 1 && static_cast<std::size_t>(place) <= length;
  }

  void list(int index, std::size_t length, int depth, std::size_t indent, std::vector<std::string>& parts) {
    std::size_t shown = 0;
    for (; shown < std::min(length, limits_.items) && spent_ <= limits_.whole; ++shown) {
      lua_rawgeti(L_, index, static_cast<lua_Integer>(shown + 1));
      parts.push_back(show(lua_gettop(L_), depth + 1, indent + 2));
      lua_pop(L_, 1);
    }
    if (shown < length) parts.push_back(fmt::format("… ({} more)", length - shown));
  }

  /// Two walks and no look-up: no key has to be made, so that nothing is allocated that could fail.
  void named(int index, std::size_t length, std::vector<Key>& keys, int depth, std::size_t indent,
             std::vector<std::string>& parts) {
    const std::size_t kept = std::min(keys.size(), limits_.items);
    const std::size_t left_out = keys.size() - kept;
    keys.resize(kept);
    std::vector<std::string> texts(kept);
    lua_pushnil(L_);
    while (lua_next(L_, index) != 0) {
      Key key;
      lua_pushvalue(L_, -2);
      const bool here = lua_type(L_, -1) != LUA_TLIGHTUSERDATA && !is_place(length) && read_key(L_, -1, key);
      const auto found = here ? std::lower_bound(keys.begin(), keys.end(), key) : keys.end();
      if (found != keys.end() && !(key < *found))
        texts[static_cast<std::size_t>(found - keys.begin())] =
            label(lua_gettop(L_)) + " = " + show(lua_gettop(L_) - 1, depth + 1, indent + 2);
      lua_pop(L_, 2);
    }
    for (std::string& text : texts) parts.push_back(std::move(text));
    if (left_out > 0) parts.push_back(fmt::format("… ({} more)", left_out));
  }

  std::string label(int index) {
    if (lua_type(L_, index) == LUA_TSTRING && is_name(text_at(L_, index))) return std::string(text_at(L_, index));
    return "[" + show_any(index, limits_.depth, 0) + "]";
  }

  static std::string join(const std::vector<std::string>& parts, std::size_t indent) {
    std::size_t width = indent + 4;
    bool plain = true;
    for (const std::string& part : parts) {
      width += columns(part) + 2;
      plain = plain && part.find('\n') == std::string::npos;
    }
    if (plain && width <= line_width) return fmt::format("{{ {} }}", fmt::join(parts, ", "));
    std::string text = "{\n";
    for (const std::string& part : parts) text += std::string(indent + 2, ' ') + part + ",\n";
    return text + std::string(indent, ' ') + "}";
  }

  lua_State* L_;
  const Check& check_;
  const PrettyLimits& limits_;
  std::size_t spent_ = 0;  // bytes of leaves so far
  std::vector<const void*> path_;
};

}  // namespace

std::string pretty(lua_State* L, int index, const Check& check, const PrettyLimits& limits) {
  if (lua_checkstack(L, slots_a_level) == 0) return "…";
  Printer printer(L, check, limits);
  return printer.show(lua_absindex(L, index), 0, 0);
}

std::string pretty_text(lua_State* L, int index, const Check& check, const PrettyLimits& limits) {
  if (lua_type(L, index) != LUA_TSTRING) return pretty(L, index, check, limits);
  const std::string_view whole = text_at(L, index);
  const std::string_view bytes = whole.substr(0, limits.whole);
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t end = bytes.find('\n', at);
    text += visible(bytes.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) break;
    text += '\n';
    at = end + 1;
  }
  if (bytes.size() < whole.size()) text += fmt::format("… ({} more)", counted(whole.size() - bytes.size(), "byte"));
  return text;
}

}  // namespace audit::lua
