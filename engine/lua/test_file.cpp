#include "lua/test_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "lua/check.hpp"
#include "lua/modules.hpp"
#include "lua/reading.hpp"
#include "lua/sandbox.hpp"
#include "lua/value.hpp"

namespace audit::lua {
namespace {

constexpr std::size_t most_memory = 64U << 20U;
constexpr std::uint64_t most_steps = 5'000'000;  // of the file, and of each call of its functions
constexpr std::size_t largest_part = 4U << 20U;
constexpr std::size_t largest_reply = 1U << 20U;
constexpr int deepest = 16;
constexpr const char* environment_key = "audit.environment";
constexpr const char* state_key = "audit.test_file";
constexpr const char* part_name = "audit.test_part";

const std::vector<const char*>& part_words() {
  static const std::vector<const char*> words{"peer", "host", "dns", "target", "transcript", "expect"};
  return words;
}

/// Turns each function below the table into `{ ["function"] = n }`, where n is its place in the registry.
void keep_functions(lua_State* L, int table, int depth) {
  luaL_checkstack(L, 6, "nested too deeply");
  if (depth > deepest) return;
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    if (lua_type(L, -1) == LUA_TTABLE) {
      keep_functions(L, lua_gettop(L), depth + 1);
    } else if (lua_type(L, -1) == LUA_TFUNCTION) {
      const int reference = luaL_ref(L, LUA_REGISTRYINDEX);  // pops it
      lua_createtable(L, 0, 1);
      lua_pushinteger(L, reference);
      lua_setfield(L, -2, "function");
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, table);
    }
    lua_pop(L, 1);
  }
}

std::uint32_t line_of_caller(lua_State* L) {
  lua_Debug frame{};
  if (lua_getstack(L, 1, &frame) == 0 || lua_getinfo(L, "l", &frame) == 0 || frame.currentline < 0) return 0;
  return static_cast<std::uint32_t>(frame.currentline);
}

}  // namespace

struct TestFile::State {
  State() : tag(Tag::create()), loading{tag, most_steps, most_memory}, lua(lua_newstate(Memory::allocate, &memory)) {
    memory.on_overdraft(look);
  }
  ~State() {
    if (lua != nullptr) lua_close(lua);
    tag->end();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static State& of(lua_State* L) {
    lua_getfield(L, LUA_REGISTRYINDEX, state_key);
    State& state = *static_cast<State*>(lua_touserdata(L, -1));
    lua_pop(L, 1);
    return state;
  }

  /// Calls a function of ours in Lua's protection, within the budget; "" or the message. Its result is left on the stack.
  std::string protect(lua_CFunction function, void* argument) {
    loading.steps = 0;
    lua_pushcfunction(lua, function);
    lua_pushlightuserdata(lua, argument);
    set_loading(lua, &loading);
    memory.charge(tag, lua, most_memory);
    lua_sethook(lua, look, LUA_MASKCOUNT, steps_between_looks);
    const int status = lua_pcall(lua, 1, 1, 0);
    lua_sethook(lua, nullptr, 0, 0);
    memory.charge(nullptr, nullptr, 0);
    if (status == LUA_OK) return {};
    const char* text = lua_tostring(lua, -1);
    std::string message = text != nullptr ? with_whole_path(text, path) : path + ":1: an error that is not a text";
    lua_pop(lua, 1);
    return message;
  }

  /// False where the table is not plain data; `problem` says why.
  bool add_part(const char* kind, std::uint32_t line, int table) noexcept {
    try {
      TestPart part;
      part.kind = kind;
      part.line = line;
      if (!to_value(lua, table, part.value, largest_part, problem)) return false;
      parts.push_back(std::move(part));
      return true;
    } catch (...) {
      problem = "takes too much memory";
      return false;
    }
  }

  bool begin_case(const char* name, std::size_t size, std::uint32_t line) noexcept {
    try {
      const std::string text(name, size);
      const bool taken = std::any_of(cases.begin(), cases.end(), [&](const TestCase& one) { return one.name == text; });
      if (taken) problem = "there is a case of that name already";
      if (text.empty()) problem = "a case needs a name";
      if (!open_case.empty()) problem = fmt::format("the case \"{}\" before it has no `{{ … }}`", visible(open_case));
      if (taken || text.empty() || !open_case.empty()) return false;
      open_case = text;
      open_line = line;
      return true;
    } catch (...) {
      problem = "takes too much memory";
      return false;
    }
  }

  bool take_parts(const std::vector<std::size_t>& numbers) noexcept {
    try {
      TestCase made;
      made.name = open_case;
      made.line = open_line;
      for (const std::size_t number : numbers) made.parts.push_back(parts.at(number));
      cases.push_back(std::move(made));
      open_case.clear();
      return true;
    } catch (...) {
      problem = "takes too much memory";
      return false;
    }
  }

  bool collect(lua_State* L, int table) noexcept;

  Memory memory;
  Tag* tag;
  Loading loading;
  lua_State* lua;
  std::string path;
  std::string_view source;
  const RuleSet* set = nullptr;
  std::string problem;
  std::string open_case;
  std::uint32_t open_line = 0;
  std::vector<TestPart> parts;
  std::vector<TestCase> cases;
  std::vector<TestPart> accepts;
};

/// Gathers the parts that a case's table lists; runs no Lua.
bool TestFile::State::collect(lua_State* L, int table) noexcept {
  try {
    std::vector<std::size_t> numbers;
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
      const void* part = luaL_testudata(L, -1, part_name);
      const bool listed = lua_isinteger(L, -2) != 0 && part != nullptr;
      if (!listed) {
        problem = lua_type(L, -2) == LUA_TSTRING
                      ? fmt::format(
                            "`{}` stands in it by itself; it belongs into expect {{ … }}, target {{ … }} or peer "
                            "{{ … }}",
                            visible(lua_tostring(L, -2)))
                      : "may only hold peer, host, dns, target, transcript and expect { … }";
        lua_pop(L, 2);
        return false;
      }
      numbers.push_back(*static_cast<const std::size_t*>(part));
      lua_pop(L, 1);
    }
    std::sort(numbers.begin(), numbers.end());
    return take_parts(numbers);
  } catch (...) {
    problem = "takes too much memory";
    return false;
  }
}

