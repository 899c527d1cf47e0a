#include <catch2/catch.hpp>

#include "report/uri.hpp"

using namespace audit::report;

TEST_CASE("a path becomes a URI reference: relative as it stands, else a file's") {
  CHECK(uri_of_path("a b/\xff%.toml") == "a%20b/%FF%25.toml");
  CHECK(uri_of_path("././x.toml") == "x.toml");
  CHECK(uri_of_path("/srv/x.toml") == "file:///srv/x.toml");
}

TEST_CASE("what somebody wrote as a URI stays one, and whatever else becomes one") {
  CHECK(uri_of_reference("https://[2001:db8::1]:8443/a[1] b#c#d") == "https://[2001:db8::1]:8443/a%5B1%5D%20b#c%23d");
  CHECK(uri_of_reference("10:30 plan.json") == "./10:30%20plan.json");
  CHECK(uri_of_reference("plans/a:b%2f%zz.json") == "plans/a:b%2f%25zz.json");
  CHECK(uri_of_reference("urn:x") == "urn:x");
  CHECK(uri_of_reference("").empty());
}
