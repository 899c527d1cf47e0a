#include "inventory/framework.hpp"

#include <catch2/catch.hpp>

namespace audit::inventory {

namespace {

constexpr const char* head = "schema = 1\nid = \"LAB\"\ntitle = \"Lab\"\n";
constexpr const char* control =
    "[controls.\"1.1\"]\ntitle = \"One\"\nrules = [{ rule = \"ssh.*\", supports = \"partial\", why = \"w\" }]\n";

/// A control whose rules are written so.
std::string with(const std::string& rules) {
  return head + std::string("[controls.\"1\"]\ntitle = \"x\"\nrules = ") + rules + "\n";
}

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
      "note = \"N\"\n[controls.\"AC-2(1)\"]\ntitle = \"One\"\nrules = [\n"
      "  { rule = \"ssh.*\", supports = \"partial\", why = \"a part\" },\n"
      "  { rule = \"dns.name\", supports = \"full\", why = \"all\" },\n]\n"
      "[controls.1]\ntitle = \"Two\"\nrules = [{ rule = \"x.y\", supports = \"full\", why = \"z\" }]\n"
      "[controls.2]\ntitle = \"Three\"\n",
      "lab.toml");
  REQUIRE(loaded.mistakes.empty());
  REQUIRE(loaded.file);
  const Framework& framework = loaded.file->framework;
  CHECK(framework.id == "LAB-1");
  CHECK(framework.version == "2");
  CHECK(framework.url == "https://lab.test/");
  CHECK(framework.note == "N");
  REQUIRE(framework.controls.size() == 3);
  REQUIRE(loaded.file->patterns.size() == 3);
  CHECK(framework.controls[loaded.file->patterns[0].control].id == "AC-2(1)");
  CHECK(framework.controls[loaded.file->patterns[2].control].id == "1");
  CHECK(loaded.file->patterns[1].glob == "dns.name");
  CHECK(loaded.file->patterns[0].supports == Support::partial);
  CHECK(loaded.file->patterns[0].why == "a part");
  CHECK(loaded.file->patterns[1].supports == Support::full);
  CHECK(loaded.file->patterns[1].place.line == 11);
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
  CHECK_THAT(mistakes(with("\"x.y\"")), Contains("6:9: rules has to be a list of mappings"));
  CHECK_THAT(mistakes(with("[5]")), Contains("6:10: rules has to hold mappings"));
  CHECK_THAT(mistakes(head + std::string("[controls.\"a b\"]\ntitle = \"x\"\nrules = []\n")), Contains("an id has"));
  CHECK_THAT(mistakes(head + std::string(control) + control), Contains("7:"));
  CHECK_THAT(mistakes(head + std::string("controls = 5\n")), Contains("4:"));
  CHECK_THAT(mistakes("a = ["), Contains("1:"));
  CHECK_THAT(mistakes(std::string(100, '[')), Contains("1:"));
}

TEST_CASE("a mapping says which rule, how far and why, and what is wrong with it is told") {
  using Catch::Contains;
  CHECK_THAT(mistakes(with("[\"ssh.*\"]")),
             Contains("6:10: a mapping says how far it bears on the control, and why: write { rule = \"ssh.*\", "
                      "supports = \"partial\", why = \"…\" }"));
  CHECK_THAT(mistakes(with("[{ rule = \"a.b\", supports = \"full\" }]")),
             Contains("6:10: this mapping has no why; write why = "));
  CHECK_THAT(mistakes(with("[{ rule = \"a.b\", why = \"w\" }]")), Contains("6:10: this mapping has no supports"));
  CHECK_THAT(mistakes(with("[{ supports = \"full\", why = \"w\" }]")), Contains("6:10: this mapping has no rule"));
  CHECK_THAT(mistakes(with("[{ rule = \"a.b\", supports = \"ful\", why = \"w\" }]")),
             Contains("6:37: supports is \"partial\" or \"full\"; this is \"ful\"; did you mean \"full\"?"));
  CHECK_THAT(mistakes(with("[{ rule = \"a.b\", supports = \"full\", why = \"\" }]")), Contains("6:51: "));
  CHECK_THAT(mistakes(with("[{ rule = \"a.b\", supports = \"full\", wy = \"w\" }]")),
             Contains("unknown key \"wy\" in a mapping of") && Contains("did you mean \"why\"?"));
}

}  // namespace audit::inventory