/// peer { … } and the like: upvalue 1 is the word.
struct TestFileBindings {
  static int part(lua_State* L) {
    const char* kind = lua_tostring(L, lua_upvalueindex(1));
    if (lua_type(L, 1) != LUA_TTABLE) return luaL_error(L, "%s takes a table: %s { … }", kind, kind);
    lua_settop(L, 1);
    const std::uint32_t line = line_of_caller(L);
    keep_functions(L, 1, 0);
    TestFile::State& state = TestFile::State::of(L);
    if (!state.add_part(kind, line, 1)) {
      lua_pushlstring(L, state.problem.data(), state.problem.size());
      return luaL_error(L, "%s: what it is given %s", kind, lua_tostring(L, -1));
    }
    auto* number = static_cast<std::size_t*>(lua_newuserdatauv(L, sizeof(std::size_t), 0));
    *number = state.parts.size() - 1;
    luaL_setmetatable(L, part_name);
    return 1;
  }

  static int accept(lua_State* L) {
    part(L);
    TestFile::State& state = TestFile::State::of(L);
    if (!accepted(state)) return luaL_error(L, "accept: takes too much memory");
    return 0;
  }

  static int begin(lua_State* L) {
    if (lua_type(L, 1) != LUA_TSTRING) return luaL_error(L, "a case begins with its name: case \"name\" { … }");
    TestFile::State& state = TestFile::State::of(L);
    std::size_t size = 0;
    const char* name = lua_tolstring(L, 1, &size);
    if (!state.begin_case(name, size, line_of_caller(L))) {
      lua_pushlstring(L, state.problem.data(), state.problem.size());
      return luaL_error(L, "case: %s", lua_tostring(L, -1));
    }
    lua_pushcfunction(L, fill);
    return 1;
  }

  static int fill(lua_State* L) {
    TestFile::State& state = TestFile::State::of(L);
    if (lua_type(L, 1) != LUA_TTABLE) return luaL_error(L, "a case is case \"name\" { peer { … }, expect { … } }");
    if (state.open_case.empty()) return luaL_error(L, "this case has its `{ … }` already");
    lua_settop(L, 1);
    if (!state.collect(L, 1)) {
      lua_pushlstring(L, state.problem.data(), state.problem.size());
      return luaL_error(L, "case: %s", lua_tostring(L, -1));
    }
    return 0;
  }

  static int run(lua_State* L) {
    TestFile::State& state = *static_cast<TestFile::State*>(lua_touserdata(L, 1));
    push_base_environment(L);
    for (const std::string_view verdict : verdict_names()) {  // they are the rule's
      lua_pushnil(L);
      lua_setfield(L, -2, verdict.data());
    }
    luaL_newmetatable(L, part_name);
    lua_pop(L, 1);
    for (const char* word : part_words()) {
      lua_pushstring(L, word);
      lua_pushcclosure(L, part, 1);
      lua_setfield(L, -2, word);
    }
    lua_pushliteral(L, "accept");
    lua_pushcclosure(L, accept, 1);
    lua_setfield(L, -2, "accept");
    lua_pushcfunction(L, begin);
    lua_setfield(L, -2, "case");
    register_require(L, lua_gettop(L), *state.set);
    lua_createtable(L, 0, 2);
    lua_insert(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, environment_key);
    lua_pushfstring(L, "@%s", state.path.c_str());
    const char* name = lua_tostring(L, -1);
    if (load_chunk(L, state.source.data(), state.source.size(), name) != LUA_OK) return lua_error(L);
    lua_newtable(L);
    lua_pushvalue(L, 2);
    lua_setmetatable(L, -2);
    lua_call(L, 1, 0);
    lua_pushnil(L);
    return 1;
  }

