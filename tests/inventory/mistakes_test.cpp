#include <fmt/format.h>

#include "inventory/mistakes.hpp"
#include "loading.hpp"

using namespace audit::inventory;

TEST_CASE("an unknown key is a mistake at the key, with the nearest known one") {
  CHECK(mistakes_of(with_target("[limits]\n  attemps = 3")) ==
        Lines{"2:3: unknown key \"attemps\" in [limits]; did you mean \"attempts\"?"});
  CHECK(mistakes_of(with_target("[audits]")) ==
        Lines{"1:2: unknown key \"audits\" in the inventory; did you mean \"audit\"?"});
  CHECK(mistakes_of(with_target("[groups.a]\ntag = [\"x\"]")) ==
        Lines{"2:1: unknown key \"tag\" in a group; did you mean \"tags\"?"});
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\nexpect.tcp = { sweeep = 1 }") ==
        Lines{"3:16: unknown key \"sweeep\" in expect.tcp; did you mean \"sweep\"?"});
  CHECK(mistakes_of(with_target("[identity]\nphone = \"1\"")) ==
        Lines{"2:1: unknown key \"phone\" in [identity]; known here: contact, user_agent"});
  CHECK(mistakes_of(with_target("[groups.x]\nschema = 1")) ==
        Lines{"2:1: unknown key \"schema\" in a group; schema stands at the top of the file, above the first [table]"});
}

TEST_CASE("another schema is refused by its number") {
  CHECK(mistakes_of(with_target("schema = 2")) == Lines{"1:10: this version of audit reads schema = 1; this is 2"});
  CHECK(mistakes_of(with_target("schema = \"1\"")) ==
        Lines{"1:10: this version of audit reads schema = 1; this is text"});
}

TEST_CASE("a value of the wrong type is a mistake at the value, with what to write") {
  CHECK(mistakes_of(with_target("limits.gap = 2")) ==
        Lines{"1:14: gap has to be a time with its unit in quotes, such as \"2s\"; this is a whole number"});
  CHECK(mistakes_of(with_target("limits.per_target = \"8\"")) ==
        Lines{"1:21: per_target has to be a whole number from 1 to 1024; this is text"});
  CHECK(mistakes_of(with_target("audit.name = 5")) ==
        Lines{"1:14: name has to be text in quotes, such as \"Campus\"; this is a whole number"});
  CHECK(
      mistakes_of(with_target("audit = 5")) ==
      Lines{"1:9: audit has to be a table: write [audit] and its keys on the lines below it; this is a whole number"});
  CHECK(mistakes_of(with_target("scope.exclude = \"10.0.0.1\"")) ==
        Lines{"1:17: exclude has to be a list; write exclude = [\"10.0.0.1\"]"});
  CHECK(mistakes_of(with_target("scope.exclude = [1]")) ==
        Lines{"1:18: exclude has to hold texts in quotes, such as \"10.20.9.0/24\"; this is a whole number"});
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\nassume_up = \"yes\"") ==
        Lines{"3:13: assume_up has to be true or false, without quotes; this is text"});
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\ngroups = \"a\"") ==
        Lines{"3:10: groups has to be a list; write groups = [\"a\"]"});
  CHECK(mistakes_of("[[targets]]\naddress = [\"10.0.0.1\"]") ==
        Lines{"2:11: address has to be one address, CIDR, range or name in quotes, such as \"10.0.0.0/24\"; this is a "
              "list"});
}

