#include <sys/stat.h>

#include <algorithm>

#include "folder.hpp"
#include "loading.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

struct Case {
  Folder folder;

  Loaded load(std::string_view text, SourceAccess access = SourceAccess::files) const {
    folder.write("inv.toml", text);
    return load_file(folder.file("inv.toml"), {.access = access});
  }
  Inventory good(std::string_view text, SourceAccess access = SourceAccess::files) const {
    Loaded result = load(text, access);
    for (const Mistake& mistake : result.mistakes) UNSCOPED_INFO(mistake.text());
    REQUIRE(result.inventory);
    return *std::move(result.inventory);
  }
  /// Paths are told from the folder on.
  Lines mistakes(std::string_view text, SourceAccess access = SourceAccess::files) const {
    return mistakes_in(folder, load(text, access));
  }
};

}  // namespace

TEST_CASE("a source's targets are the inventory's, and the source is recorded with time and hash") {
  const Case at;
  at.folder.write("hosts.txt", "10.0.0.1\nweb.example.net\n");
  const Inventory inventory =
      at.good("[[sources]]\nformat = \"text\"\nfile = \"hosts.txt\"\n[[targets]]\naddress = \"10.0.0.9\"\n");
  CHECK(texts_of(inventory) == Lines{"10.0.0.9", "10.0.0.1", "web.example.net"});
  REQUIRE(inventory.sources.size() == 1);
  const SourceRecord& source = inventory.sources[0];
  CHECK(source.kind == "text");
  CHECK(source.path == at.folder.file("hosts.txt"));
  CHECK(source.targets == 2);
  CHECK(source.sha256 == "6c02e81fbddab96eee5a7a1404530805f8eeb17fefae40f4d9c7989f0c737297");
  CHECK(source.time > WallTime{});
  CHECK(inventory.entries[1].place.file == at.folder.file("hosts.txt"));
  CHECK(inventory.entries[2].place.line == 2);
}

TEST_CASE("what a target of a source says wins over what the source says of all, and tags and groups are united") {
  const Case at;
  at.folder.write("hosts.csv", "address,owner,tags,groups,criticality\n10.0.0.1,mine,own,a,low\n10.0.0.2,,,,\n");
  const Inventory inventory = at.good(
      "[groups.a]\n[groups.b]\n[[sources]]\nformat = \"csv\"\nfile = \"hosts.csv\"\nowner = \"all\"\ntags = "
      "[\"every\"]\n"
      "groups = [\"b\"]\ncriticality = \"high\"\nports = [8080]\n");
  const Settings& first = *inventory.entries.at(0).settings;
  const Settings& second = *inventory.entries.at(1).settings;
  CHECK((first.owner == "mine" && second.owner == "all"));
  CHECK((first.criticality == "low" && second.criticality == "high"));
  CHECK(first.tags == Lines{"every", "own"});
  CHECK(first.groups == Lines{"a", "b"});
  CHECK(second.groups == Lines{"b"});
  CHECK(second.ports.format() == "8080");
}

TEST_CASE("a source's value wins over that of a group it names") {
  const Case at;
  at.folder.write("hosts.txt", "10.0.0.1\n");
  const Inventory inventory = at.good(
      "[groups.a]\nowner = \"group\"\n[[sources]]\nformat = \"text\"\nfile = \"hosts.txt\"\ngroups = [\"a\"]\nowner = "
      "\"source\"\n");
  CHECK(inventory.entries.at(0).settings->owner == "source");
}

TEST_CASE("mistakes within a source name its file, line and column") {
  const Case at;
  at.folder.write("hosts.csv", "address,groups,criticality\n10.0.0.300,,\n10.0.0.2,wbe,\n10.0.0.3,,urgent\n");
  CHECK(
      at.mistakes("[groups.web]\n[[sources]]\nformat = \"csv\"\nfile = \"hosts.csv\"\n") ==
      Lines{"hosts.csv:2:1: 10.0.0.300 is not an IPv4 address: 300 is above 255",
            "hosts.csv:3:1: there is no group \"wbe\"; did you mean \"web\"?",
            "hosts.csv:4:1: criticality has to be \"critical\", \"high\", \"medium\" or \"low\"; this is \"urgent\""});
}

TEST_CASE("a target that the inventory and a source name is read as one, with a notice, and must not contradict") {
  const Case at;
  at.folder.write("hosts.csv", "address,owner\n10.0.0.1,theirs\n");
  const std::string source =
      "[[sources]]\nformat = \"csv\"\nfile = \"hosts.csv\"\n[[targets]]\naddress = \"10.0.0.1\"\n";
  CHECK(at.good(source).entries.size() == 1);
  REQUIRE(at.good(source).notices.size() == 1);
  CHECK(at.mistakes(source + "owner = \"ours\"\n") ==
        Lines{"hosts.csv:2:1: 10.0.0.1 is listed twice and owner set differently: \"ours\" at inv.toml:6:1, \"theirs\" "
              "here; keep one of them"});
}

