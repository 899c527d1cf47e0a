extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
}

#include <algorithm>
#include <memory>
#include <string>

#include "base/pattern.hpp"
#include "fuzz.hpp"

using audit::PatternMatcher;

namespace {

constexpr std::size_t longest_pattern = 32;
constexpr std::size_t longest_subject = 64;
constexpr std::uint64_t patience = 100'000;  // steps: what takes more holds Lua's own too long
constexpr int most_matches = 8;

/// Lua's own library; made once.
lua_State* genuine() {
  static lua_State* const state = [] {
    lua_State* L = luaL_newstate();
    luaL_openlibs(L);
    return L;
  }();
  return state;
}

void push(lua_State* L, std::string_view text) { lua_pushlstring(L, text.data(), text.size()); }

/// Adds what the last call gave, above `bottom`, to `all`; false where there is nothing more.
bool take_results(lua_State* L, int bottom, bool fine, std::string& all) {
  const int count = lua_gettop(L) - bottom;
  if (!fine) all += "mistake ";
  for (int i = 1; i <= count; ++i) {
    std::size_t size = 0;
    const bool position = lua_isinteger(L, bottom + i) != 0;
    if (lua_isnil(L, bottom + i)) {
      all += "nil";
      return false;
    }
    const char* text = lua_tolstring(L, bottom + i, &size);
    all += position ? "@" : "'";
    all.append(text, size);
  }
  all += ';';
  return fine && count > 0;
}

std::string matches_of_lua(std::string_view subject, std::string_view pattern, bool all_of_them) {
  lua_State* L = genuine();
  lua_settop(L, 0);
  lua_getglobal(L, "string");
  lua_getfield(L, 1, all_of_them ? "gmatch" : "match");
  push(L, subject);
  push(L, pattern);
  std::string all;
  const bool fine = lua_pcall(L, 2, LUA_MULTRET, 0) == LUA_OK;
  if (!all_of_them || !fine) {
    take_results(L, 1, fine, all);
    return all;
  }
  for (int i = 0; i < most_matches; ++i) {
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    const bool found = lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK;
    if (!take_results(L, 2, found, all)) break;
  }
  return all;
}

/// The captures as Lua would give them.
bool take_captures(const PatternMatcher& matcher, std::string_view subject, std::string& all) {
  std::string found;
  for (std::size_t i = 0; i < matcher.captures(); ++i) {
    const PatternMatcher::Capture& capture = matcher.capture(i);
    if (capture.length == PatternMatcher::Capture::open) {
      all += "mistake 'unfinished capture;";
      return false;
    }
    if (capture.length == PatternMatcher::Capture::position)
      found += "@" + std::to_string(capture.begin - subject.data() + 1);
    else
      found.append("'").append(capture.begin, static_cast<std::size_t>(capture.length));
  }
  if (matcher.captures() == 0) found.append("'").append(matcher.begin(), matcher.end());
  all += found + ";";
  return true;
}

/// A copy that ends where its block does: what reads on is seen.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(new char[text.size()]), text_(bytes_.get(), text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::string_view text_;
};

/// False where it took too long.
bool find_matches(std::string_view subject, std::string_view pattern, bool all_of_them, std::string& all) {
  PatternMatcher matcher(subject, pattern,
                         all_of_them ? PatternMatcher::Caret::is_text : PatternMatcher::Caret::anchors);
  matcher.seek(subject.data(), nullptr);
  std::uint64_t steps = 0;
  for (int found = 0; found < most_matches;) {
    const PatternMatcher::Outcome outcome = matcher.run(64);  // often paused: going on must change nothing
    const std::uint64_t taken = matcher.take_steps();
    require(taken <= 64 + subject.size() + pattern.size() + 1);
    steps += taken;
    if (steps > patience) return false;
    switch (outcome) {
      case PatternMatcher::Outcome::paused: continue;
      case PatternMatcher::Outcome::failed: all += all_of_them ? ";" : "nil"; return true;
      case PatternMatcher::Outcome::mistaken: all.append("mistake '").append(matcher.mistake()) += ';'; return true;
      case PatternMatcher::Outcome::matched: break;
    }
    require(subject.data() <= matcher.begin() && matcher.begin() <= matcher.end());
    require(matcher.end() <= subject.data() + subject.size());
    if (!take_captures(matcher, subject, all) || !all_of_them) return true;
    ++found;
    matcher.seek(matcher.end(), matcher.end());
  }
  return true;
}

}  // namespace

/// string.match and string.gmatch find what Lua's own find. The first byte says how long the pattern is.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  const std::size_t length =
      std::min<std::size_t>(static_cast<unsigned char>(bytes[0]) % (longest_pattern + 1), bytes.size() - 1);
  const Exact pattern(bytes.substr(1, length));
  const Exact subject(bytes.substr(1 + length, longest_subject));
  for (const bool all_of_them : {false, true}) {
    std::string ours;
    if (!find_matches(subject.text(), pattern.text(), all_of_them, ours)) continue;
    require(ours == matches_of_lua(subject.text(), pattern.text(), all_of_them));
  }
}
