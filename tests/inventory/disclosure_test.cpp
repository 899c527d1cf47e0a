#include "inventory/disclosure.hpp"

#include <catch2/catch.hpp>

using namespace audit::inventory;

TEST_CASE("of a text only what looks like an address or name is shown, and of a file only among targets") {
  for (const char* text : {"10.0.0.300", "2001:db8::1/64", "web-1.lan", "10.0.0.1:80"}) CHECK(may_be_shown(text));
  for (const char* text : {"", "user:pw@host", "two words", "p&ss", "\xc3\xa4"}) CHECK_FALSE(may_be_shown(text));
  CHECK_FALSE(may_be_shown(std::string(65, 'a')));
  CHECK_FALSE(are_mostly_targets(0, 1));
  CHECK_FALSE(are_mostly_targets(2, 0));
  CHECK_FALSE(are_mostly_targets(5, 2));
  CHECK(are_mostly_targets(6, 2));
}

TEST_CASE("an inventory is known by a section that nothing else has") {
  CHECK(looks_like_inventory("schema = 1\n[[targets]]\naddress = x\n"));
  CHECK(looks_like_inventory("[groups.web]"));
  CHECK_FALSE(looks_like_inventory("hunter2\n"));
  CHECK_FALSE(looks_like_inventory("[default]\nkey = hunter2\n"));
  CHECK_FALSE(looks_like_inventory("# [[targets]]\n"));
}

TEST_CASE("what a program says is scrubbed of userinfo, of what follows the word password, and of secrets") {
  const auto said = [](const char* text) { return scrubbed(text, {"swordfish", "abc"}); };
  CHECK(said("cannot reach https://bob:hunter2@netbox.lan/api") == "cannot reach https://***@netbox.lan/api");
  CHECK(said("ssh://hunter2@host and bob:pw@host") == "ssh://***@host and ***@host");
  CHECK(said("https://bob:a/b@c@host/x, mail a@b.example") == "https://***@host/x, mail a@b.example");
  CHECK(said("login failed: password=hunter2 for bob\nno more") == "login failed: password=***\nno more");
  CHECK(said("--api-token hunter2") == "--api-token ***");
  CHECK(said("Authorization: Basic aHVudGVyMg==") == "Authorization:***");
  CHECK(said("swordfish is not it").find("swordfish") == std::string::npos);
  CHECK(said("nothing to hide: 10.0.0.1 abc") == "nothing to hide: 10.0.0.1 abc");
  CHECK(said("") == "");
  CHECK(said("no passphrase") == "no passphrase");
}