TEST_CASE("groups that only Ansible knows are plain groups, and those of the inventory give their settings") {
  const Case at;
  at.folder.write("a.json", R"({"web":{"hosts":["10.0.0.1"]},"site":{"children":["web"]}})");
  const Inventory inventory =
      at.good("[groups.web]\nowner = \"shop\"\n[[sources]]\nformat = \"ansible\"\nfile = \"a.json\"\n");
  CHECK(inventory.entries.at(0).settings->groups == Lines{"site", "web"});
  CHECK(inventory.entries.at(0).settings->owner == "shop");
  REQUIRE(inventory.notices.size() == 1);
  CHECK(inventory.notices[0] ==
        at.folder.file("a.json") + ": 1 group is not of this inventory and has no settings: site");
}

TEST_CASE("a source says what it is and where it comes from") {
  const Case at;
  at.folder.write("empty.txt", "# nobody\n");
  CHECK(at.mistakes("[[sources]]\nfile = \"empty.txt\"\n") ==
        Lines{"inv.toml:1:1: a source needs format = \"text\", \"csv\", \"ansible\" or \"netbox\""});
  CHECK(
      at.mistakes("[[sources]]\nformat = \"cvs\"\nfile = \"empty.txt\"\n") ==
      Lines{"inv.toml:2:10: a source needs format = \"text\", \"csv\", \"ansible\" or \"netbox\"; this is \"cvs\"; did "
            "you mean \"csv\"?"});
  CHECK(at.mistakes("[[sources]]\nformat = \"csv\"\n") ==
        Lines{"inv.toml:1:1: a source has either file = \"hosts.csv\" or command = [\"program\", \"argument\"]"});
  CHECK(at.mistakes("[[sources]]\nformat = \"text\"\nfile = \"none.txt\"\n") ==
        Lines{"inv.toml:3:8: none.txt cannot be read: No such file or directory"});
  CHECK(at.mistakes("[[sources]]\nformat = \"text\"\nfile = \"empty.txt\"\n") ==
        Lines{"inv.toml:1:1: empty.txt names no target; an export that has become empty would pass for a network "
              "without faults, so take the source out if that is meant"});
  CHECK(mistakes_of("[[sources]]\nformat = \"text\"\nfile = \"empty.txt\"\n") ==
        Lines{"3:8: sources are only read for an inventory that is a file"});
}

TEST_CASE("a command is only run where commands are allowed, and never by a shell") {
  const Case at;
  const std::string mark = at.folder.file("mark");
  const std::string text = "[[sources]]\nformat = \"text\"\ncommand = [\"printf\", \"$(touch " + mark + ")\"]\n";
  CHECK(at.mistakes(text) ==
        Lines{"inv.toml:3:1: this inventory wants to run \"printf\"; commands run only with "
              "--allow-commands, since whoever changes an inventory would otherwise run code here"});
  CHECK_FALSE(at.mistakes(text, SourceAccess::commands).empty());  // $(…) is no address
  CHECK_FALSE(std::filesystem::exists(mark));
  const Inventory inventory =
      at.good("[[sources]]\nformat = \"text\"\ncommand = [\"printf\", \"10.0.0.1\"]\n", SourceAccess::commands);
  CHECK(texts_of(inventory) == Lines{"10.0.0.1"});
  CHECK(inventory.sources.at(0).command == Lines{"printf", "10.0.0.1"});
  CHECK(inventory.sources.at(0).path.empty());
}

TEST_CASE("a command that fails, hangs or is not there is a mistake that says so") {
  const Case at;
  const auto told = [&](const std::string& command) {
    return at.mistakes("[[sources]]\nformat = \"text\"\ncommand = " + command + "\ntimeout = \"200ms\"\n",
                       SourceAccess::commands);
  };
  CHECK(told("[\"/no/such-program\"]") ==
        Lines{"inv.toml:3:11: \"/no/such-program\" cannot be run: No such file or directory"});
  CHECK(told("[\"ls\", \"/no/such\"]").at(0).find("\"ls\" ended with 2; it said: ") != std::string::npos);
  CHECK(told("[\"sleep\", \"60\"]") == Lines{"inv.toml:3:11: \"sleep\" did not end within 200ms"});
  CHECK(told("\"ls\"") == Lines{"inv.toml:3:11: command has to be a list, program and arguments apart: command = "
                                "[\"ansible-inventory\", \"--list\"]; no shell reads it"});
}

