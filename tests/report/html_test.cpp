#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <set>

#include "base/fingerprint.hpp"
#include "parsed_page.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

using Html = ParsedPage;

TEST_CASE("the page has its parts in the order in which a reviewer asks") {
  const Html page(sample_record());
  std::vector<std::string> ids;
  for (const auto& node : page.document.select_nodes("//main/section"))
    ids.emplace_back(node.node().attribute("id").value());
  CHECK(ids == std::vector<std::string>{"scope", "changes", "findings", "information", "controls", "targets",
                                        "services", "map", "trend", "certificates", "waivers", "attestations", "rules",
                                        "provenance", "signoff"});
  std::vector<std::string> linked;
  for (const auto& node : page.document.select_nodes("//nav//a/@href"))
    linked.push_back(std::string(node.attribute().value()).substr(1));
  CHECK(linked == ids);
  CHECK(page.text("//h1") == "Incomplete: 66.7 % of the plan was judged, 100 % is required");
  CHECK(page.count("//html[@lang='en']") == 1);
  CHECK(page.count("//head/title[string()]") == 1);
  CHECK(page.count("//li[@class='finding'][@id]") == 5);
}

TEST_CASE("the page loads nothing, and runs nothing but its own script") {
  const Html page(sample_record());
  CHECK(has(page.bytes, "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"));
  CHECK(has(page.bytes, "base-uri 'none'; form-action 'none'"));
  CHECK(page.count("//script") == 1);
  CHECK(page.count("//img | //iframe | //object | //embed | //link | //form | //base") == 0);
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
      CHECK((href.starts_with("https://www.rfc-editor.org/") || href == "https://grc.example.net/ssp.json" ||
             href == "https://doi.org/10.6028/NIST.SP.800-53r5"));
      CHECK(std::string(node.parent().text().get()) == href);  // printed, it is there too
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
  CHECK(page.count("//svg[not(@aria-hidden='true') and not(@role='img' and @aria-label)]") == 0);
  CHECK(page.count("//svg[contains(@class, 'map')]//g[not(title)]") == 0);
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
  CHECK(stacked >= 12);
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
  CHECK(page.count("//li[@class='finding'][@id]") == 900);
  CHECK(has(page.bytes, "30 more failures of this rule"));
  CHECK(has(page.bytes, "1\u202f000 more targets"));
  CHECK(has(page.bytes, "3000 failures of severity info"));
}

TEST_CASE("a link to a finding is its fingerprint, which other formats say too") {
  RunRecord record = sample_record();
  const Html page(record);
  for (const Check& check : record.checks)
    for (const Finding& finding : check.results) {
      const std::string path = "//li[@class='finding'][@id='f-" + fingerprint_of(check, finding) + "']";
      CHECK(page.count(path.c_str()) == (finding.status == Status::fail ? 1 : 0));
    }
}

TEST_CASE("a finding says what was expected and seen, and which controls it bears on") {
  const Html page(sample_record());
  const std::string telnet = "//article[h4/code = 'exposure.telnet-open']";
  CHECK(has(page.document.select_node((telnet + "/h4").c_str()).node().last_child().previous_sibling().value(),
            "Expected: Telnet is not reachable"));
  CHECK(page.text((telnet + "//span[@class='label']").c_str()) == "Seen: ");
  CHECK(page.text((telnet + "//dt[. = 'Controls']/following-sibling::dd//a").c_str()) == "NIST-800-53");
  CHECK(has(page.words("findings"), "NIST-800-53: SC-8"));
  CHECK(has(page.words("findings"), "Waived by W-17"));
}

TEST_CASE("the scope says what was planned and seen, when and from where") {
  const std::string words = Html(sample_record()).words("scope");
  for (const std::string_view part :
       {"2026-11-20 22:04:05 UTC", "2026-11-20 22:04:19 UTC", "14.3 s", "audit-1.example.net", "2001:db8:20::5",
        "10.20.0.53", "36 checks were planned on 6 targets, and 24 were evaluated; 11 were not reviewed and 1 ended in",
        "lab-1.example.net"})
    CHECK(has(words, part));
}

