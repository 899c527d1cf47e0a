#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/pattern.hpp"
#include "lua/meter.hpp"
#include "lua/sandbox.hpp"

// string.find, match, gmatch and gsub: as Lua's own, but each step counts against the check's budget, so that a pattern
// that backtracks without end costs its own check only.

namespace audit::lua {
namespace {

constexpr std::uint64_t steps_a_look = 10'000;
constexpr std::size_t bytes_a_step = 64;

std::string_view check_text(lua_State* L, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(L, index, &size);
  return {text, size};
}

/// The offset that the argument `init` names; past the end where nothing is to be found.
std::size_t start_offset(lua_State* L, int index, std::size_t size) {
  const lua_Integer init = luaL_optinteger(L, index, 1);
  if (init > 0) return static_cast<std::size_t>(init) - 1;
  const auto length = static_cast<lua_Integer>(size);
  return init == 0 || init < -length ? 0 : static_cast<std::size_t>(length + init);
}

/// Runs the matcher to its end, and counts what that took.
bool find_next(lua_State* L, PatternMatcher& matcher) {
  while (true) {
    const PatternMatcher::Outcome outcome = matcher.run(steps_a_look);
    spend_steps(L, matcher.take_steps());
    switch (outcome) {
      case PatternMatcher::Outcome::matched: return true;
      case PatternMatcher::Outcome::failed: return false;
      case PatternMatcher::Outcome::mistaken: luaL_error(L, "%s", matcher.mistake()); break;
      case PatternMatcher::Outcome::paused: break;
    }
  }
}

std::string_view whole_match(const PatternMatcher& matcher) {
  return {matcher.begin(), static_cast<std::size_t>(matcher.end() - matcher.begin())};
}

/// The text of a capture (of the whole match for the first, where the pattern has none). A position is pushed instead,
/// and `is_position` set.
std::string_view take_capture(lua_State* L, const PatternMatcher& matcher, std::string_view subject, std::size_t index,
                              bool& is_position) {
  is_position = false;
  if (index >= matcher.captures()) {
    if (index != 0) luaL_error(L, "invalid capture index %%%d", static_cast<int>(index + 1));
    return whole_match(matcher);
  }
  const PatternMatcher::Capture& capture = matcher.capture(index);
  if (capture.length == PatternMatcher::Capture::open) luaL_error(L, "unfinished capture");
  if (capture.length == PatternMatcher::Capture::position) {
    is_position = true;
    lua_pushinteger(L, capture.begin - subject.data() + 1);
    return {};
  }
  return {capture.begin, static_cast<std::size_t>(capture.length)};
}

void push_capture(lua_State* L, const PatternMatcher& matcher, std::string_view subject, std::size_t index) {
  bool is_position = false;
  const std::string_view text = take_capture(L, matcher, subject, index, is_position);
  if (!is_position) lua_pushlstring(L, text.data(), text.size());
}

int push_captures(lua_State* L, const PatternMatcher& matcher, std::string_view subject, std::size_t count) {
  luaL_checkstack(L, static_cast<int>(count), "too many captures");
  for (std::size_t i = 0; i < count; ++i) push_capture(L, matcher, subject, i);
  return static_cast<int>(count);
}

/// All captures, or the whole match where there are none.
int push_match(lua_State* L, const PatternMatcher& matcher, std::string_view subject) {
  return push_captures(L, matcher, subject, matcher.captures() == 0 ? 1 : matcher.captures());
}

/// How much of two texts is equal, a piece at a time, each a step: memcmp does not say how far it went.
bool begins_with(Meter& meter, const char* text, std::string_view part) {
  while (!part.empty()) {
    meter.add(1);
    const std::size_t piece = part.size() < bytes_a_step ? part.size() : bytes_a_step;
    if (std::memcmp(text, part.data(), piece) != 0) return false;
    text += piece;
    part.remove_prefix(piece);
  }
  return true;
}

/// Where `part` begins in `subject`, from `from` on; null where it does not.
const char* find_plain(lua_State* L, std::string_view subject, std::size_t from, std::string_view part) {
  Meter meter(L);
  const char* at = subject.data() + from;
  if (part.empty()) return at;
  if (part.size() > subject.size() - from) return nullptr;
  const char* const behind_last = subject.data() + subject.size() - part.size() + 1;
  while (at < behind_last) {
    const void* place = std::memchr(at, part.front(), static_cast<std::size_t>(behind_last - at));
    const char* next = place == nullptr ? behind_last : static_cast<const char*>(place);
    meter.add(static_cast<std::size_t>(next - at) / bytes_a_step);
    at = next;
    if (at < behind_last && begins_with(meter, at, part)) break;
    ++at;
  }
  meter.settle();
  return at < behind_last ? at : nullptr;
}

constexpr ByteSet make_specials() {
  ByteSet set = ByteSet::none();
  for (const char special : {'^', '$', '*', '+', '?', '.', '(', '[', '%', '-'})
    set.add(static_cast<unsigned char>(special));
  return set;
}

bool is_plain(lua_State* L, std::string_view pattern) {
  static constexpr ByteSet specials = make_specials();
  constexpr std::size_t looked_a_step = 16;
  if (pattern.size() >= looked_a_step) spend_steps(L, pattern.size() / looked_a_step);
  return std::none_of(pattern.begin(), pattern.end(), [](char byte) { return specials.has(byte); });
}

int push_place(lua_State* L, std::string_view subject, const char* begin, std::size_t size) {
  const lua_Integer first = begin - subject.data() + 1;
  lua_pushinteger(L, first);
  lua_pushinteger(L, first + static_cast<lua_Integer>(size) - 1);
  return 2;
}

int search(lua_State* L, bool wants_place) {
  const std::string_view subject = check_text(L, 1);
  const std::string_view pattern = check_text(L, 2);
  const std::size_t from = start_offset(L, 3, subject.size());
  if (from > subject.size()) {
    lua_pushnil(L);
    return 1;
  }
  if (wants_place && (lua_toboolean(L, 4) != 0 || is_plain(L, pattern))) {
    const char* found = find_plain(L, subject, from, pattern);
    if (found != nullptr) return push_place(L, subject, found, pattern.size());
    lua_pushnil(L);
    return 1;
  }
  PatternMatcher matcher(subject, pattern, PatternMatcher::Caret::anchors);
  matcher.seek(subject.data() + from, nullptr);
  if (!find_next(L, matcher)) {
    lua_pushnil(L);
    return 1;
  }
  if (!wants_place) return push_match(L, matcher, subject);
  push_place(L, subject, matcher.begin(), whole_match(matcher).size());
  return 2 + push_captures(L, matcher, subject, matcher.captures());
}

int string_find(lua_State* L) { return search(L, true); }

int string_match(lua_State* L) { return search(L, false); }

/// The upvalues of gmatch's iterator.
constexpr int gmatch_subject = 1;
constexpr int gmatch_pattern = 2;
constexpr int gmatch_from = 3;  // where the last match ended; before the first -1 - the offset to begin at

std::string_view text_of_upvalue(lua_State* L, int number) {
  std::size_t size = 0;
  const char* text = lua_tolstring(L, lua_upvalueindex(number), &size);
  return {text, size};
}

int next_match(lua_State* L) {
  const std::string_view subject = text_of_upvalue(L, gmatch_subject);
  const std::string_view pattern = text_of_upvalue(L, gmatch_pattern);
  const lua_Integer last_end = lua_tointeger(L, lua_upvalueindex(gmatch_from));
  const auto from = static_cast<std::size_t>(last_end < 0 ? -1 - last_end : last_end);
  if (from > subject.size()) return 0;
  PatternMatcher matcher(subject, pattern, PatternMatcher::Caret::is_text);
  matcher.seek(subject.data() + from, last_end < 0 ? nullptr : subject.data() + from);
  if (!find_next(L, matcher)) return 0;
  lua_pushinteger(L, matcher.end() - subject.data());
  lua_replace(L, lua_upvalueindex(gmatch_from));
  return push_match(L, matcher, subject);
}

int string_gmatch(lua_State* L) {
  const std::string_view subject = check_text(L, 1);
  check_text(L, 2);
  const std::size_t from = std::min(start_offset(L, 3, subject.size()), subject.size() + 1);
  lua_settop(L, 2);
  lua_pushinteger(L, -1 - static_cast<lua_Integer>(from));
  lua_pushcclosure(L, next_match, 3);
  return 1;
}

/// What gsub works with, besides its arguments on Lua's stack.
struct Substitution {
  lua_State* L;
  std::string_view subject;
  PatternMatcher& matcher;
  Meter meter;
  luaL_Buffer buffer;

