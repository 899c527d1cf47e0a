#include "inventory/notation.hpp"

#include <catch2/catch.hpp>

#include "inventory/addresses.hpp"

using namespace audit;
using namespace audit::inventory;

namespace {

/// "address 10.0.0.1", "block …", "name …", or the complaint.
std::string target(std::string_view text) {
  const auto parsed = parse_target(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) return complaint->text;
  const Entry& entry = std::get<Entry>(parsed);
  CHECK(entry.text == text);
  if (entry.kind == Entry::Kind::name) return "name " + entry.name;
  return (entry.kind == Entry::Kind::address ? "address " : "block ") + format_block(entry.block);
}

std::string exclude(std::string_view text) {
  const auto parsed = parse_exclude(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) return complaint->text;
  const Exclude& item = std::get<Exclude>(parsed);
  return item.name_glob.empty() ? format_block(item.blocks.at(0)) : "names " + item.name_glob;
}

}  // namespace

TEST_CASE("addresses are listed, networks and ranges are blocks of candidates") {
  CHECK(target("10.0.0.1") == "address 10.0.0.1");
  CHECK(target("2001:DB8::1") == "address 2001:db8::1");
  CHECK(target("127.0.0.1") == "address 127.0.0.1");
  CHECK(target("10.0.0.1-10.0.3.255") == "block 10.0.0.1-10.0.3.255");
  CHECK(target("10.0.0.1-20") == "block 10.0.0.1-10.0.0.20");
  CHECK(target("2001:db8::1-2001:db8::ff") == "block 2001:db8::1-2001:db8::ff");
}

TEST_CASE("network and broadcast address of an IPv4 CIDR are left out, those of a range are not") {
  CHECK(target("10.0.0.0/24") == "block 10.0.0.1-10.0.0.254");
  CHECK(target("10.0.0.0/30") == "block 10.0.0.1-10.0.0.2");
  CHECK(target("10.0.0.0/31") == "block 10.0.0.0/31");
  CHECK(target("10.0.0.0/32") == "block 10.0.0.0");
  CHECK(target("10.0.0.0-10.0.0.255") == "block 10.0.0.0/24");
  CHECK(target("10.0.0.7-10.0.0.7") == "block 10.0.0.7");
  CHECK(target("2001:db8::/120") == "block 2001:db8::/120");
  CHECK(target("2001:db8::1/128") == "block 2001:db8::1");
  CHECK(target("255.255.255.0/24") == "block 255.255.255.1-255.255.255.254");
}

TEST_CASE("an address that is mapped or NAT64 is the IPv4 address it reaches") {
  CHECK(target("::ffff:10.0.0.1") == "address 10.0.0.1");
  CHECK(target("64:ff9b::a00:1") == "address 10.0.0.1");
  CHECK(target("::ffff:10.0.0.0/120") == "block 10.0.0.1-10.0.0.254");
  CHECK(target("::ffff:10.0.0.1-10.0.0.9") == "block 10.0.0.1-10.0.0.9");
  CHECK(target("::ffff:255.255.255.0-::1:0:0:9") ==
        "::ffff:255.255.255.0-::1:0:0:9 has ends of two kinds; write a range of IPv4 or of IPv6 addresses, both of one "
        "interface where they have any");
}

TEST_CASE("a link-local IPv6 address names its interface") {
  CHECK(target("fe80::1%lo").starts_with("address fe80::1%"));
  CHECK(target("fe80::%lo/120").starts_with("block fe80::%"));
  CHECK(target("fe80::1") ==
        "fe80::1 is link-local and means nothing without its interface; write fe80::1%eth0, with the "
        "interface's name");
  CHECK(target("fe80::/120").find("write fe80::%eth0/120,") != std::string::npos);
  CHECK(target("fe80::1%nope0") == "fe80::1%nope0: this machine has no interface nope0; `ip link` lists those it has");
  CHECK(target("169.254.0.1") == "address 169.254.0.1");
  CHECK(target("2001:db8::1%lo") == "address 2001:db8::1");
}

