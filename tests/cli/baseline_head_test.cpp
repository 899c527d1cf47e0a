#include "cli/baseline_head.hpp"

#include <catch2/catch.hpp>

#include "inventory/load.hpp"

using namespace audit;
using namespace audit::cli;

namespace {

inventory::Inventory loaded(std::string_view text) {
  inventory::Loaded result = inventory::load_text(text, "i");
  REQUIRE(result.inventory);
  return *std::move(result.inventory);
}

}  // namespace

TEST_CASE("a text is quoted so that TOML reads it back") {
  CHECK(quoted("a \"b\" \\ c") == R"("a \"b\" \\ c")");
  CHECK(quoted(std::string_view("\n\x7f", 2)) == R"("\u000a\u007f")");
  CHECK(list_of({"a", "b"}) == R"(["a", "b"])");
  const std::string odd = "tab\t\"quote\" \\ \xc3\xa4";
  CHECK(loaded("[[targets]]\naddress = \"10.0.0.1\"\n[[attestations]]\ncontrol = \"nist/AC-1\"\nstatus = \"pass\"\nby "
               "= \"a\"\n"
               "date = 2026-01-01\nvalid_for = \"30d\"\nevidence = " +
               quoted(odd) + "\n")
            .attestations.at(0)
            .evidence == odd);
}

TEST_CASE("the head of a baseline says again what its inventory said, and it loads") {
  const std::string text = R"(schema = 1
[audit]
name = "Campus"
fail_on = "high"
[limits]
rate = 50.0
[scope]
exclude = ["10.0.0.9"]
[zones.hall]
networks = ["10.0.0.0/24"]
[groups.web]
tags = ["x"]
)";
  const std::string target = "[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"web\"]\n";
  const std::string head = baseline_head(loaded(text + target));
  const inventory::Inventory again = loaded(head + target);
  CHECK(again.name == "Campus");
  CHECK(again.fail_on == "high");
  CHECK(again.limits.rate == 50);
  CHECK(again.scope.exclude.at(0).text == "10.0.0.9");
  CHECK(again.zones.at(0).name == "hall");
  CHECK(again.entries.at(0).settings->tags.empty());  // what a group says stands at each target
  CHECK(baseline_head(again) == head);
}
