#include <catch2/catch.hpp>

#include <pugixml.hpp>

#include <set>

#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

struct Html {
  explicit Html(const RunRecord& record) : bytes(written("html", record)) {
    const auto parse = document.load_string(bytes.c_str(), pugi::parse_full);
    INFO(parse.description() << " at " << bytes.substr(static_cast<std::size_t>(parse.offset), 80));
    REQUIRE(parse);
  }
  [[nodiscard]] std::size_t count(const char* path) const { return document.select_nodes(path).size(); }
  [[nodiscard]] std::string text(const char* path) const { return document.select_node(path).node().text().get(); }

  std::string bytes;
  pugi::xml_document document;
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the page has its parts in the order in which a reviewer asks") {
  const Html page(sample_record());
  std::vector<std::string> ids;
  for (const auto& node : page.document.select_nodes("//main/section"))
    ids.emplace_back(node.node().attribute("id").value());
  CHECK(ids == std::vector<std::string>{"scope", "findings", "waivers", "attestations", "information", "targets",
                                        "services", "unseen", "controls", "rules", "provenance"});
  CHECK(page.text("//h1") == "Incomplete: 66.7 % of the plan was judged, 100 % is required");
  CHECK(page.count("//html[@lang='en']") == 1);
  CHECK(page.count("//title[string()]") == 1);
  CHECK(page.count("//li[@class='finding'][@id]") == 5);
}

TEST_CASE("the page loads nothing and runs nothing") {
  const Html page(sample_record());
  CHECK(has(page.bytes, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"));
  CHECK(page.count("//script | //img | //iframe | //object | //embed | //link | //form | //base") == 0);
  CHECK(page.count("//@src | //@srcset | //@style | //@onclick | //@onload | //@onerror") == 0);
  CHECK_FALSE(has(page.bytes, "url("));
  CHECK_FALSE(has(page.bytes, "@import"));
}

TEST_CASE("every link leads somewhere on the page, or to the web") {
  const Html page(sample_record());
  std::set<std::string> ids;
  for (const auto& node : page.document.select_nodes("//@id")) CHECK(ids.insert(node.attribute().value()).second);
  for (const auto& node : page.document.select_nodes("//a/@href")) {
    const std::string href = node.attribute().value();
    INFO(href);
    if (href.starts_with("#")) {
      CHECK(ids.contains(href.substr(1)));
    } else {
      CHECK(href.starts_with("https://www.rfc-editor.org/"));
      CHECK(std::string(node.parent().attribute("rel").value()) == "noreferrer");
    }
  }
}

TEST_CASE("only addresses of the web become links") {
  RunRecord record;
  RuleRecord rule;
  rule.id = "a.rule";
  rule.references = {"javascript:alert(1)",
                     "https://example.net/a?b=1&c='d'",
                     "data:text/html,x",
                     "HTTPS://EXAMPLE.NET",
                     "https://example.net/ onclick=x",
                     "https://example.net/\"x",
                     "CIS 4.8",
                     "http://example.net"};
  record.rules = {rule};
  add(record, check_of("a.rule", "h", Status::fail, Reason::observed, "m"));
  const Html page(record);
  std::vector<std::string> links;
  for (const auto& node : page.document.select_nodes("//a[@rel]/@href")) links.emplace_back(node.attribute().value());
  CHECK(links == std::vector<std::string>{"https://example.net/a?b=1&c='d'", "http://example.net"});
  CHECK(page.count("//dl[@class='about']//li") == 8);
}

TEST_CASE("a reader without eyes finds names, heads and regions") {
  const Html page(sample_record());
  CHECK(page.count("//h1") == 1);
  CHECK(page.count("//div[@class='scroll'][not(@tabindex='0') or not(@aria-label)]") == 0);
  CHECK(page.count("//th[not(@scope)]") == 0);
  CHECK(page.count("//svg[not(@aria-hidden='true')]") == 0);
  CHECK(page.count("//td[@class='open'][not(text()='open')]") == 0);
}

TEST_CASE("on a narrow screen every cell of a table says what it is, and the services scroll by themselves") {
  const Html page(sample_record());
  const std::string style = page.text("//style");
  std::size_t stacked = 0;
  for (const auto& node : page.document.select_nodes("//table[not(@class='counts')]")) {
    const std::string classes = node.node().attribute("class").value();
    CAPTURE(classes);
    CHECK(node.node().parent().attribute("class").value() == std::string("scroll"));
    if (classes == "matrix") continue;
    REQUIRE(classes.starts_with("stack "));
    ++stacked;
    const std::size_t columns = node.node().select_nodes("thead/tr/th").size();
    for (std::size_t column = 2; column <= columns; ++column) {
      const std::string rule = "." + classes.substr(6) + " td:nth-child(" + std::to_string(column) + ")::before";
      INFO(rule);
      CHECK(style.find(rule) != std::string::npos);
    }
  }
  CHECK(stacked >= 7);
}

TEST_CASE("a big run makes a small page, and what was left out is said") {
  RunRecord record;
  RuleRecord rule;
  for (int i = 0; i < 100; ++i) {
    rule.id = "family.rule-" + std::to_string(i);
    record.rules.push_back(rule);
  }
  for (int t = 0; t < 3000; ++t) {
    TargetRecord target;
    target.id = "host-" + std::to_string(t);
    record.targets.push_back(target);
    for (int i = 0; i < 34; ++i)
      add(record, check_of(record.rules[static_cast<std::size_t>((t + i) % 100)].id, target.id,
                           i == 0 ? Status::fail : Status::pass, Reason::observed, std::string(200, 'm')));
  }
  const Html page(record);
  CHECK(page.bytes.size() < 5'000'000);
  CHECK(page.count("//li[@class='finding'][@id]") == 1000);
  CHECK(has(page.bytes, "30 more failures of this rule"));
  CHECK(has(page.bytes, "1\u202f000 more targets"));
  CHECK(has(page.bytes, "3000 failures of severity info"));
}

TEST_CASE("an empty record is a page too") {
  const Html page(RunRecord{});
  CHECK(page.text("//h1") == "Incomplete: nothing was planned, so nothing was asked");
}