TEST_CASE("host bits that are set are told with both things one may have meant") {
  CHECK(target("10.0.0.1/24") ==
        "10.0.0.1/24 has host bits set; write 10.0.0.0/24 for the network or 10.0.0.1 for the host");
  CHECK(target("2001:db8::1/120") ==
        "2001:db8::1/120 has host bits set; write 2001:db8::/120 for the network or 2001:db8::1 for the host");
}

TEST_CASE("a block of more than 2^24 addresses is refused, a /8 is not") {
  CHECK(target("10.0.0.0/8") == "block 10.0.0.1-10.255.255.254");
  CHECK(target("2001:db8::/104") == "block 2001:db8::/104");
  CHECK(target("10.0.0.0/7") ==
        "10.0.0.0/7 covers 33,554,432 addresses, and a target at most 16,777,216 (an IPv4 /8, an "
        "IPv6 /104); write the hosts one by one, or smaller CIDRs such as 10.0.0.0/8");
  CHECK(target("2001:db8::/64") ==
        "2001:db8::/64 covers 2^64 or more addresses, and a target at most 16,777,216 (an IPv4 "
        "/8, an IPv6 /104); write the hosts one by one, or smaller CIDRs such as 2001:db8::/120");
  CHECK(target("0.0.0.0/0").find("covers 4,294,967,296 addresses") != std::string::npos);
  CHECK(target("::/0").find("covers 2^64 or more addresses") != std::string::npos);
  CHECK(target("10.0.0.0-11.0.0.0").find("covers 16,777,217 addresses") != std::string::npos);
}

TEST_CASE("addresses that nobody can ask over TCP are refused with the reason") {
  CHECK(target("0.0.0.0") ==
        "0.0.0.0 is an unspecified address, which cannot be asked over TCP; write the address of a host");
  CHECK(target("224.0.0.1") ==
        "224.0.0.1 is a multicast address, which cannot be asked over TCP; write the address of a host");
  CHECK(target("255.255.255.255").find("is a broadcast address") != std::string::npos);
  CHECK(target("ff02::1").find("is a multicast address") != std::string::npos);
  CHECK(target("::").find("is an unspecified address") != std::string::npos);
  CHECK(target("223.255.255.0-224.0.0.5") ==
        "223.255.255.0-224.0.0.5 holds multicast addresses, which cannot be asked over TCP; write only addresses of "
        "hosts");
}

TEST_CASE("what is nearly an address is told why it is none") {
  CHECK(target("10.0.0.300") == "10.0.0.300 is not an IPv4 address: 300 is above 255");
  CHECK(target("10.0.0") == "10.0.0 has 3 numbers, an IPv4 address has 4; a network is written as 10.0.0.0/24");
  CHECK(target("10.0..1") == "10.0..1 lacks a number between two dots");
  CHECK(target("010.0.0.1") == "010.0.0.1 has leading zeros, which some systems read as octal; write 10.0.0.1");
  CHECK(target("10.0.0.1:22") ==
        "10.0.0.1:22 has a port, and rules say themselves which ports they ask; write 10.0.0.1");
  CHECK(target("www.example.net:443") ==
        "www.example.net:443 has a port, and rules say themselves which ports they ask; write www.example.net");
  CHECK(target("[2001:db8::1]:443") == "[2001:db8::1]:443: write the address without brackets or port: 2001:db8::1");
  CHECK(target("10.0.0.0/255.255.255.0") ==
        "10.0.0.0/255.255.255.0 has a netmask; write the prefix length: 10.0.0.0/24");
  CHECK(target("10.0.0.0/33") == "10.0.0.0/33 has a prefix length of 33; IPv4 goes up to 32");
  CHECK(target("2001:db8::/129") == "2001:db8::/129 has a prefix length of 129; IPv6 goes up to 128");
  CHECK(target("10.0.0.0/") == "10.0.0.0/ has no prefix length after its slash; write a number from 0 to 32");
  CHECK(target("lab/24") ==
        "lab is not an address; one looks like 10.0.0.1 or 2001:db8::1, a network like 10.0.0.0/24");
  CHECK(target("2001:db8:::1") == "2001:db8:::1 is not an IPv6 address; one looks like 2001:db8::1");
  CHECK(target("10.0.0.9-10.0.0.2") == "10.0.0.9-10.0.0.2 runs backwards; write 10.0.0.2-10.0.0.9");
  CHECK(target("10.0.0.9-2") == "10.0.0.9-2 runs backwards; write 10.0.0.2-10.0.0.9");
  CHECK(target("10.0.0.1-2001:db8::1").find("has ends of two kinds") != std::string::npos);
  CHECK(target("10.0.0.1-300") == "10.0.0.1-300: a range ends with an address, such as 10.0.0.1-10.0.0.255");
  CHECK(target("10.0.0.300-10.0.1.4") == "10.0.0.300 is not an IPv4 address: 300 is above 255");
  CHECK(target("0x7f000001").find("is not an address") != std::string::npos);
  CHECK(target("host.0x1").find("is not an address") != std::string::npos);
  CHECK(target("12345").find("has 1 number,") != std::string::npos);
  CHECK(target("") == "there is no address here; write an address, CIDR, range or name");
  CHECK(target(" ") == "there is no address here; write an address, CIDR, range or name");
  CHECK(target(" 10.0.0.1") == "\" 10.0.0.1\" has blanks around it; write \"10.0.0.1\"");
}

