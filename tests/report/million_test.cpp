#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>

#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

RunRecord a_million_checks() {
  RunRecord record;
  for (int rule = 0; rule < 10; ++rule) {
    record.rules.emplace_back().id = fmt::format("family.rule-{}", rule);
    record.rules.back().rationale = "Telnet sends credentials in clear text. Anyone on the path can read them.";
  }
  record.checks.held().reserve(1'000'000);
  for (std::uint64_t host = 0; host < 100'000; ++host) {
    TargetRecord& target = record.targets.emplace_back();
    target.ordinal = host;
    target.id = fmt::format("10.{}.{}.{}", host / 65'536, host / 256 % 256, host % 256);
    target.addresses = {*parse_address(target.id)};
    target.ports = {{{target.addresses[0], 23, Transport::tcp}, Reason::open, ""}};
    for (int rule = 0; rule < 10; ++rule)
      add(record, check_of(record.rules[static_cast<std::size_t>(rule)].id, target.id,
                           (host + static_cast<std::uint64_t>(rule)) % 20 == 0 ? Status::fail : Status::pass,
                           Reason::observed, "tcp/23 answers, or does not: what was seen in words"));
  }
  return record;
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

// By hand: how long each format takes, and what it needs beside the record.
TEST_CASE("a million checks in every format, measured", "[.][million]") {
  const RunRecord record = a_million_checks();
  for (const Format& format : formats()) {
    const long before = peak_kilobytes();
    const auto began = std::chrono::steady_clock::now();
    std::ofstream nowhere("/dev/null", std::ios::binary);
    format.write(record, {}, nowhere);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
    fmt::print("{:<12} {:6.2f} s  {:8} KB more\n", format.name, taken.count(), peak_kilobytes() - before);
  }
}

TEST_CASE("a million checks make a page under 5 MB, which says what it left out") {
  const std::string page = written("html", a_million_checks());
  CHECK(page.size() < 5'000'000);
  for (const std::string_view said :
       {"more failures of this rule", "98\u202f000 more targets", "99\u202f500 more hosts",
        "There are too many targets to draw each: a box is a subnet"}) {
    INFO(said);
    CHECK(page.find(said) != std::string::npos);
  }
}