TEST_CASE("provenance and sign-off say who ran it, who allowed it, and what the record's digest is") {
  RunRecord record = sample_record();
  record.digest = std::string(64, 'd');
  const Html page(record);
  for (const std::string_view section : {"provenance", "signoff"}) {
    const std::string words = page.words(section);
    CHECK(has(words, "netops"));
    CHECK(has(words, "j.doe, CISO, 2026-11-02"));
    CHECK(has(words, record.digest));
  }
  CHECK(has(page.words("provenance"), "https://grc.example.net/ssp.json"));
  CHECK(page.count("//section[@id='signoff']//div[@class='signer']//dd") == 6);
  CHECK_FALSE(has(Html(sample_record()).words("signoff"), "Digest"));
}

TEST_CASE("each printed page says whose report it is, and which page") {
  RunRecord record = sample_record();
  record.inventory.name = "Z\u00fcrich\"; } </style><script>";
  const Html page(record);
  const std::string style = page.text("//style");
  CHECK(has(style, "@top-left { content: \"Z\\0000fc rich\\000022 \\00003b  \\00007d  \\00003c \\00002f style"));
  CHECK(has(style, "@top-right { content: \"run 2026\\00002d 11"));
  CHECK(has(style, "counter(page) \" of \" counter(pages)"));
  CHECK(page.count("//script") == 1);
}

TEST_CASE("an empty record is a page too") {
  const Html page(RunRecord{});
  CHECK(page.text("//h1") == "Incomplete: nothing was planned, so nothing was asked");
}

TEST_CASE("a record that reaches every cap makes a page that a mail takes") {
  RunRecord record;
  record.past.resize(200);
  RunDiff changes;
  for (int i = 0; i < 2000; ++i) {
    DiffItem item;
    item.rule = "exposure.rule-of-some-length";
    item.target = "a-host-of-some-length.example.net";
    item.message = std::string(500, 'm');
    for (auto* list : {&changes.fresh, &changes.fixed, &changes.changed}) list->push_back(item);
    changes.unknown.push_back({item.rule, item.target, Status::pass, Status::error, Reason::timeout, item.message});
  }
  record.changes = std::move(changes);
  for (int i = 0; i < 100; ++i) record.rules.emplace_back().id = fmt::format("family.rule-{}", i);
  for (std::size_t t = 0; t < 1000; ++t) {
    TargetRecord& target = record.targets.emplace_back();
    target.ordinal = t;
    target.id = fmt::format("a-host-of-some-length-{}.example.net", t);
    target.addresses = {*parse_address(fmt::format("2001:db8:{:x}::{:x}", t / 100, t))};
    target.life_message = std::string(200, 'l');
    for (std::uint16_t port = 1; port <= 60; ++port)
      target.ports.push_back({{target.addresses[0], port, Transport::tcp}, Reason::open, ""});
    for (std::size_t rule = 0; rule < 34; ++rule) {
      auto seen = std::make_shared<Observation>();
      seen->probe = "tls";
      seen->endpoint = "tcp/443";
      seen->fields =
          Value::Object{{"chain", Value::Array{Value::Object{{"fingerprint_sha256", fmt::format("{:064}", t)},
                                                             {"not_after_time", std::int64_t{2'000'000'000}},
                                                             {"subject", std::string(300, 's')}}}}};
      Check check = check_of(record.rules[(t + rule) % 100].id, target.id, Status::fail, Reason::observed,
                             std::string(1'000, 'm'));
      check.results[0].evidence.push_back({"", std::move(seen), {}});
      add(record, std::move(check));
    }
  }
  const Html page(record);
  CHECK(page.bytes.size() < 5'000'000);
  CHECK(page.count("//section[@id='certificates']//tbody/tr") == 300);
  CHECK(has(page.words("certificates"), "700 more certificates"));
  CHECK(page.count("//section[@id='map']//g") == 1000);
}