TEST_CASE("names follow RFC 1123, underscores tolerated, in lower case and without the final dot") {
  CHECK(target("SW-1.Example.NET.") == "name sw-1.example.net");
  CHECK(target("localhost") == "name localhost");
  CHECK(target("3com.example") == "name 3com.example");
  CHECK(target("_sip.example.net") == "name _sip.example.net");
  CHECK(target("lab-10.0.0.x") == "name lab-10.0.0.x");
  CHECK(target("-a.example").find("no part of one begins or ends with -") != std::string::npos);
  CHECK(target("a-.example").find("no part of one begins or ends with -") != std::string::npos);
  CHECK(target("a..b").find("lacks a name between two dots") != std::string::npos);
  CHECK(target(".").find("lacks a name") != std::string::npos);
  CHECK(target("a b") == "a b is more than one word; write one target for each name or address");
  CHECK(target("a!b") == "a!b is not a host name: \"!\" is not part of one (letters, digits, - and . are)");
  CHECK(target("sw-*") == "sw-* is a pattern; a target is one name, address, CIDR or range");
  CHECK(target("m\xc3\xbcnchen.example") ==
        "münchen.example is not ASCII; write the name as the DNS holds it, with xn--");
  CHECK(target(std::string(64, 'a') + ".net").find("a part of 64 characters") != std::string::npos);
  std::string longest;
  for (int i = 0; i < 50; ++i) longest += "abcd.";
  CHECK(target(longest + "net") == "name " + longest + "net");
  CHECK(target(longest + "long").find("has 254 characters") != std::string::npos);
}

TEST_CASE("excludes are addresses of any number, or patterns of names") {
  CHECK(exclude("10.20.9.0/24") == "10.20.9.0/24");
  CHECK(exclude("2001:db8::/32") == "2001:db8::/32");
  CHECK(exclude("0.0.0.0/0") == "0.0.0.0/0");
  CHECK(exclude("10.0.0.1-9") == "10.0.0.1-10.0.0.9");
  CHECK(exclude("Lab-*.Example.net.") == "names lab-*.example.net");
  CHECK(exclude("old.example.net") == "names old.example.net");
  CHECK(exclude("*") == "* means every name and no address; write both, or what is meant");
  CHECK(exclude("sw-?") == "names sw-?");
}

TEST_CASE("an exclude that would exclude nobody is refused") {
  CHECK(exclude("10.20.*") == "10.20.* is a pattern of numbers, and names alone have patterns; write 10.20.0.0/16");
  CHECK(exclude("10.20.9.*").ends_with("write 10.20.9.0/24"));
  CHECK(exclude("10.0.0.1/24").find("has host bits set") != std::string::npos);
  CHECK(exclude("a$b*") ==
        "a$b* is not a pattern of names: \"$\" is not part of one; write * for any run of characters "
        "and ? for one");
  CHECK(exclude("fe80::/10").find("is link-local and means nothing without its interface") != std::string::npos);
}

