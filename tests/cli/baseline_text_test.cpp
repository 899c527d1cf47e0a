#include "cli/baseline_head.hpp"

#include <catch2/catch.hpp>

#include "inventory/load.hpp"

using audit::cli::quoted;

TEST_CASE("a text of a baseline is read back as it was, and moves no terminal on the way") {
  using namespace std::string_literals;
  for (const std::string& text : {"plain"s, "\"\\\n\t\0\x1b\x7f"s, "\xe2\x80\xae\xc2\x9b\xc2\x85\xef\xbb\xbf"s,
                                  "caf\xc3\xa9 \xe6\x9d\x8e"s, "\xf3\xa0\x80\x81"s}) {
    const std::string toml = quoted(text);
    CAPTURE(toml);
    for (const char* control : {"\x1b", "\x7f", "\xe2\x80\xae", "\xc2\x9b", "\xc2\x85", "\xef\xbb\xbf", "\n"})
      CHECK(toml.find(control) == std::string::npos);
    const std::string inventory =
        "[[waivers]]\nid = \"W\"\nrule = \"r\"\ntargets = \"*\"\nreason = " + toml +
        "\napprover = \"a\"\nstarts = 2026-01-01\nexpires = 2026-01-02\n[[targets]]\naddress = \"10.0.0.1\"\n";
    const audit::inventory::Loaded loaded = audit::inventory::load_text(inventory, "i.toml");
    if (loaded.inventory) CHECK(loaded.inventory->waivers.at(0).reason == text);
  }
  CHECK(quoted("a\xff") == "\"a\\ufffd\"");
  CHECK(quoted("\xf3\xa0\x80\x81") == "\"\\U000e0001\"");
}
