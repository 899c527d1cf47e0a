#include "loading.hpp"

namespace audit::inventory {

using Catch::Contains;

namespace {

const std::string key_one = "SHA256:" + std::string(43, 'a');
const std::string key_two = "SHA256:" + std::string(43, 'B');
const std::string digest(64, 'a');

Settings settings_of(const std::string& text) { return *loaded(text).entries.at(0).settings; }

/// The only mistake of a target that expects this.
std::string mistake_of(const std::string& expect) {
  const Lines lines = mistakes_of("[[targets]]\naddress = \"10.0.0.1\"\n" + expect);
  return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " mistakes: " + (lines.empty() ? "" : lines[0]);
}

}  // namespace

TEST_CASE("what is denied is not permitted, whoever allows it") {
  const Settings settings = settings_of(
      "[groups.g]\nexpect.tcp = { sweep = \"1-1024\", allow = [\"20-30\"] }\n"
      "[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"g\"]\nexpect.tcp.deny = [23]\n");
  CHECK(settings.expect_tcp->permitted().format() == "20-22,24-30");
  CHECK(settings.expect_tcp->deny.format() == "23");
  CHECK(settings.expect_tcp->others_fail);
}

TEST_CASE("other says what an open port is that nothing names") {
  CHECK_FALSE(
      settings_of(with_target("[groups.g]\n[[targets]]\naddress = \"10.0.0.9\"\nexpect.tcp = { sweep = 1, other "
                              "= \"info\" }"))
          .expect_tcp->others_fail);
  CHECK(
      mistake_of("expect.tcp = { sweep = 1, other = \"warn\" }") ==
      "3:35: other says what an open port in sweep is that nothing else names: \"fail\" or \"info\"; this is \"warn\"");
}

TEST_CASE("what one table both wants and denies is a mistake") {
  CHECK(mistake_of("expect.tcp = { require = [22, 80], deny = [80] }") ==
        "3:36: tcp/80 is in require and in deny of one table; take it out of one");
  CHECK(mistake_of("expect.udp = { allow = [\"100-200\"], deny = \"150-160\" }") ==
        "3:37: udp/150-160 is in allow and in deny of one table; take it out of one");
}

TEST_CASE("what one group requires and another denies is a mistake where they meet") {
  const Lines lines = mistakes_of(
      "[groups.a]\nexpect.tcp.require = 22\n[groups.b]\nexpect.tcp.deny = 22\n"
      "[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"a\", \"b\"]\n");
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Contains("tcp/22 is required and denied once the groups are merged"));
}

TEST_CASE("UDP ports are expected as TCP ports are, and apart from them") {
  const Settings settings = settings_of(
      "[[targets]]\naddress = \"10.0.0.1\"\n"
      "expect.udp = { sweep = [53, 161], require = 53, allow = [{ port = 161, why = \"SNMP\" }] }\n");
  CHECK(settings.expect_tcp == nullptr);
  CHECK(settings.expect_udp->looked_at().format() == "53,161");
  CHECK(settings.expect_udp->why(161) == "SNMP");
  CHECK(settings.expect_udp->why(53).empty());
  CHECK(mistake_of("expect.udp.sweep = \"tcp/22\"") ==
        "3:20: sweep is here about udp, and \"tcp/22\" is not; write it in expect.tcp");
}

TEST_CASE("names, addresses, certificates, host keys and services are read") {
  const Settings settings = settings_of(
      "[[targets]]\naddress = \"www.example.net\"\n[targets.expect]\n"
      "names = [\"WWW.example.net.\", \"sw-*.example.net\"]\n"
      "addresses = [\"192.0.2.7\", \"2001:db8::/64\"]\n"
      "certificates = [{ port = 8443, fingerprint = \"sha256:" +
      digest +
      "\" }, { issuer = \"CN=X\", server_name = \"A.example\" }]\n"
      "ssh_host_keys = [\"" +
      key_one + "\", { port = 2222, fingerprint = \"" + key_two +
      "\" }]\nservices = [{ port = 25, service = \"smtp\" }]\n");
  const ExpectedAnswers& expected = *settings.expect_answers;
  CHECK(*expected.names == std::vector<std::string>{"www.example.net", "sw-*.example.net"});
  CHECK(expected.addresses->size() == 2);
  REQUIRE(expected.certificates.size() == 2);
  CHECK(expected.certificates[0].fingerprint == digest);
  CHECK(expected.certificates[1].port == 443);
  CHECK(expected.certificates[1].server_name == "a.example");
  REQUIRE(expected.ssh_host_keys.size() == 2);
  CHECK(expected.ssh_host_keys[0].port == 22);
  CHECK(expected.ssh_host_keys[1].fingerprint == key_two);
  CHECK(expected.services.at(0).service == "smtp");
  CHECK(expected.ports().format() == "22,25,443,2222,8443");
}

