#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "../source_dir.hpp"
#include "bench.hpp"
#include "lua/lib_stream.hpp"
#include "lua/sandbox.hpp"

// What editors are told of the rule language is what there is: each name that is registered is annotated, and no other.

namespace audit::lua {
namespace {

using Names = std::set<std::string>;

/// The annotation files, line by line.
struct Annotations {
  Annotations() {
    const std::filesystem::path folder = std::filesystem::path(test::source_dir()) / "scripts/annotations";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) read(entry.path());
  }

  void read(const std::filesystem::path& path) {
    std::ifstream file(path);
    const std::regex function(R"(function ([\w.:]+)\(.*\) end)");
    const std::regex type(R"(---@class ([\w.]+)(?:: (.*))?)");
    const std::regex field(R"(---@field (\w+)\??? .*)");
    std::smatch found;
    std::string current;
    for (std::string line; std::getline(file, line);) {
      if (std::regex_match(line, found, function)) {
        functions.insert(found[1]);
      } else if (std::regex_match(line, found, type)) {
        current = found[1];
        std::istringstream parents(found[2]);
        for (std::string parent; std::getline(parents, parent, ',');)
          above[current].insert(parent.substr(parent.find_first_not_of(' ')));
        fields[current];
      } else if (std::regex_match(line, found, field)) {
        fields[current].insert(found[1]);
      }
    }
  }
  Names all_fields(const std::string& of) const {
    Names names = fields.at(of);
    if (const auto known = above.find(of); known != above.end())
      for (const std::string& parent : known->second) names.merge(all_fields(parent));
    return names;
  }

  Names functions;  // "pass", "bytes.hex", "target:port"
  std::map<std::string, Names> fields;
  std::map<std::string, Names> above;
};

struct State {
  State() : lua(luaL_newstate()) {}
  ~State() { lua_close(lua); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  lua_State* lua;
};

/// The names that the table on top of the stack has, as a script sees them.
Names keys_of(lua_State* L) {
  Names names;
  REQUIRE(luaL_loadstring(L,
                          "local t, pairs = ... local names = {} for name in pairs(t) do names[#names + 1] = name end "
                          "return table.concat(names, ' ')") == LUA_OK);
  lua_pushvalue(L, -2);
  lua_getglobal(L, "pairs");
  REQUIRE(lua_pcall(L, 2, 1, 0) == LUA_OK);
  std::istringstream words(lua_tostring(L, -1));
  for (std::string word; words >> word;) names.insert(word);
  lua_pop(L, 1);
  return names;
}

/// Functions that rules have and Lua has not: "pass", "bytes.hex".
Names registered_functions() {
  const State plain;
  luaL_openlibs(plain.lua);
  const State ours;
  check_of(ours.lua) = nullptr;
  push_base_environment(ours.lua);
  Names names;
  for (const std::string& name : keys_of(ours.lua)) {
    lua_getglobal(plain.lua, name.c_str());
    const bool of_lua = !lua_isnil(plain.lua, -1);
    lua_pop(plain.lua, 1);
    if (of_lua) continue;
    lua_getfield(ours.lua, -1, name.c_str());
    if (lua_isfunction(ours.lua, -1)) names.insert(name);
    if (lua_istable(ours.lua, -1))
      for (const std::string& member : keys_of(ours.lua)) names.insert(name + "." + member);
    lua_pop(ours.lua, 1);
  }
  names.insert("rule");  // stands in the environment of a file, in another way while it is loaded
  for (const probe::Word& word : probe::words()) names.insert("target:" + std::string(word.name));
  names.insert("target:connect");
  for (const luaL_Reg* method = stream_methods(); method->name != nullptr; ++method)
    names.insert(std::string("stream:") + method->name);
  return names;
}

}  // namespace

TEST_CASE("every function of the rule language is annotated for editors, and nothing else is") {
  const Annotations annotations;
  const Names registered = registered_functions();
  Names missing;
  Names invented;
  std::set_difference(registered.begin(), registered.end(), annotations.functions.begin(), annotations.functions.end(),
                      std::inserter(missing, missing.end()));
  std::set_difference(annotations.functions.begin(), annotations.functions.end(), registered.begin(), registered.end(),
                      std::inserter(invented, invented.end()));
  CHECK(missing == Names());
  CHECK(invented == Names());
}

TEST_CASE("the options of each probe are annotated, all of them and no other") {
  const Annotations annotations;
  for (const probe::Word& word : probe::words()) {
    const std::string name(word.name);
    INFO(name);
    const std::string argument = word.argument == probe::Argument::name   ? "'a.example'"
                                 : word.argument == probe::Argument::host ? "nil"
                                                                          : "22";
    const auto rule = rule_of("target:" + name + "(" + argument + ", { qqqqqqqq = 1 })");
    rule->record.safety = Safety::intrusive;
    Bench bench(std::vector<std::shared_ptr<Rule>>{rule});
    const std::string message = bench.run().finding.message;
    const std::size_t list = message.find("there are ");
    REQUIRE(list != std::string::npos);
    Names known{"fresh"};
    std::string text = message.substr(list + 10, message.find('\n') - list - 10);
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream words(text);
    for (std::string option; words >> option;) known.insert(option);
    CHECK(annotations.all_fields(name + "_options") == known);
  }
}

TEST_CASE("what is annotated of the target and of a stream is there") {
  const Annotations annotations;
  for (const std::string& name : annotations.fields.at("target"))
    CHECK(said("return info(type(target." + name + "))") != "nil");
  for (const std::string& name : annotations.fields.at("stream"))
    CHECK(said("local c <close> = target:connect(22) return info(type(c['" + name + "']))") != "nil");
}

}  // namespace audit::lua
