#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;
using namespace std::chrono_literals;

namespace {

const std::string credentials = R"([credentials.hook]
env = "HOOK"
notify = true
[credentials.snmp]
env = "SNMP"
)";

/// On line 7 and below.
Lines mistakes_in(const std::string& keys) { return mistakes_of(with_target(credentials + "[[notify]]\n" + keys)); }

Lines in_webhook(const std::string& keys) { return mistakes_in("name = \"ops\"\nkind = \"webhook\"\n" + keys); }

Lines in_mail(const std::string& keys) {
  return mistakes_in("name = \"ops\"\nkind = \"mail\"\nfrom = \"audit@example.net\"\nto = [\"a@example.net\"]\n" +
                     keys);
}

void check_first(const Lines& mistakes, const std::string& place, const std::string& words) {
  REQUIRE_FALSE(mistakes.empty());
  CHECK_THAT(mistakes.front(), Catch::StartsWith(place) && Catch::Contains(words));
}

}  // namespace

TEST_CASE("each kind of notifier is read with everything it says") {
  const Inventory inventory = loaded(with_target(credentials + R"(
[[notify]]
name = "ops"
kind = "webhook"
url = "https://hooks.example.net/audit?team=net"
credential = "hook"
ca = "ca.pem"
when = ["always", "new_failures >= high", "recovered", "waiver_expiring"]
timeout = "5s"
attempts = 3
give_up_after = "30s"
[[notify]]
name = "mail"
kind = "mail"
server = "smtp://[2001:db8::1]"
tls = "implicit"
from = "audit@example.net"
to = ["netsec@example.net", "o'hara+x@example.net"]
[[notify]]
name = "log"
kind = "syslog"
server = "udp://log.example.net"
facility = "local3"
[[notify]]
name = "local"
kind = "syslog"
server = "unix:///dev/log"
[[notify]]
name = "page"
kind = "command"
command = ["page", "--loud"]
[[notify]]
name = "dead-man"
kind = "ping"
url = "http://127.0.0.1:8000"
cleartext = true)"));
  REQUIRE(inventory.notifiers.size() == 6);
  const NotifySettings& hook = inventory.notifiers[0];
  CHECK(hook.address.url() == "https://hooks.example.net:443/audit?team=net");
  CHECK(hook.address.shown() == "https://hooks.example.net:443");
  CHECK(words_of(hook.when) == "always, new_failures >= high, recovered, waiver_expiring");
  CHECK(hook.credential == "hook");
  CHECK((hook.timeout == 5s && hook.give_up_after == 30s && hook.attempts == 3));
  CHECK(hook.place == "inv.toml:7:1");
  const NotifySettings& mail = inventory.notifiers[1];
  CHECK(mail.address.url() == "smtp://[2001:db8::1]:465/");
  CHECK(mail.to.size() == 2);
  CHECK(words_of(mail.when) == "changed, incomplete");
  CHECK((inventory.notifiers[2].address.port == 514 && inventory.notifiers[2].facility == 19));
  CHECK(inventory.notifiers[3].address.shown() == "unix:///dev/log");
  CHECK(destination_of(inventory.notifiers[4]) == "page");
  CHECK(inventory.notifiers[5].address.url() == "http://127.0.0.1:8000/");
}

TEST_CASE("a credential of notifiers goes to no target that it does not name") {
  const Inventory inventory = loaded(with_target(credentials));
  CHECK(inventory.credentials[0].notify);
  CHECK_FALSE(inventory.credentials[0].grant.for_all());
  CHECK_FALSE(inventory.credentials[1].notify);
  CHECK(inventory.credentials[1].grant.for_all());
}

TEST_CASE("a notifier without a name, of no kind, or twice there, is a mistake") {
  check_first(mistakes_in("kind = \"ping\"\nurl = \"https://a/\"\n"), "6:1", "this notifier has no name");
  check_first(mistakes_in("name = \"a b\"\nkind = \"ping\"\nurl = \"https://a/\"\n"), "7:8", "letters, digits");
  check_first(mistakes_in("name = \"a\"\n"), "6:1", "this notifier has no kind");
  check_first(mistakes_in("name = \"a\"\nkind = \"web-hook\"\n"), "8:8", "did you mean \"webhook\"?");
  check_first(mistakes_in("name = \"a\"\nkind = 7\n"), "8:8", "a whole number");
  const std::string ping = "name = \"a\"\nkind = \"ping\"\nurl = \"https://a/\"\n";
  check_first(mistakes_in(ping + "[[notify]]\n" + ping), "11:8", "there is a notifier \"a\" already, at i:7:8");
}

TEST_CASE("a key of another kind is unknown, and the one that was meant is named") {
  check_first(in_webhook("url = \"https://a/\"\nurll = 1\n"), "10:1", "did you mean \"url\"?");
  check_first(in_webhook("url = \"https://a/\"\nto = [\"a@b\"]\n"), "10:1", "unknown key \"to\"");
  check_first(mistakes_in("name = \"a\"\nkind = \"ping\"\nurl = \"https://a/\"\nwhen = [\"always\"]\n"), "10:1",
              "unknown key \"when\"");
}

TEST_CASE("a URL has to be whole, in the scheme of its kind, and without secrets") {
  check_first(in_webhook(""), "6:1", "this notifier has no url");
  check_first(in_webhook("url = \"ftp://a/\"\n"), "9:7", "https:// or http://");
  check_first(in_webhook("url = \"https://\"\n"), "9:7", "no host");
  check_first(in_webhook("url = \"https://a b/\"\n"), "9:7", "neither a name nor an address");
  check_first(in_webhook("url = \"https://a/ b\"\n"), "9:7", "%XX");
  check_first(in_webhook("url = \"https://a:0/\"\n"), "9:7", "65535");
  check_first(in_webhook("url = \"https://a/#b\"\n"), "9:7", "fragment");
  check_first(in_webhook("url = \"https://[fe80/\"\n"), "9:7", "]");
  check_first(in_webhook("url = 7\n"), "9:7", "text in quotes");
  const Lines secret = in_webhook("url = \"https://user:swordfish@a/\"\n");
  check_first(secret, "9:7", "name a credential");
  CHECK_THAT(secret.front(), !Catch::Contains("swordfish"));
  const Lines path = in_webhook("url = \"https://a:0/swordfish\"\n");
  CHECK_THAT(path.front(), !Catch::Contains("swordfish"));
}

TEST_CASE("clear text has to be allowed in words") {
  check_first(in_webhook("url = \"http://a/\"\n"), "9:7", "cleartext = true");
  check_first(in_webhook("url = \"http://a/\"\ncleartext = false\n"), "9:7", "cleartext = true");
  check_first(in_mail("server = \"smtp://a\"\ntls = \"none\"\ncredential = \"hook\"\n"), "13:14", "in clear text");
}

TEST_CASE("a notifier's credential has to be there and to be for notifiers") {
  check_first(in_webhook("url = \"https://a/\"\ncredential = \"hok\"\n"), "10:14", "did you mean \"hook\"?");
  check_first(in_webhook("url = \"https://a/\"\ncredential = \"snmp\"\n"), "10:14", "write notify = true there");
}

TEST_CASE("a condition has to be one that there is") {
  const std::string url = "url = \"https://a/\"\n";
  check_first(in_webhook(url + "when = []\n"), "10:8", "would never say anything");
  check_first(in_webhook(url + "when = [\"chnaged\"]\n"), "10:9", "did you mean \"changed\"?");
  check_first(in_webhook(url + "when = [\"new_failures\"]\n"), "10:9", "new_failures >= high");
  check_first(in_webhook(url + "when = [\"new_failures > high\"]\n"), "10:9", "new_failures >= high");
  check_first(in_webhook(url + "when = [\"new_failures >= hihg\"]\n"), "10:9", "did you mean \"high\"?");
  check_first(in_webhook(url + "when = [\"new_failures >= high\", \"new_failures >= low\"]\n"), "10:33", "twice");
  check_first(in_webhook(url + "when = \"always\"\n"), "10:8", "has to be a list");
}

TEST_CASE("mail needs a server, a sender and recipients, and no address may hold more than one") {
  check_first(in_mail(""), "6:1", "this notifier has no server");
  check_first(in_mail("server = \"https://a\"\n"), "11:10", "smtp://");
  check_first(in_mail("server = \"smtp://a\"\ntls = \"startls\"\n"), "12:7", "did you mean \"starttls\"?");
  const auto with = [](const std::string& from, const std::string& to) {
    return mistakes_in("name = \"ops\"\nkind = \"mail\"\nserver = \"smtp://a\"\nfrom = " + from + "\nto = " + to +
                       "\n");
  };
  check_first(with("\"audit\"", "[\"a@b\"]"), "10:8", "is no mail address");
  check_first(with("\"a@b>,<c@d\"", "[\"a@b\"]"), "10:8", "is no mail address");
  check_first(with("\"a@b\"", "[\"A <a@b>\"]"), "11:7", "without a display name");
  check_first(with("\"a@b\"", "[]"), "11:6", "1 to 50");
  CHECK_FALSE(with("\"a@b\\r\\nBcc: c@d\"", "[\"a@b\"]").empty());
}

TEST_CASE("syslog, commands and patience have their own mistakes") {
  check_first(mistakes_in("name = \"a\"\nkind = \"syslog\"\n"), "6:1", "has no server");
  check_first(mistakes_in("name = \"a\"\nkind = \"syslog\"\nserver = \"unix://dev\"\n"), "9:10", "unix:///dev/log");
  check_first(mistakes_in("name = \"a\"\nkind = \"syslog\"\nserver = \"udp://a\"\nfacility = \"locl0\"\n"), "10:12",
              "did you mean \"local0\"?");
  check_first(mistakes_in("name = \"a\"\nkind = \"command\"\n"), "6:1", "has no command");
  check_first(mistakes_in("name = \"a\"\nkind = \"command\"\ncommand = \"page\"\n"), "9:11", "no shell");
  check_first(mistakes_in("name = \"a\"\nkind = \"command\"\ncommand = []\n"), "9:11", "names no program");
  check_first(in_webhook("url = \"https://a/\"\ntimeout = \"2m\"\n"), "10:11", "100ms to 1m");
  check_first(in_webhook("url = \"https://a/\"\nattempts = 0\n"), "10:12", "1 to 10");
  check_first(in_webhook("url = \"https://a/\"\ngive_up_after = \"1h\"\n"), "10:17", "1s to 10m");
  check_first(mistakes_of(with_target("[notify]\nname = \"a\"\n")), "1:2", "[[notify]]");
}
