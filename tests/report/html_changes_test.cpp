#include <catch2/catch.hpp>

#include "base/fingerprint.hpp"
#include "parsed_page.hpp"
#include "random_record.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

DiffItem item_of(std::string fingerprint, std::string message) {
  DiffItem item;
  item.fingerprint = std::move(fingerprint);
  item.rule = "a.rule";
  item.target = "h";
  item.message = std::move(message);
  return item;
}

std::string value_of(const ParsedPage& page, const std::string& id) {
  return page.document.select_node(("//data[@id='" + id + "']/@value").c_str()).attribute().value();
}

}  // namespace

TEST_CASE("a run without an earlier one says that there is nothing to compare with") {
  CHECK(has(ParsedPage(RunRecord{}).words("changes"), "Nothing is known to compare with"));
}

TEST_CASE("the changes are counted, each kind by itself") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    const RunRecord record = random_record(seed);
    if (!record.changes) continue;
    const RunDiff& diff = *record.changes;
    const ParsedPage page(record);
    CHECK(value_of(page, "changes-new") == std::to_string(diff.fresh.size()));
    CHECK(value_of(page, "changes-unknown") == std::to_string(diff.unknown.size()));
    CHECK(value_of(page, "changes-changed") == std::to_string(diff.changed.size()));
    CHECK(value_of(page, "changes-fixed") == std::to_string(diff.fixed.size()));
    CHECK(value_of(page, "changes-still") == std::to_string(diff.still));
    CHECK(value_of(page, "changes-went") == std::to_string(diff.failures_went));
    CHECK(page.count("//section[@id='changes']//tbody/tr") ==
          diff.fresh.size() + diff.unknown.size() + diff.changed.size() + diff.fixed.size());
  }
}

TEST_CASE("a change leads to its finding where the page has it") {
  RunRecord record;
  add(record, check_of("a.rule", "h", Status::fail, Reason::observed, "m"));
  const std::string known = fingerprint_of(record.checks.held()[0], record.checks.held()[0].results[0]);
  record.changes.emplace();
  record.changes->fresh = {item_of(known, "on the page"), item_of(std::string(32, '0'), "not on the page")};
  record.changes->fixed = {item_of(std::string(32, '1'), "gone")};
  const ParsedPage page(record);
  CHECK(page.count("//section[@id='changes']//a") == 1);
  CHECK(page.count(("//li[@id='f-" + known + "']").c_str()) == 1);
  CHECK(page.count(("//section[@id='changes']//a[@href='#f-" + known + "']").c_str()) == 1);
}

TEST_CASE("more changes than there is room for are said") {
  RunRecord record;
  record.changes.emplace();
  record.changes->fixed.assign(250, item_of("0", "m"));
  record.changes->targets_went.assign(30, "old");
  const ParsedPage page(record);
  CHECK(page.count("//section[@id='changes']//tbody/tr") == 200);
  CHECK(has(page.words("changes"), "… and 50 more"));
  CHECK(has(page.words("changes"), "targets that went: old"));
  CHECK(has(page.words("changes"), "and 20 more"));
}
