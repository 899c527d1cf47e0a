#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "hostile_record.hpp"
#include "random_record.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

void write(const std::string& folder, const std::string& name, const Format& format, const RunRecord& record) {
  std::ofstream file(fmt::format("{}/{}.{}", folder, name, format.name), std::ios::binary);
  format.write(record, {}, file);
  REQUIRE(file.good());
}

}  // namespace

// tests/lab/conformance_*_test.py runs this, and hands what it writes to validators that others wrote.
TEST_CASE("records of every kind in the format AUDIT_FORMAT, in the folder AUDIT_REPORTS", "[.][conformance]") {
  const char* folder = std::getenv("AUDIT_REPORTS");
  const char* name = std::getenv("AUDIT_FORMAT");
  REQUIRE(folder != nullptr);
  REQUIRE(name != nullptr);
  const Format* format = find_format(name);
  REQUIRE(format != nullptr);
  for (std::uint32_t seed = 0; seed < 40; ++seed)
    write(folder, fmt::format("random-{}", seed), *format, random_record(seed));
  write(folder, "sample", *format, sample_record());
  write(folder, "empty", *format, RunRecord{});
  write(folder, "hostile", *format, hostile_record(hostile_bytes()));
  write(folder, "long", *format, hostile_record(std::string(1 << 20, 'A') + hostile_bytes()));
}