TEST_CASE("a number out of its range is a mistake that tells the range") {
  CHECK(mistakes_of(with_target("limits.rate = 0")) ==
        Lines{"1:15: rate has to be a number from 1 to 1000000; this is 0"});
  CHECK(mistakes_of(with_target("limits.rate = nan")).size() == 1);
  CHECK(mistakes_of(with_target("limits.rate = 1_000_001")).size() == 1);
  CHECK(mistakes_of(with_target("limits.attempts = 11")).size() == 1);
  CHECK(mistakes_of(with_target("limits.attempts = 0")).size() == 1);
  CHECK(mistakes_of(with_target("limits.per_target = 1025")).size() == 1);
  CHECK(mistakes_of(with_target("limits.timeout = \"10m\"")) ==
        Lines{"1:18: \"10m\" is out of range; timeout goes from 1ms to 5m, written as \"250ms\", \"2s\" or \"1m\""});
  CHECK(mistakes_of(with_target("limits.timeout = \"0s\"")).size() == 1);
  CHECK(mistakes_of(with_target("limits.gap = \"61m\"")).size() == 1);
  CHECK(mistakes_of(with_target("limits.gap = \"soon\"")) ==
        Lines{"1:14: \"soon\" is not a time; gap goes from 0s to 1h, written as \"250ms\", \"2s\" or \"1m\""});
  CHECK(mistakes_of(with_target("audit.require_coverage = 1.5")) ==
        Lines{"1:26: require_coverage has to be a number from 0 to 1; this is 1.5"});
  CHECK(mistakes_of(with_target("audit.require_coverage = 95")) ==
        Lines{"1:26: require_coverage goes from 0 to 1; write 0.95 for 95 %"});
}

TEST_CASE("a rate or per_prefix in a group or target is refused: it is of the whole run") {
  CHECK(
      mistakes_of(with_target("[groups.a]\nlimits = { rate = 5 }")) ==
      Lines{"2:12: rate is of the whole run: write it in [limits] on the top level; here per_target and gap can slow a "
            "target down"});
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\nlimits.rate = 5").size() == 1);
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\nlimits.per_prefix = 5") ==
        Lines{"3:8: per_prefix is of the whole run: write it in [limits] on the top level; here per_target and gap can "
              "slow "
              "a target down"});
}

TEST_CASE("a plan is named by a URL or a path without a blank") {
  CHECK(mistakes_of(with_target("audit.ssp = \"my ssp.json\"")) ==
        Lines{"1:13: ssp is a URL or a path, and \"my ssp.json\" has a blank in it; write %20 for one, as in "
              "\"https://grc.example.net/ssp.json\""});
  CHECK(mistakes_of(with_target("audit.assessment_plan = 3")).size() == 1);
}

TEST_CASE("words of a closed set are checked, with the nearest one") {
  CHECK(mistakes_of(with_target("audit.fail_on = \"hgih\"")).size() == 1);
  CHECK(mistakes_of(with_target("audit.fail_on = \"mediun\"")) ==
        Lines{"1:17: fail_on has to be \"critical\", \"high\", \"medium\", \"low\", \"info\" or \"never\"; this is "
              "\"mediun\"; did you mean \"medium\"?"});
  CHECK(mistakes_of(with_target("[groups.a]\nsafety = \"normall\"")) ==
        Lines{"2:10: safety has to be \"connect\", \"normal\" or \"intrusive\"; this is \"normall\"; did you mean "
              "\"normal\"?"});
}

TEST_CASE("ports that are none are mistakes that tell what was meant") {
  const auto sweep = [](const std::string& ports) {
    const Lines lines = mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\nexpect.tcp.sweep = " + ports);
    return lines.size() == 1 ? lines[0] : fmt::format("{} mistakes", lines.size());
  };
  CHECK(sweep("0") == "3:20: 0 is not a port; ports go from 1 to 65535");
  CHECK(sweep("[1, 70000]") == "3:24: 70000 is not a port; ports go from 1 to 65535");
  CHECK(sweep("\"1024-1\"") == "3:20: \"1024-1\" runs backwards; write \"1-1024\"");
  CHECK(sweep("\"tcp/22\"") == "3:20: sweep holds TCP ports alone; write \"22\"");
  CHECK(sweep("\"udp/161\"") == "3:20: sweep is here about tcp, and \"udp/161\" is not; write it in expect.udp");
  CHECK(sweep("\"ssh\"") ==
        "3:20: \"ssh\" is not a port or range of ports; they go from 1 to 65535, written as 22 or \"8000-8100\"");
  CHECK(sweep("true") == "3:20: sweep has to be ports, such as [22, \"8000-8100\"]; this is true or false");
  CHECK(mistakes_of(with_target("[groups.a]\nexpect.tcp.allow = [{ why = \"x\" }]")) ==
        Lines{"2:21: this allows no port; write { port = 830, why = \"CHG-112\" }"});
  CHECK(mistakes_of(with_target("[groups.a]\nexpect.tcp = {}")) ==
        Lines{"2:8: expect.tcp expects nothing; write sweep, require, allow or deny in it, or take it out"});
}

