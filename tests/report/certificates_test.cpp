#include "report/certificates.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <limits>

#include "parsed_page.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

constexpr WallTime started(std::chrono::seconds(1'795'212'245));
constexpr std::int64_t now = 1'795'212'245;
constexpr std::int64_t day = 86'400;

Value::Object leaf(std::string subject, std::optional<std::int64_t> not_after) {
  Value::Object fields{{"fingerprint_sha256", "of " + subject}, {"subject", subject}, {"issuer", "CN=CA"}};
  if (not_after) fields["not_after_time"] = *not_after;
  return fields;
}

Evidence seen_at(std::string endpoint, Value::Object certificate) {
  auto observation = std::make_shared<Observation>();
  observation->probe = "tls";
  observation->endpoint = std::move(endpoint);
  observation->fields = Value::Object{{"chain", Value::Array{std::move(certificate), leaf("CN=CA", now + 1)}}};
  return {"", std::move(observation), {}};
}

RunRecord record_of(std::vector<Evidence> evidence) {
  RunRecord record;
  record.run.started = started;
  Check check = check_of("tls.rule", "h", Status::pass, Reason::observed, "m");
  check.results[0].evidence = std::move(evidence);
  add(record, std::move(check));
  return record;
}

}  // namespace

TEST_CASE("a certificate is listed once, with all that show it, and only the server's own") {
  const RunRecord record = record_of({seen_at("tcp/10.0.0.1:443", leaf("CN=a", now + day)),
                                      seen_at("tcp/10.0.0.2:443", leaf("CN=a", now + day)),
                                      seen_at("tcp/10.0.0.1:443", leaf("CN=a", now + day))});
  const std::vector<SeenCertificate> all = certificates_of(record);
  REQUIRE(all.size() == 1);
  CHECK(all[0].subject == "CN=a");
  CHECK(all[0].endpoints == std::vector<std::string>{"tcp/10.0.0.1:443", "tcp/10.0.0.2:443"});
}

TEST_CASE("the first to expire comes first, after those that nobody can read") {
  const RunRecord record =
      record_of({seen_at("a", leaf("CN=late", now + 90 * day)), seen_at("b", leaf("CN=over", now - 1)),
                 seen_at("c", leaf("CN=unreadable", std::nullopt)), seen_at("d", leaf("CN=soon", now + 2 * day))});
  std::vector<std::string> subjects;
  for (const SeenCertificate& certificate : certificates_of(record)) subjects.push_back(certificate.subject);
  CHECK(subjects == std::vector<std::string>{"CN=unreadable", "CN=over", "CN=soon", "CN=late"});
  const ParsedPage page(record);
  std::vector<std::string> rows;
  for (const auto& row : page.document.select_nodes("//section[@id='certificates']//tbody/tr"))
    rows.push_back(fmt::format("{}, {}", row.node().select_node("td[1]/span").node().text().get(),
                               row.node().select_node("td[2]").node().text().get()));
  CHECK(rows == std::vector<std::string>{"not readable, –", "expired, -1", "expires soon, 2", "not expired, 90"});
}

TEST_CASE("a certificate whose time has not come is no valid one") {
  Value::Object early = leaf("CN=early", now + 90 * day);
  early["not_before_time"] = now + 60;
  CHECK(has(ParsedPage(record_of({seen_at("a", early)})).words("certificates"), "not valid yet"));
  early["not_before_time"] = now - 60;
  CHECK_FALSE(has(ParsedPage(record_of({seen_at("a", early)})).words("certificates"), "not valid yet"));
}

TEST_CASE("days are whole, and those of the past are negative") {
  CHECK(days_until(now, started) == 0);
  CHECK(days_until(now + day - 1, started) == 0);
  CHECK(days_until(now + day, started) == 1);
  CHECK(days_until(now - 1, started) == -1);
  CHECK(days_until(std::numeric_limits<std::int64_t>::min(), started) < 0);
  CHECK(days_until(std::numeric_limits<std::int64_t>::max(), started) > 0);
}

TEST_CASE("what is no chain of certificates is none, and a run without any says so") {
  auto odd = std::make_shared<Observation>();
  odd->fields = Value::Object{{"chain", "text"}};
  const ParsedPage page(record_of({{"", odd, {}}, seen_at("a", Value::Object{})}));
  CHECK(page.count("//section[@id='certificates']//tbody/tr") == 1);
  CHECK(has(ParsedPage(RunRecord{}).words("certificates"), "No check of this run saw a certificate."));
}
