#include "inventory/target_source.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

using namespace audit;
using namespace audit::inventory;

namespace {

using Texts = std::vector<std::string>;

/// "line:column address groups tags owner criticality", or "line:column ! complaint".
Texts told(const ReadSource& source) {
  Texts texts;
  for (const SourcedTarget& target : source.targets)
    texts.push_back(fmt::format("{}:{} {} [{}] [{}] {} {}", target.at.line, target.at.column, target.address,
                                fmt::join(target.groups, " "), fmt::join(target.tags, " "), target.owner,
                                target.criticality));
  for (const auto& [at, text] : source.mistakes) texts.push_back(fmt::format("{}:{} ! {}", at.line, at.column, text));
  return texts;
}

}  // namespace

TEST_CASE("a text names a target a line, and a # begins a comment") {
  CHECK(told(read_text_source("# hosts\n10.0.0.1\n\n  web.example.net  # the shop\r\n10.0.0.0/24")) ==
        Texts{"2:1 10.0.0.1 [] []  ", "4:3 web.example.net [] []  ", "5:1 10.0.0.0/24 [] []  "});
  CHECK(told(read_text_source("\xef\xbb\xbf"
                              "10.0.0.1")) == Texts{"1:1 10.0.0.1 [] []  "});
  CHECK(told(read_text_source("")).empty());
  CHECK(told(read_text_source("a\n\xff\n")) == Texts{"2:1 ! the byte 0xff is not UTF-8; save it as UTF-8"});
  CHECK(told(read_text_source(std::string(5'000, 'x'))) == Texts{"1:1 ! this line is longer than 4096 bytes"});
}

TEST_CASE("CSV is read by the names of its columns, quotes and line breaks within quotes and all") {
  const ReadSource source = read_csv_source(
      "owner,address,rack,groups,criticality,tags\r\n"
      "netops,10.0.0.1,R1,\"web; db\",high,\"a,b\"\r\n"
      "\"two\nlines \"\"quoted\"\"\",10.0.0.2,R2,,,\r\n"
      "\r\n"
      ",10.0.0.3,,,,\n");
  CHECK(told(source) == Texts{"2:8 10.0.0.1 [web db] [a b] netops high", "4:19 10.0.0.2 [] [] two\nlines \"quoted\" ",
                              "6:2 10.0.0.3 [] []  "});
  CHECK(source.notices == Texts{"columns that are not read: \"rack\" (read are address, groups, tags, owner, "
                                "criticality)"});
}

TEST_CASE("CSV that is not well formed is refused where it goes wrong") {
  CHECK(told(read_csv_source("")) == Texts{"1:1 ! is empty; the first row names the columns"});
  const std::string columns =
      "1:1 ! the first row has to name the columns, address among them: address,groups,tags,owner,criticality; ";
  CHECK(told(read_csv_source("host,owner\na,b\n")) == Texts{columns + "write address in place of \"host\""});
  CHECK(told(read_csv_source("Address,tags\na,b\n")) == Texts{columns + "write address in place of \"Address\""});
  CHECK(told(read_csv_source("address;tags\na;b\n")) == Texts{columns + "its fields are to be separated by commas"});
  CHECK(told(read_csv_source("10.0.0.1,web\n")) == Texts{columns + "here it is \"10.0.0.1,web\""});
  CHECK(read_csv_source("address,group\n10.0.0.1,web\n").notices ==
        Texts{"columns that are not read: \"group\" (did you mean \"groups\"?) (read are address, groups, tags, owner, "
              "criticality)"});
  CHECK(told(read_csv_source("address,owner,owner\n")) == Texts{"1:15 ! there are two columns \"owner\""});
  CHECK(told(read_csv_source("address,owner\na\nb,c,d\ne,f\n")) ==
        Texts{"4:1 e [] [] f ", "2:1 ! this row has 1 field, and the first has 2",
              "3:1 ! this row has 3 fields, and the first has 2"});
  CHECK(told(read_csv_source("address\n\"a")) == Texts{"2:1 ! the quote that begins here is never closed"});
  CHECK(told(read_csv_source("address\na\"b\n")) ==
        Texts{"2:1 ! a quote within a field; put quotes around the whole of it, and write \"\" for one"});
  CHECK(told(read_csv_source("address\n\"a\"b\n")) ==
        Texts{"2:4 ! something follows the quote that ends this field; write \"\" for a quote within it"});
  CHECK(told(read_csv_source("address\n" + std::string(70'000, 'x'))) ==
        Texts{"2:1 ! this field is longer than 65536 bytes"});
}

TEST_CASE("hosts of Ansible are targets by ansible_host, in their groups and those these are children of") {
  const ReadSource source = read_ansible_source(R"({
  "_meta": {"hostvars": {
    "web1": {"ansible_host": "10.0.0.1", "ansible_port": 22, "deep": {"ansible_host": "10.9.9.9"}},
    "web2": {}
  }},
  "all": {"children": ["ungrouped", "site"]},
  "site": {"children": ["web"]},
  "web": {"hosts": ["web1", "web2.example.net"], "vars": {"x": null}},
  "ungrouped": {"hosts": ["10.0.0.9"]}
})");
  CHECK(told(source) == Texts{"3:30 10.0.0.1 [site web] [host:web1]  ", "8:29 web2.example.net [site web] []  ",
                              "9:27 10.0.0.9 [] []  "});
  CHECK(source.plain_groups == std::set<std::string>{"site", "web"});
}

TEST_CASE("groups of Ansible of another shape are refused, since their hosts would be missing") {
  const auto complaint = [](std::string_view groups) {
    const Texts texts = told(read_ansible_source(groups));
    return texts.empty() ? std::string("nothing") : texts.back();
  };
  const std::string meant = "; give what `ansible-inventory --list` prints";
  CHECK(complaint(R"({"web": ["10.0.0.1"]})") ==
        "1:10 ! the group \"web\" is a list and no table, and its hosts would be missing" + meant);
  CHECK(complaint(R"({"web": "10.0.0.1"})") ==
        "1:9 ! the group \"web\" is no table, and its hosts would be missing" + meant);
  CHECK(complaint(R"({"web": {"hosts": {"a": {}, "b": {}}}})") ==
        "1:25 ! `hosts` of the group \"web\" is no list of names, and some would be missing" + meant);
  CHECK(complaint(R"({"web": {"hosts": "a"}})").find("`hosts` of the group \"web\" is no list") != std::string::npos);
  CHECK(complaint(R"({"web": {"hosts": ["x", ["a"]]}})").find("`hosts` of the group \"web\"") != std::string::npos);
  CHECK(
      complaint(R"({"all": {"children": {"web": {"hosts": {"a": null}}}}})").find("`children` of the group \"all\"") !=
      std::string::npos);
  CHECK(complaint(R"(["web"])") == "1:2 ! is a list and no table of groups" + meant);
  CHECK(complaint(R"({"_meta": {"hostvars": ["a"]}})") == "1:25 ! `hostvars` is no table of hosts" + meant);
  CHECK(complaint(R"({"_meta": {"hostvars": {"a": {"ansible_host": ["10.0.0.1"]}}}})") ==
        "1:47 ! `ansible_host` of a host is no text" + meant);
  CHECK(complaint(R"({"web": {"hosts": [], "children": null}, "_meta": {"x": {"hosts": {"y": 1}}}, "a b@": "x"})") ==
        "1:87 ! a group is no table, and its hosts would be missing" + meant);
  CHECK(complaint(R"({"web": {"hosts": ["10.0.0.1"], "vars": {"hosts": {"a": 1}, "b": ["c"]}}})") ==
        "1:20 10.0.0.1 [web] []  ");
}

TEST_CASE("20,000 groups of Ansible, each in the next, are refused where a host has too many, and soon") {
  const auto nested = [](int count) {
    std::string text = "{";
    for (int i = 0; i < count; ++i)
      text += (i == 0 ? "" : ",") + std::string("\"g") + std::to_string(i) + "\":{\"children\":[\"g" +
              std::to_string(i + 1) + "\"],\"hosts\":[\"h" + std::to_string(i) + "\"]}";
    return text + "}";
  };
  CHECK(read_ansible_source(nested(100)).mistakes.empty());
  const ReadSource source = read_ansible_source(nested(20'000));
  REQUIRE(source.mistakes.size() == 1);
  CHECK(source.mistakes[0].text ==
        "the host h100 is in more than 100 groups, counting those that its groups are children of; a host may be in at "
        "most 100");
  CHECK(source.targets.empty());
}

TEST_CASE("groups of Ansible that are children of each other end the search") {
  CHECK(told(read_ansible_source(R"({"a":{"children":["b"],"hosts":["h"]},"b":{"children":["a"]}})")) ==
        Texts{"1:33 h [a b] []  "});
}

TEST_CASE("an object of NetBox is a target by its primary address, with role, site and tenant") {
  const ReadSource source = read_netbox_source(R"({"count": 3, "next": null, "previous": null, "results": [
  {"id": 1, "name": "sw1", "device_role": {"slug": "switch", "name": "Switch"}, "site": {"slug": "berlin"},
   "tenant": {"name": "Campus"}, "status": {"value": "active", "label": "Active"},
   "primary_ip": {"id": 9, "address": "10.0.0.1/24"}, "primary_ip4": {"address": "10.0.0.2/24"},
   "tags": [{"name": "Edge", "slug": "edge"}]},
  {"id": 2, "name": "spare", "primary_ip": null},
  {"id": 3, "address": "2001:db8::1/64", "dns_name": "r.example.net", "assigned_object": {"name": "eth0"}}
]})");
  CHECK(told(source) == Texts{"2:3 10.0.0.1 [] [edge host:sw1 role:switch site:berlin status:active] Campus ",
                              "7:3 2001:db8::1 [] [host:r.example.net]  "});
  CHECK(source.notices == Texts{"1 object has no address in NetBox and is no target: spare"});
  CHECK(told(read_netbox_source(R"([{"address": "10.0.0.1/32"}])")) == Texts{"1:2 10.0.0.1 [] []  "});
}

TEST_CASE("one page of NetBox is not taken for the whole") {
  CHECK(told(read_netbox_source(R"({"next": "https://netbox/api/?offset=50", "results": [{"address": "10.0.0.1/8"}]})"))
            .back() ==
        "0:0 ! is one page of several (`next` is set), and what is on the others would be missing; export it all, with "
        "?limit=0");
  CHECK(told(read_netbox_source(
                 R"({"next": null, "previous": "https://netbox/api/", "results": [{"address": "10.0.0.1/8"}]})"))
            .back() ==
        "0:0 ! is one page of several (`previous` is set), and what is on the others would be missing; "
        "export it all, with ?limit=0");
  CHECK(told(read_netbox_source(R"({"count": 120, "next": null, "results": [{"address": "10.0.0.1/8"}]})")).back() ==
        "0:0 ! says `count` = 120 and lists 1 object: the others would be missing; export it all, with ?limit=0");
  CHECK(
      told(read_netbox_source(R"({"results": [{"address": "10.0.0.1/8"}], "count": 0})")).back().find("`count` = 0") !=
      std::string::npos);
  CHECK(told(read_netbox_source(R"({"results": [{"address": "10.0.0.1/8"}, 17, "10.0.0.2"]})")).back() ==
        "0:0 ! lists 2 items that are no object, of which nothing can be told; NetBox's API gives {\"results\": [{…}, "
        "…]}");
  CHECK(told(read_netbox_source("{}")) ==
        Texts{"0:0 ! holds no list of objects; NetBox's API gives {\"results\": […]}"});
}

TEST_CASE("JSON that is broken, or nests without end, is refused where it goes wrong") {
  for (auto* const read : {read_ansible_source, read_netbox_source}) {
    CHECK(told(read("{\"a\":\n tru}")) == Texts{"2:5 ! is not JSON: Invalid value."});
    CHECK(told(read("")) == Texts{"1:1 ! is not JSON: The document is empty."});
    const Texts deep = told(read(std::string(1'000'000, '[')));
    REQUIRE(deep.size() == 1);
    CHECK(deep[0].find("is nested more than 32 deep here") != std::string::npos);
    CHECK(told(read("[\"\xff\"]")).size() == 1);
  }
}