TEST_CASE("a text source that is a secret's file is refused without a word of it") {
  const Case at;
  for (const char* text : {"p@ss hunter2!\n", "Hunter2&\n", "bob:hunter2@db.lan\n", "10.0.0.1\nhunter2:1:2\n",
                           "1234.5\n", "10.0.0.1\n10.0.0.2\n10.0.0.3\nbob:hunter2@db.lan\n"}) {
    at.folder.write("list", text);
    const Lines lines = at.mistakes("[[sources]]\nformat = \"text\"\nfile = \"list\"\n");
    REQUIRE(lines.size() == 1);
    INFO(lines[0]);
    CHECK(lines[0].starts_with("list:"));
    CHECK(lines[0].find("unter2") == std::string::npos);
    CHECK(lines[0].find("1234") == std::string::npos);
    CHECK(lines[0].find("this is no address, CIDR, range or name") != std::string::npos);
  }
}

TEST_CASE("among targets a mistyped one is shown") {
  const Case at;
  at.folder.write("list", "10.0.0.1\n10.0.0.2\n10.0.0.3\n10.0.0.300\n");
  CHECK(at.mistakes("[[sources]]\nformat = \"text\"\nfile = \"list\"\n") ==
        Lines{"list:4:1: 10.0.0.300 is not an IPv4 address: 300 is above 255"});
}

TEST_CASE("the file of a credential is no source") {
  const Case at;
  at.folder.write("secret", "hunter2\n");
  CHECK(
      at.mistakes("[credentials.web]\nfile = \"secret\"\n[[sources]]\nformat = \"text\"\nfile = \"./secret\"\n") ==
      Lines{
          "inv.toml:5:8: ./secret is the secret of [credentials.web] (inv.toml:1:14), and no list of targets; name the "
          "file that lists them"});
}

TEST_CASE("what a source's command complains of is scrubbed of secrets, and what it was given stands in no report") {
  const Case at;
  at.folder.write("secret", "swordfish\n");
  const std::string source =
      "[credentials.web]\nfile = \"secret\"\n[[sources]]\nformat = \"text\"\ncommand = [\"sh\", \"-c\", ";
  const auto said = [&](const std::string& script) {
    return at.mistakes(source + "\"" + script + "\"]\n", SourceAccess::commands).at(0);
  };
  CHECK(said("echo no route to swordfish >&2; exit 3").find("; it said: no route to *********") != std::string::npos);
  CHECK(said("echo https://bob:pw@host/x is down >&2; exit 3").find("; it said: https://***@host/x is down") !=
        std::string::npos);
  const Inventory inventory =
      at.good(source + "\"echo 10.0.0.1 # $0\", \"https://bob:pw@netbox/\"]\n", SourceAccess::commands);
  CHECK(inventory.sources.at(0).command.back() == "https://***@netbox/");
}

TEST_CASE("a target that holds an @ is refused, and nothing of it is shown") {
  for (const std::string& line : mistakes_of("[scope]\nexclude = [\"bob:hunter2@a\"]\n[[targets]]\naddress = "
                                             "\"bob:hunter2@db.lan\"\n")) {
    CHECK(line.find("this holds an @") != std::string::npos);
    CHECK(line.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what a source says of the zone holds for its targets, and addresses have to be there") {
  const Case at;
  at.folder.write("list", "web.lan\n");
  const std::string head =
      "[zones.hall]\nnetworks = [\"10.0.0.0/24\"]\n[[sources]]\nformat = \"text\"\nfile = \"list\"\nzone = ";
  CHECK(at.good(head + "\"hall\"\n").entries.at(0).settings->zone == "hall");
  CHECK(at.mistakes(head + "\"hal\"\n").at(0).find("there is no zone \"hal\"; did you mean \"hall\"?") !=
        std::string::npos);
  at.folder.write("list", "10.9.0.1\n");
  CHECK(at.mistakes(head + "\"hall\"\n").at(0).find("10.9.0.1 says zone = \"hall\"") != std::string::npos);
}

TEST_CASE("a credential may be for a group that only Ansible knows") {
  const Case at;
  at.folder.write("a.json", R"({"web":{"hosts":["10.0.0.1"]}})");
  const Inventory inventory = at.good(
      "[credentials.x]\nenv = \"X\"\ngroups = [\"web\"]\n[[sources]]\nformat = \"ansible\"\nfile = \"a.json\"\n");
  CHECK(inventory.credentials.at(0).grant.groups == Lines{"web"});
}
