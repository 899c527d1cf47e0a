#include "report/diff.hpp"

#include <rapidjson/document.h>
#include <catch2/catch.hpp>

#include <pugixml.hpp>
#include <sstream>

#include "base/text.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

using namespace std::string_literals;

constexpr WallTime noon(std::chrono::milliseconds(1'795'212'245'123));  // 2026-11-20T22:04:05.123Z
const std::string hostile = "<script>x</script>|`*_[a](b) \x1b[31m\x07\r\n\xff\xe2\x80\xae\\"s;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// One of each change, of each kind, `bytes` wherever a peer or a name may say something.
ObservationDiff observations_of(const std::string& bytes) {
  ObservationDiff diff;
  diff.before.id = diff.after.id = bytes;
  diff.after.program = bytes;
  for (const ObservedChange change : all_observed_changes)
    for (std::size_t kind = 0; kind < observed_kinds; ++kind) {
      ObservedDifference difference;
      difference.change = change;
      difference.target = bytes;
      difference.key = {static_cast<ObservedKind>(kind), bytes, bytes};
      if (change != ObservedChange::appeared) difference.was = {{bytes, bytes, bytes, bytes}};
      if (change != ObservedChange::gone) difference.now = {{bytes, bytes, bytes, bytes}};
      difference.why = bytes;
      diff.differences.push_back(difference);
    }
  return diff;
}

RunDiff findings_of(const std::string& bytes) {
  RunDiff diff;
  DiffItem item;
  item.rule = item.target = item.endpoint = item.key = item.message = item.was = item.waiver = bytes;
  item.first_seen = noon - std::chrono::hours(48);
  item.last_seen = noon;
  diff.fresh = diff.fixed = diff.changed = diff.same = {item};
  diff.still = 2;
  diff.unknown.push_back({bytes, bytes, Status::pass, Status::error, Reason::timeout, bytes});
  return diff;
}

std::string written_as(std::string_view format, const ObservationDiff& diff) {
  std::ostringstream out;
  find_diff_format(format)->write_observations(diff, {}, out);
  return out.str();
}

std::string written_as(std::string_view format, const RunDiff& diff) {
  std::ostringstream out;
  find_diff_format(format)->write(diff, {}, out);
  return out.str();
}

}  // namespace

TEST_CASE("hostile bytes of a comparison stay bytes in every format") {
  for (const DiffFormat& format : diff_formats()) {
    for (const std::string& text :
         {written_as(format.name, observations_of(hostile)), written_as(format.name, findings_of(hostile))}) {
      INFO(format.name);
      CHECK(printable(text));
      if (format.name == "html" || format.name == "markdown") CHECK_FALSE(has(text, "<script"));
    }
  }
  pugi::xml_document page;
  CHECK(page.load_string(written_as("html", observations_of(hostile)).c_str(), pugi::parse_full));
  CHECK(page.load_string(written_as("html", findings_of(hostile)).c_str(), pugi::parse_full));
  rapidjson::Document json;
  json.Parse(written_as("json", observations_of(hostile)).c_str());
  REQUIRE_FALSE(json.HasParseError());
  CHECK(from_visible(json["differences"][3]["now"][0]["bytes"].GetString()) == hostile);
}

TEST_CASE("every format counts what changed alike, and names each change") {
  const ObservationDiff diff = observations_of("x");
  const std::string text = written_as("text", diff);
  CHECK(has(text, "4 new, 4 gone, 4 changed, 4 unknown now, 4 not known before, 0 the same"));
  for (const std::string_view title : {"NEW (4)", "GONE (4)", "CHANGED (4)", "UNKNOWN NOW (4)", "NOT KNOWN BEFORE (4)"})
    CHECK(has(text, title));
  rapidjson::Document json;
  json.Parse(written_as("json", diff).c_str());
  for (const ObservedChange change : all_observed_changes)
    CHECK(json["summary"][std::string(name_of(change)).c_str()].GetInt() == 4);
  CHECK(json["differences"].Size() == 20);
  pugi::xml_document page;
  REQUIRE(page.load_string(written_as("html", diff).c_str(), pugi::parse_full));
  CHECK(page.select_nodes("//tbody/tr").size() == 20);
  const std::string markdown = written_as("markdown", diff);
  for (const std::string_view title : {"### New (4)", "### Unknown now (4)"}) CHECK(has(markdown, title));
}

TEST_CASE("a comparison says how many checks neither run could judge") {
  RunDiff diff = findings_of("x");
  for (const std::string_view format : {"text", "markdown", "html"}) {
    INFO(format);
    diff.still_unknown = 0;
    CHECK_FALSE(has(written_as(format, diff), "in neither run"));
    diff.still_unknown = 3;
    CHECK(has(written_as(format, diff), "3 checks could be judged in neither run"));
  }
}

TEST_CASE("each cell of a comparison's table says on a narrow screen what it is") {
  for (const std::string& bytes : {written_as("html", findings_of("x")), written_as("html", observations_of("x"))}) {
    pugi::xml_document page;
    REQUIRE(page.load_string(bytes.c_str(), pugi::parse_full));
    for (const auto& table : page.select_nodes("//table")) {
      const std::string kinds = table.node().attribute("class").value();
      REQUIRE(kinds.starts_with("stack "));
      const std::string own = "." + kinds.substr(6);
      std::size_t column = 0;
      for (const auto& head : table.node().select_nodes("thead/tr/th")) {
        if (++column == 1) continue;
        const std::string rule = own + " td:nth-child(" + std::to_string(column) + ")::before";
        const std::size_t at = bytes.find(rule);
        INFO(rule);
        REQUIRE(at != std::string::npos);
        const std::string words = bytes.substr(at, bytes.find('}', at) - at);
        CHECK(has(words, "content: \"" + std::string(head.node().text().get()) + "\""));
      }
    }
  }
}

TEST_CASE("since when something fails is said of what is new, changed, fixed and still there") {
  for (const std::string_view format : {"text", "markdown", "html"}) {
    const std::string text = written_as(format, findings_of("x"));
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("2026-11-18", at)) != std::string::npos; ++at) ++count;
    INFO(format << "\n" << text);
    CHECK(count == 4);
    CHECK(has(text, "last seen 2026-11-20"));
  }
  rapidjson::Document json;
  json.Parse(written_as("json", findings_of("x")).c_str());
  for (const char* list : {"new", "fixed", "changed", "unchanged"}) {
    CHECK(json[list][0]["first_seen"].GetString() == std::string_view("2026-11-18T22:04:05.123Z"));
    CHECK(json[list][0]["last_seen"].GetString() == std::string_view("2026-11-20T22:04:05.123Z"));
  }
}