  struct Call {
    std::int64_t function;
    std::string_view heard;
  };

  static int call(lua_State* L) {
    const Call& one = *static_cast<Call*>(lua_touserdata(L, 1));
    lua_rawgeti(L, LUA_REGISTRYINDEX, one.function);
    lua_pushlstring(L, one.heard.data(), one.heard.size());
    lua_call(L, 1, 1);
    return 1;
  }

  struct Match {
    const std::string* pattern;
    const std::string* text;
  };

  static int find(lua_State* L) {
    const Match& one = *static_cast<Match*>(lua_touserdata(L, 1));
    lua_getfield(L, LUA_REGISTRYINDEX, environment_key);
    lua_getfield(L, -1, "__index");
    lua_getfield(L, -1, "string");
    lua_getfield(L, -1, "find");
    lua_pushlstring(L, one.text->data(), one.text->size());
    lua_pushlstring(L, one.pattern->data(), one.pattern->size());
    lua_call(L, 2, 1);
    return 1;
  }

 private:
  static bool accepted(TestFile::State& state) noexcept {
    try {
      state.accepts.push_back(state.parts.back());
      return true;
    } catch (...) {
      return false;
    }
  }
};

TestFile::TestFile() : state_(std::make_unique<State>()) {}

TestFile::~TestFile() = default;

std::string TestFile::load(const std::string& path, const std::string& text, const RuleSet& set) {
  State& state = *state_;
  state.path = path;
  if (state.lua == nullptr) return path + ": out of memory";
  check_of(state.lua) = nullptr;
  state.source = text;
  state.set = &set;
  lua_pushlightuserdata(state.lua, &state);
  lua_setfield(state.lua, LUA_REGISTRYINDEX, state_key);
  if (std::string failure = state.protect(TestFileBindings::run, &state); !failure.empty()) return failure;
  lua_pop(state.lua, 1);
  if (!state.open_case.empty())
    return fmt::format("{}:{}: the case \"{}\" has no `{{ … }}`", path, state.open_line, visible(state.open_case));
  if (state.cases.empty())
    return path + ":1: declares no case; write case \"name\" { peer { tcp = 23 }, expect { status = \"fail\" } }";
  return {};
}

const std::vector<TestCase>& TestFile::cases() const noexcept { return state_->cases; }

const std::vector<TestPart>& TestFile::accepts() const noexcept { return state_->accepts; }

Result<std::vector<std::string>> TestFile::reply(std::int64_t function, std::string_view heard) {
  TestFileBindings::Call call{function, heard};
  if (std::string failure = state_->protect(TestFileBindings::call, &call); !failure.empty())
    return Error(Reason::rule_error, std::move(failure));
  Value value;
  std::string problem;
  const bool copied = to_value(state_->lua, -1, value, largest_reply, problem);
  lua_pop(state_->lua, 1);
  std::vector<std::string> replies;
  if (copied && value.empty()) return replies;
  if (auto* text = value.get_if<std::string>(); copied && text != nullptr) {
    replies.push_back(std::move(*text));
    return replies;
  }
  bool texts = copied && value.get_if<Value::Array>() != nullptr;
  if (texts)
    for (const Value& one : *value.get_if<Value::Array>()) {
      const auto* text = one.get_if<std::string>();
      texts = texts && text != nullptr;
      if (text != nullptr) replies.push_back(*text);
    }
  if (!texts)
    return Error(Reason::rule_error,
                 fmt::format("{}: a function that replies returns a string, a list of strings, or nil{}", state_->path,
                             problem.empty() ? "" : "; what it returned " + problem));
  return replies;
}

Result<bool> TestFile::matches(const std::string& pattern, const std::string& text) {
  TestFileBindings::Match match{&pattern, &text};
  if (std::string failure = state_->protect(TestFileBindings::find, &match); !failure.empty())
    return Error(Reason::rule_error, fmt::format("`{}` is no pattern: {}", visible(pattern), failure));
  const bool found = lua_type(state_->lua, -1) != LUA_TNIL;
  lua_pop(state_->lua, 1);
  return found;
}

const std::vector<std::string_view>& test_words() {
  static const std::vector<std::string_view> words{"accept", "case", "dns",    "expect",
                                                   "host",   "peer", "target", "transcript"};
  return words;
}

}  // namespace audit::lua