TEST_CASE("an octet range is all that its parts combine to, in as few blocks as they fall into") {
  const auto blocks = [](std::string_view text) {
    const auto parsed = parse_target(text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) return complaint->text;
    const Entry& entry = std::get<Entry>(parsed);
    CHECK(entry.kind == Entry::Kind::block);
    std::string all = format_block(entry.block);
    for (const AddressBlock& more : entry.more) all += " " + format_block(more);
    return all;
  };
  CHECK(blocks("10.0.0-2.1-254") == "10.0.0.1-10.0.0.254 10.0.1.1-10.0.1.254 10.0.2.1-10.0.2.254");
  CHECK(blocks("10.0.0-3.0-255") == "10.0.0.0/22");
  CHECK(blocks("10.0-255.0-255.0-255") == "10.0.0.0/8");
  CHECK(blocks("10.1-2.3-4.5") == "10.1.3.5 10.1.4.5 10.2.3.5 10.2.4.5");
  CHECK(blocks("10-11.0.0.7-9") == "10.0.0.7-10.0.0.9 11.0.0.7-11.0.0.9");
  CHECK(blocks("10.0.7-7.1") == "10.0.7.1");
  CHECK(blocks("10.0.3-0.1") == "10.0.3-0.1: 3-0 runs backwards; write 0-3");
  CHECK(blocks("10.0.0-256.1") ==
        "10.0.0-256.1: \"0-256\" is not a number from 0 to 255, or two of them such as 1-254");
  CHECK(blocks("10.0.00-3.1") == "10.0.00-3.1: \"00-3\" is not a number from 0 to 255, or two of them such as 1-254");
  CHECK(blocks("10.0-1-2.0.1") ==
        "10.0-1-2.0.1: \"0-1-2\" is not a number from 0 to 255, or two of them such as 1-254");
  CHECK(blocks("1-200.0-255.0-255.1") ==
        "1-200.0-255.0-255.1 covers 13107200 addresses in 13107200 runs, and a target at most 16777216 in 65536; write "
        "smaller ranges, or CIDRs");
  CHECK(blocks("10-20.0-255.0-255.0-255").find("covers 184549376 addresses") != std::string::npos);
  CHECK(blocks("0-1.0.0.1").find("unspecified") != std::string::npos);
}

TEST_CASE("a URL names its host, and the port that is swept besides") {
  const auto url = [](std::string_view text) {
    const auto parsed = parse_target(text);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) return complaint->text;
    const Entry& entry = std::get<Entry>(parsed);
    CHECK(entry.text == text);
    return (entry.kind == Entry::Kind::name ? entry.name : format_block(entry.block)) + " " +
           std::to_string(entry.port);
  };
  CHECK(url("https://WWW.example.net:8443/path") == "www.example.net 8443");
  CHECK(url("https://www.example.net") == "www.example.net 443");
  CHECK(url("HTTP://10.0.0.1/") == "10.0.0.1 80");
  CHECK(url("ldaps://[2001:db8::1]:1636") == "2001:db8::1 1636");
  CHECK(url("gopher://10.0.0.1:70") == "10.0.0.1 70");
  CHECK(url("gopher://10.0.0.1") ==
        "gopher://10.0.0.1: the port of gopher is not known here; write it behind the host, such as "
        "gopher://10.0.0.1:8080");
  CHECK(url("https://10.0.0.1:0/") == "https://10.0.0.1:0/: its port has to be a number from 1 to 65535");
  CHECK(url("https://10.0.0.1:1-9/").find("its port has to be") != std::string::npos);
  CHECK(url("https://10.0.0.1:/").find("its port has to be") != std::string::npos);
  CHECK(url("https:///x") == "https:///x has no host");
  CHECK(url("https://10.0.0.0-9/") == "https://10.0.0.0-9/: a URL has one host, not a range");
  CHECK(url("https://a.example.net/#top") ==
        "https://a.example.net/#top has a fragment, which is never sent; write it "
        "up to the #");
}

TEST_CASE("a secret in a URL is refused, and never repeated") {
  for (const std::string_view text : {"https://user:hunter2@www.example.net/", "https://user:hun/ter2@www.example.net",
                                      "https://hunter2@www.example.net", "https://www.example.net/?token=hunter2"}) {
    for (const std::string& told : {target(text), exclude(text)}) {
      INFO(told);
      CHECK(told.find("URL") != std::string::npos);
      CHECK(told.find("ter2") == std::string::npos);
    }
  }
}
