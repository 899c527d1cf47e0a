#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "hostile_record.hpp"
#include "parsed_page.hpp"
#include "random_record.hpp"
#include "report/map_layout.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

RunRecord record_of(std::size_t hosts) {
  RunRecord record;
  for (std::size_t i = 0; i < hosts; ++i) {
    TargetRecord& target = record.targets.emplace_back();
    target.ordinal = i;
    target.id = fmt::format("10.{}.{}.{}", i / 65'536, i / 256 % 256, i % 256);
    target.addresses = {*parse_address(target.id)};
    target.life = TargetLife::alive;
    for (std::uint16_t port = 22; port < 22 + 12; ++port)
      target.ports.push_back({{target.addresses[0], port, Transport::tcp}, Reason::open, ""});
    add(record, check_of("a.rule", target.id, i % 10 == 0 ? Status::fail : Status::pass, Reason::observed, "m"));
  }
  record.services = {{22, "ssh"}};
  return record;
}

std::size_t map_bytes(const ParsedPage& page) {
  const std::size_t begin = page.bytes.find("<section id=\"map\">");
  return page.bytes.find("</section>", begin) - begin;
}

/// No text is wider than its box, and none below it: the type is monospaced, 7.2 units a column at most.
void check_texts(const ParsedPage& page) {
  for (const auto& found : page.document.select_nodes("//svg[@class='map']//g")) {
    const pugi::xml_node box = found.node();
    const pugi::xml_node frame = box.child("rect");
    const int right = frame.attribute("x").as_int() + frame.attribute("width").as_int();
    const int bottom = frame.attribute("y").as_int() + frame.attribute("height").as_int();
    CHECK(frame.attribute("width").as_int() == map_box_width);
    for (const pugi::xml_node line : box.children("text")) {
      std::string_view words = line.text().get();
      std::size_t columns = 0;
      while (!words.empty()) {
        const CodePoint point = decode_utf8(words);
        columns += width_of(point.code);
        words.remove_prefix(point.length);
      }
      CHECK(line.attribute("x").as_int() + 7.3 * static_cast<double>(columns) <= right);
      CHECK(line.attribute("y").as_int() < bottom);
      CHECK(line.attribute("y").as_int() > frame.attribute("y").as_int());
    }
  }
}

}  // namespace

TEST_CASE("the map shows zones, subnets, hosts and services, and how each came out in words") {
  RunRecord record = sample_record();
  record.targets[1].zone = "berlin";
  const ParsedPage page(record);
  const std::string words = page.words("map");
  for (const std::string_view part : {"zone berlin", "10.20.1.0/24", "2001:db8:20::/64", "without an address",
                                      "core-1.example.net", "22/tcp ssh, 443/tcp https", "× 10.20.1.7",
                                      "2 failures, worst critical", "silent", "unresolved", "9 dark and 257 excluded"})
    CHECK(has(words, part));
  CHECK(page.count("//svg[@class='map']//g") == record.targets.size());
  CHECK(page.count("//svg[@class='map']//g[@class='box bad']") == 1);
  CHECK(page.count("//svg[@class='map']//g[contains(@class, 'away')]") == 2);
  check_texts(page);
}

TEST_CASE("ten hosts show all their services, a thousand their first, and each has its box") {
  const ParsedPage ten(record_of(10));
  CHECK(ten.count("//svg[@class='map']//g") == 10);
  CHECK(has(ten.words("map"), "33/tcp"));
  const ParsedPage thousand(record_of(1000));
  CHECK(thousand.count("//svg[@class='map']//g") == 1000);
  CHECK(has(thousand.words("map"), "22/tcp ssh, 23/tcp, 24/tcp"));
  CHECK_FALSE(has(thousand.words("map"), "33/tcp"));
  CHECK(has(thousand.words("map"), " +6"));
  CHECK(map_bytes(thousand) < 1'000'000);
  check_texts(thousand);
}

TEST_CASE("of more than a thousand hosts a box is a subnet, with counts") {
  const ParsedPage page(record_of(3000));
  CHECK(page.count("//svg[@class='map']//g") == 12);
  const std::string words = page.words("map");
  CHECK(has(words, "There are too many targets to draw each: a box is a subnet."));
  CHECK(has(words, "256 targets, 256 alive"));
  CHECK(has(words, "256 × 22/tcp ssh"));
  CHECK(has(words, "and 8 more services"));
  CHECK(map_bytes(page) < 20'000);
  check_texts(page);
}

TEST_CASE("subnets that the map has no room for are counted, with what was found there") {
  RunRecord record = record_of(1100);
  for (std::size_t i = 0; i < record.targets.size(); ++i)
    record.targets[i].addresses = {*parse_address(fmt::format("10.{}.{}.1", i / 256, i % 256))};
  const ParsedPage page(record);
  CHECK(page.count("//svg[@class='map']//g") == 400);
  CHECK(has(page.words("map"), "Left out here: 700 more subnets with 700 targets: 70 failures, worst info."));
  CHECK(map_bytes(page) < 500'000);
}

TEST_CASE("nothing of a target leaves its box or becomes markup, whatever it calls itself") {
  for (const std::string& bytes :
       {hostile_bytes(), std::string(1 << 16, 'W'), std::string("\xe5\xad\x97\xe5\xad\x97\xe5")}) {
    RunRecord record = hostile_record(bytes);
    const ParsedPage page(record);
    CHECK(page.count("//svg[@class='map']//g") == record.targets.size());
    CHECK(page.count("//svg[@class='map']//*[not(self::g or self::rect or self::text or self::title)]") == 0);
    check_texts(page);
  }
  for (std::uint32_t seed = 0; seed < 50; ++seed) check_texts(ParsedPage(random_record(seed)));
}