  void add(std::string_view text) {
    meter.add(1 + text.size() / bytes_a_step);
    luaL_addlstring(&buffer, text.data(), text.size());
  }

  /// The replacement text with its captures.
  void add_filled_in(std::string_view text) {
    while (true) {
      const std::size_t mark = text.find('%');
      add(text.substr(0, mark));
      if (mark == std::string_view::npos) return;
      const char which = mark + 1 < text.size() ? text[mark + 1] : '\0';
      if (which == '%')
        add("%");
      else if (which == '0')
        add(whole_match(matcher));
      else if (which >= '1' && which <= '9')
        add_capture(static_cast<std::size_t>(which - '1'));
      else
        luaL_error(L, "invalid use of '%%' in replacement string");
      text.remove_prefix(mark + 2);
    }
  }

  void add_capture(std::size_t index) {
    bool is_position = false;
    const std::string_view text = take_capture(L, matcher, subject, index, is_position);
    if (is_position)
      luaL_addvalue(&buffer);
    else
      add(text);
  }

  /// Puts what takes the place of the match; false where the match stays.
  bool replace() {
    switch (lua_type(L, 3)) {
      case LUA_TFUNCTION: {
        lua_pushvalue(L, 3);
        lua_call(L, push_match(L, matcher, subject), 1);
        break;
      }
      case LUA_TTABLE:
        push_capture(L, matcher, subject, 0);
        lua_gettable(L, 3);
        break;
      default: add_filled_in(check_text(L, 3)); return true;
    }
    if (lua_toboolean(L, -1) == 0) {
      lua_pop(L, 1);
      add(whole_match(matcher));
      return false;
    }
    if (lua_isstring(L, -1) == 0) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    meter.add(lua_rawlen(L, -1) / bytes_a_step);
    luaL_addvalue(&buffer);
    return true;
  }
};

int string_gsub(lua_State* L) {
  const std::string_view subject = check_text(L, 1);
  const std::string_view pattern = check_text(L, 2);
  const int type = lua_type(L, 3);
  const lua_Integer most = luaL_optinteger(L, 4, static_cast<lua_Integer>(subject.size()) + 1);
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                   "string/function/table");
  PatternMatcher matcher(subject, pattern, PatternMatcher::Caret::anchors);
  Substitution substitution{L, subject, matcher, Meter(L), {}};
  luaL_buffinit(L, &substitution.buffer);
  const char* kept_from = subject.data();
  const char* const end = subject.data() + subject.size();
  const bool anchored = pattern.starts_with('^');
  bool changed = false;
  lua_Integer count = 0;
  matcher.seek(subject.data(), nullptr);
  while (count < most && find_next(L, matcher)) {
    ++count;
    substitution.add({kept_from, static_cast<std::size_t>(matcher.begin() - kept_from)});
    kept_from = matcher.end();
    if (substitution.replace()) changed = true;
    if (anchored) break;
    matcher.seek(kept_from, kept_from);
  }
  if (changed) {
    substitution.add({kept_from, static_cast<std::size_t>(end - kept_from)});
    luaL_pushresult(&substitution.buffer);
  } else {
    lua_pushvalue(L, 1);
  }
  substitution.meter.settle();
  lua_pushinteger(L, count);
  return 2;
}

}  // namespace

void register_pattern_functions(lua_State* L, int environment) {
  constexpr luaL_Reg functions[] = {{"find", string_find},
                                    {"match", string_match},
                                    {"gmatch", string_gmatch},
                                    {"gsub", string_gsub},
                                    {nullptr, nullptr}};
  lua_getfield(L, environment, "string");
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}

}  // namespace audit::lua
