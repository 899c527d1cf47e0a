#include "inventory/framework.hpp"

#include <catch2/catch.hpp>

namespace audit::inventory {

namespace {

constexpr const char* head = "schema = 1\nid = \"LAB\"\ntitle = \"Lab\"\n";
constexpr const char* control = "[controls.\"1.1\"]\ntitle = \"One\"\nrules = [\"ssh.*\"]\n";

/// "line:column: message" of each mistake.
std::string mistakes(const std::string& text) {
  const LoadedFramework loaded = load_framework_text(text, "f");
  CHECK_FALSE(loaded.file);
  std::string all;
  for (const Mistake& mistake : loaded.mistakes) all += (all.empty() ? "" : "\n") + mistake.text().substr(2);
  return all;
}

}  // namespace

TEST_CASE("a framework is read as it is written") {
  const LoadedFramework loaded = load_framework_text(
      "schema = 1\nid = \"LAB-1\"\ntitle = \"Lab\"\nversion = \"2\"\nurl = \"https://lab.test/\"\n"
      "[controls.\"AC-2(1)\"]\ntitle = \"One\"\nrules = [\"ssh.*\", \"dns.name\"]\n[controls.1]\ntitle = "
      "\"Two\"\nrules = "
      "[\"x.y\"]\n",
      "lab.toml");
  REQUIRE(loaded.mistakes.empty());
  REQUIRE(loaded.file);
  const Framework& framework = loaded.file->framework;
  CHECK(framework.id == "LAB-1");
  CHECK(framework.version == "2");
  CHECK(framework.url == "https://lab.test/");
  REQUIRE(framework.controls.size() == 2);
  REQUIRE(loaded.file->patterns.size() == 3);
  CHECK(framework.controls[loaded.file->patterns[0].control].id == "AC-2(1)");
  CHECK(framework.controls[loaded.file->patterns[2].control].id == "1");
  CHECK(loaded.file->patterns[1].glob == "dns.name");
  CHECK(loaded.file->patterns[1].place.line == 8);
}

TEST_CASE("each mistake in a framework is told with line and column") {
  using Catch::Contains;
  CHECK_THAT(mistakes(""), Contains("has no schema; write schema = 1") && Contains("has no id; write id"));
  CHECK_THAT(mistakes(head), Contains("has no controls; write [controls.\"CM-7\"]"));
  CHECK_THAT(mistakes("schema = 2\nid = \"L\"\ntitle = \"t\"\n" + std::string(control)), Contains("1:10: "));
  CHECK_THAT(mistakes("schema = 1\nid = \"a/b\"\ntitle = \"t\"\n" + std::string(control)), Contains("2:6: an id has"));
  CHECK_THAT(mistakes(head + std::string("titel = \"x\"\n") + control), Contains("4:1: ") && Contains("title"));
  CHECK_THAT(mistakes(head + std::string(control) + "rule = []\n"), Contains("7:1: ") && Contains("rules"));
  CHECK_THAT(mistakes(head + std::string("[controls.\"1\"]\nrules = [\"x.y\"]\n")), Contains("has no title"));
  CHECK_THAT(mistakes(head + std::string("[controls.\"1\"]\ntitle = \"x\"\n")), Contains("has no rules"));
  CHECK_THAT(mistakes(head + std::string("[controls.\"1\"]\ntitle = \"x\"\nrules = []\n")), Contains("has no rules"));
  CHECK_THAT(mistakes(head + std::string("[controls.\"1\"]\ntitle = \"x\"\nrules = \"x.y\"\n")), Contains("6:9: "));
  CHECK_THAT(mistakes(head + std::string("[controls.\"a b\"]\ntitle = \"x\"\nrules = [\"x\"]\n")),
             Contains("an id has"));
  CHECK_THAT(mistakes(head + std::string(control) + control), Contains("7:"));
  CHECK_THAT(mistakes(head + std::string("controls = 5\n")), Contains("4:"));
  CHECK_THAT(mistakes("a = ["), Contains("1:"));
  CHECK_THAT(mistakes(std::string(100, '[')), Contains("1:"));
}

}  // namespace audit::inventory
