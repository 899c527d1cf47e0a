#include "cli/command_line.hpp"

#include <catch2/catch.hpp>

using audit::cli::command_line;

TEST_CASE("words that a shell leaves as they are stand without quotes") {
  CHECK(command_line({"audit", "run", "a.toml", "--target", "10.0.0.0/8,[x]", "--report", "json=r.json"}) ==
        "audit run a.toml --target '10.0.0.0/8,[x]' --report json=r.json");
}

TEST_CASE("what a shell would expand, take apart or lose stands in quotes") {
  CHECK(command_line({"--select", "ssh and not tls"}) == "--select 'ssh and not tls'");
  CHECK(command_line({"$(id)", "`id`", "*", "a;b", "~", "a\nb"}) == "'$(id)' '`id`' '*' 'a;b' '~' 'a\nb'");
  CHECK(command_line({"it's", "", "\xff"}) == "'it'\"'\"'s' '' '\xff'");
}