TEST_CASE("never needs its transport, so that it never means the wrong one") {
  CHECK(mistakes_of(with_target("scope.never = [\"161\"]")) ==
        Lines{"1:16: \"161\" lacks its transport; write \"tcp/161\", \"udp/161\" or both"});
  CHECK(mistakes_of(with_target("scope.never = [161]")) ==
        Lines{"1:16: never needs the transport too; write \"tcp/161\", \"udp/161\" or both"});
  CHECK(mistakes_of(with_target("scope.never = [\"sctp/1\"]")) ==
        Lines{"1:16: \"sctp/1\" is not a transport and its ports; write \"tcp/102\" or \"udp/161-162\""});
  CHECK(mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\nnever = [\"tcp/1\"]") ==
        Lines{"3:1: never is a key of [scope] and of groups; make a group with it and name that in groups here"});
}

TEST_CASE("services, resolvers and bounds that are none are mistakes") {
  CHECK(mistakes_of(with_target("[services]\nnetconf = \"830\"")) ==
        Lines{"2:1: \"netconf\" is not a port; [services] names ports from 1 to 65535: 830 = \"NETCONF\""});
  CHECK(
      mistakes_of(with_target("audit.resolvers = [\"dns.example.net\"]")) ==
      Lines{"1:20: dns.example.net is not a resolver; write its address, with a port where that is not 53: 192.0.2.53, "
            "127.0.0.1:5353 or [2001:db8::53]:5353"});
  for (const char* resolver :
       {"192.0.2.53:0", "192.0.2.53:99999", "[2001:db8::53", "[2001:db8::53]x", "0.0.0.0", "ff02::1"})
    CHECK(mistakes_of(with_target(fmt::format("audit.resolvers = [\"{}\"]", resolver))).size() == 1);
  CHECK(mistakes_of(with_target("scope.include = [\"example.net\"]")) ==
        Lines{"1:18: \"example.net\" is no address or network: include bounds where names may lead, such as "
              "\"10.0.0.0/8\""});
}

TEST_CASE("a parameter below an unquoted rule id is a mistake that shows the quotes") {
  CHECK(mistakes_of(with_target("[params.tls.expiry]\ndays = 1")) ==
        Lines{"1:9: a rule's id stands in quotes: write params.\"tls.expiry\""});
  CHECK(mistakes_of(with_target("[params]\ndays = 1")) ==
        Lines{"2:1: parameters stand below their rule's id: [params.\"RULE.ID\"] and then days = …"});
  CHECK(mistakes_of(with_target("[params.\"a.b\"]\nd = 2026-11-20\ne = inf\nf = [[1]]")) ==
        Lines{"2:5: a parameter cannot be a date; write it as text, in quotes",
              "3:5: a parameter has to be a finite number",
              "4:6: a list of a parameter holds numbers, texts and truths; this is a list"});
}

TEST_CASE("text that will stand in requests holds no line break") {
  CHECK(mistakes_of(with_target("identity.contact = \"a\\r\\nX-Evil: 1\"")) ==
        Lines{"1:20: contact holds a line break or another control character; take it out"});
  CHECK(mistakes_of(with_target("audit.name = \"\"")) ==
        Lines{"1:14: name is empty; write something, or take the key out"});
}