TEST_CASE("a fingerprint may be written as openssl prints it") {
  std::string colons;
  for (int i = 0; i < 32; ++i) colons += (i == 0 ? "" : ":") + std::string("AA");
  const Settings settings = settings_of(
      "[[targets]]\naddress = \"10.0.0.1\"\nexpect.certificates = [{ fingerprint = \"" + colons + "\" }]\n");
  CHECK(settings.expect_answers->certificates.at(0).fingerprint == digest);
}

TEST_CASE("no names at all may be expected, and nothing else that is empty") {
  CHECK(settings_of("[[targets]]\naddress = \"10.0.0.1\"\nexpect.names = []\n").expect_answers->names->empty());
  CHECK_THAT(mistake_of("expect.services = []"), Contains("expects nothing"));
  CHECK_THAT(mistake_of("expect.addresses = []"), Contains("is empty"));
}

TEST_CASE("answers that cannot be expected are mistakes that say what can be") {
  CHECK_THAT(mistake_of("expect.certificates = [{ port = 443 }]"), Contains("may be any"));
  CHECK_THAT(mistake_of("expect.certificates = [{ fingerprint = \"sha256:12\" }]"), Contains("no SHA-256 fingerprint"));
  CHECK_THAT(mistake_of("expect.certificates = [443]"), Contains("is a table"));
  CHECK_THAT(mistake_of("expect.ssh_host_keys = [\"MD5:aa\"]"), Contains("no SSH host key"));
  CHECK_THAT(mistake_of("expect.services = [{ port = 22, service = \"shh\" }]"), Contains("did you mean \"ssh\"?"));
  CHECK_THAT(mistake_of("expect.services = [{ port = 22, service = \"ssh\" }, { port = 22, service = \"http\" }]"),
             Contains("a port speaks one"));
  CHECK_THAT(mistake_of("expect.addresses = [\"10.0.0.300\"]"), Contains("300"));
  CHECK_THAT(mistake_of("expect.nmaes = []"), Contains("did you mean \"names\"?"));
}

TEST_CASE("two groups that expect different answers contradict each other, key by key") {
  const auto text = [](const std::string& second) {
    return "[groups.a]\nexpect.services = [{ port = 22, service = \"ssh\" }]\n[groups.b]\n" + second +
           "\n[[targets]]\naddress = \"10.0.0.1\"\ngroups = [\"a\", \"b\"]\n";
  };
  CHECK(mistakes_of(text("expect.services = [{ port = 22, service = \"tls\" }]")).size() == 1);
  const Settings settings = settings_of(text("expect.names = [\"x\"]"));
  CHECK(settings.expect_answers->services.size() == 1);
  CHECK(settings.expect_answers->names->size() == 1);
}

TEST_CASE("names that are expected are names") {
  CHECK_THAT(mistakes_of(with_target("[groups.g]\nexpect.names = [\"www example\"]"))[0],
             Catch::Contains("2:17: expect.names are those of reverse records: www example is more than one word"));
  CHECK_THAT(
      mistakes_of(with_target("[groups.g]\nexpect.certificates = [{ server_name = \"*.lan\", issuer = \"CN=x\" }]"))[0],
      Catch::Contains("server_name is the name that is asked for: *.lan is a pattern"));
  CHECK(loaded(with_target("[groups.g]\nexpect.certificates = [{ server_name = \"2001:db8::1\", issuer = \"CN=x\" }]"))
            .notices.empty());
}

TEST_CASE("expectations that check nothing are told") {
  const auto notice = [](const std::string& line) {
    const Inventory inventory = loaded("[[targets]]\naddress = \"10.0.0.1\"\n" + line + "\n");
    return inventory.notices.empty() ? std::string() : inventory.notices[0];
  };
  CHECK_THAT(notice("expect.tcp = { other = \"info\" }"), Catch::Contains("expect.tcp expects nothing: `other` says"));
  CHECK(notice("expect.tcp = { sweep = [22], other = \"info\" }").empty());
  CHECK(notice("expect.tcp = { require = [22], other = \"info\" }").empty());
  CHECK_THAT(notice("expect.addresses = [\"10.0.0.1\"]"),
             Catch::Contains("1:1: expect.addresses says what a name resolves to, and 10.0.0.1 is none"));
  CHECK(loaded("[[targets]]\naddress = \"a.lan\"\nexpect.addresses = [\"10.0.0.1\"]\n").notices.empty());
}

}  // namespace audit::inventory
