#include "audit/frameworks.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <random>

#include "../source_dir.hpp"
#include "audit/policy.hpp"
#include "lua/rule.hpp"

namespace audit::core {

namespace {

const std::vector<std::string> rules{"dns.name", "ssh.keys", "ssh.version"};

/// A folder of rules with these frameworks, gone with it.
struct Folder {
  Folder()
      : path(std::filesystem::temp_directory_path() / ("audit-frameworks-" + std::to_string(std::random_device()()))) {
    std::filesystem::create_directories(path / "frameworks");
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, const std::string& id, const std::vector<std::string>& globs) const {
    std::ofstream file(path / "frameworks" / name);
    file << "schema = 1\nid = \"" << id << "\"\ntitle = \"t\"\n[controls.\"B\"]\ntitle = \"b\"\nrules = [\n";
    for (const std::string& glob : globs) file << row(glob) << ",\n";
    file << "]\n[controls.\"A\"]\ntitle = \"a\"\nrules = [" << row("dns.*") << "]\n[controls.\"C\"]\ntitle = \"c\"\n";
  }
  static std::string row(const std::string& glob) {
    return "{ rule = \"" + glob + "\", supports = \"" + (glob.find('*') == std::string::npos ? "full" : "partial") +
           "\", why = \"" + glob + "\" }";
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("frameworks beside the rules say which rules speak to which control") {
  const Folder folder;
  folder.write("two.toml", "TWO", {"ssh.*", "ssh.keys"});
  folder.write("one.toml", "ONE", {"*.version"});
  folder.write("other.txt", "OTHER", {"x"});
  const LoadedControls loaded = load_frameworks({"/nowhere", folder.path.string()}, rules);
  REQUIRE(loaded.mistakes.empty());
  REQUIRE(loaded.controls.frameworks.size() == 2);
  CHECK(loaded.controls.frameworks[0].id == "ONE");
  CHECK(loaded.controls.frameworks[1].controls[0].id == "A");
  const Framework::Control& control = loaded.controls.frameworks[1].controls[1];
  REQUIRE(control.rules.size() == 2);
  CHECK(control.mapping_of("ssh.version")->supports == Support::partial);
  CHECK(control.mapping_of("ssh.version")->why == "ssh.*");
  CHECK(loaded.controls.frameworks[1].controls[2].rules.empty());
  using Of = std::map<std::string, std::vector<std::string>>;
  CHECK(loaded.controls.of("ssh.version") == Of{{"ONE", {"B"}}, {"TWO", {"B"}}});
  CHECK(loaded.controls.of("dns.name") == Of{{"ONE", {"A"}}, {"TWO", {"A"}}});
  CHECK(loaded.controls.of("other.rule").empty());
}

TEST_CASE("a row that names a rule goes before a glob, and two of one kind are a mistake") {
  const Folder folder;
  folder.write("one.toml", "ONE", {"ssh.keys", "ssh.*"});
  folder.write("two.toml", "TWO", {"ssh.*", "*.version"});
  folder.write("three.toml", "THREE", {"ssh.keys", "ssh.keys"});
  const LoadedControls loaded = load_frameworks({folder.path.string()}, rules);
  REQUIRE(loaded.mistakes.size() == 2);
  CHECK(loaded.mistakes[0].text().find("three.toml:8:10: `ssh.keys` is mapped to this control already, at ") !=
        std::string::npos);
  CHECK(loaded.mistakes[1].text().find("two.toml:8:10: `ssh.version` is mapped to this control already, at ") !=
        std::string::npos);
  const Framework& one = loaded.controls.frameworks[0];
  CHECK(one.controls[1].mapping_of("ssh.keys")->supports == Support::full);
  CHECK(one.controls[1].mapping_of("ssh.version")->supports == Support::partial);
}

TEST_CASE("a glob that matches no rule is a mistake, and so is a second framework of one id") {
  const Folder folder;
  folder.write("one.toml", "LAB", {"ssh.verson", "ssh.keys"});
  folder.write("two.toml", "LAB", {"ssh.keys"});
  const LoadedControls loaded = load_frameworks({folder.path.string()}, rules);
  REQUIRE(loaded.mistakes.size() == 2);
  const std::string one = (folder.path / "frameworks/one.toml").string();
  CHECK(loaded.mistakes[0].text() == one + ":7:10: `ssh.verson` matches no rule; did you mean `ssh.version`?");
  CHECK(loaded.mistakes[1].text() == (folder.path / "frameworks/two.toml").string() +
                                         ":2:1: there is a framework `LAB` already, at " + one +
                                         ":2:1; give this one another id");
}

TEST_CASE("the shipped frameworks speak of rules that are shipped") {
  const std::string root = test::source_dir();
  const lua::LoadedRules shipped = lua::load_rules({root + "/rules"}, root + "/scripts");
  std::vector<std::string> ids;
  for (const auto& rule : shipped.set.rules) ids.push_back(rule->record.id);
  for (const RuleRecord& rule : policy_rules()) ids.push_back(rule.id);
  const LoadedControls loaded = load_frameworks({root + "/rules"}, ids);
  for (const inventory::Mistake& mistake : loaded.mistakes) UNSCOPED_INFO(mistake.text());
  CHECK(loaded.mistakes.empty());
  CHECK(loaded.controls.matches("NIST-800-53/CM-7", "exposure.telnet-open"));
  REQUIRE(loaded.controls.frameworks.size() == 3);
  for (const Framework& framework : loaded.controls.frameworks) {
    INFO(framework.id);
    CHECK(framework.controls.size() > 30);
    CHECK_FALSE(framework.note.empty());
    std::size_t covered = 0;
    for (const Framework::Control& control : framework.controls) covered += control.rules.empty() ? 0 : 1;
    CHECK(covered > 5);
    CHECK(covered < framework.controls.size());
  }
}

}  // namespace audit::core