TEST_CASE("hostile text stays text in a message") {
  CHECK(mistakes_of(with_target("\"\\u001b[31m\" = 1"))[0].find("1:1: unknown key \"\\x1b[31m\" in the inventory") ==
        0);
  CHECK(mistakes_of(with_target("\"" + std::string(5'000, 'k') + "\" = 1"))[0].size() < 400);
}

TEST_CASE("an inventory without targets is a mistake") {
  const std::string how = "there are no targets; add [[targets]] and below it address = \"10.0.0.0/24\"";
  CHECK(mistakes_of("# nothing yet\n") == Lines{"1:1: " + how});
  CHECK(mistakes_of("schema = 1\ntargets = []\n") == Lines{"2:1: " + how});
  CHECK(mistakes_of("[targets]\naddress = \"10.0.0.1\"\n") ==
        Lines{"1:2: targets is a list of tables; write [[targets]], with two brackets, above each"});
  CHECK(
      mistakes_of("targets = [\"10.0.0.1\"]\n") ==
      Lines{"1:12: a target has to be a table; add [[targets]] and below it address = \"10.0.0.0/24\"; this is text"});
  CHECK(mistakes_of("[[targets]]\nowner = \"x\"\n") ==
        Lines{"1:1: this target has no address; write address = \"10.0.0.1\", a CIDR, a range or a name"});
}

TEST_CASE("all mistakes are told at once, in the order of the file") {
  CHECK(mistakes_of(R"([[targets]]
address = "10.0.0.300"
owner = 5
[scope]
exclude = ["10.0.0.1/24"]
[audit]
nam = "x"
)") == Lines{"2:11: 10.0.0.300 is not an IPv4 address: 300 is above 255",
             "3:9: owner has to be text in quotes, such as \"netops\"; this is a whole number",
             "5:12: 10.0.0.1/24 has host bits set; write 10.0.0.0/24 for the network or 10.0.0.1 for the host",
             "7:1: unknown key \"nam\" in [audit]; did you mean \"name\"?"});
}

TEST_CASE("of many mistakes the first fifty of the file are told and the rest counted") {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += fmt::format("key{} = 1\n", i);
  const Lines lines = mistakes_of(text + "[audit]\nname = 5\n");
  REQUIRE(lines.size() == 50);
  CHECK(lines[0].starts_with("1:1: "));
  CHECK(lines[48].starts_with("48:1: "));  // 1:1 has a second mistake: no targets
  CHECK(lines[49] == "49:1: and 4953 more mistakes from here on");
}

TEST_CASE("a mistake is written as file:line:column, one without a line as file") {
  CHECK(Mistake{{"inv.toml", 3, 9}, "what"}.text() == "inv.toml:3:9: what");
  CHECK(Mistake{{"inv.toml", 0, 0}, "what"}.text() == "inv.toml: what");
  CHECK(Mistake{{"a\x1b.toml", 1, 2}, "what"}.text() == "a\\x1b.toml:1:2: what");
}

TEST_CASE("of what would only be counted no words are made: 3 million keys are no 3 million suggestions") {
  Mistakes mistakes("inv.toml");
  std::size_t worded = 0;
  for (std::uint32_t line = 1; line <= 100'000; ++line) {
    worded += mistakes.would_tell({line, 1}) ? 1 : 0;
    mistakes.add({line, 1}, "what");
  }
  CHECK(worded <= 20 * Mistakes::most);
  CHECK(mistakes.would_tell({0, 0}));
  mistakes.add({0, 0}, "first");
  const std::vector<Mistake> told = mistakes.take();
  REQUIRE(told.size() == Mistakes::most);
  CHECK(told.front().message == "first");
  CHECK(told.back().message == "and 99952 more mistakes from here on");
}
