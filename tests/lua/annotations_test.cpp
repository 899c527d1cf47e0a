#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "../source_dir.hpp"
#include "bench.hpp"
#include "lua/test_file.hpp"
#include "lua/vocabulary.hpp"

// What editors are told of the rule language is what there is: each name that is registered is annotated, and no other.

namespace audit::lua {
namespace {

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

/// Functions that rules and their tests have and Lua has not: "pass", "bytes.hex", "case".
Names registered_functions() {
  const std::unique_ptr<lua_State, decltype(&lua_close)> plain(luaL_newstate(), lua_close);
  luaL_openlibs(plain.get());
  const Vocabulary vocabulary = Vocabulary::read();
  Names names;
  for (const auto& [name, global] : vocabulary.globals) {
    lua_getglobal(plain.get(), name.c_str());
    if (!lua_isnil(plain.get(), -1)) continue;
    if (!global.table) names.insert(name);
    for (const std::string& member : global.members) names.insert(name + "." + member);
  }
  for (const std::string& method : vocabulary.target.methods) names.insert("target:" + method);
  for (const std::string& method : vocabulary.stream.methods) names.insert("stream:" + method);
  for (const std::string& method : vocabulary.run.methods) names.insert("run:" + method);
  for (const std::string_view word : test_words()) names.insert(std::string(word));
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

TEST_CASE("the fields of target, endpoint, stream and run are annotated, all of them and no other") {
  const Annotations annotations;
  const Vocabulary vocabulary = Vocabulary::read();
  CHECK(annotations.fields.at("target") == vocabulary.target.fields);
  CHECK(annotations.fields.at("endpoint") == vocabulary.endpoint.fields);
  CHECK(annotations.fields.at("stream") == vocabulary.stream.fields);
  CHECK(annotations.fields.at("run") == vocabulary.run.fields);
  CHECK(annotations.fields.at("collected_target") == vocabulary.collected);
}

}  // namespace audit::lua
