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

void write_all(const std::string& folder, const std::string& name, const RunRecord& record) {
  for (const Format& format : formats()) {
    std::ofstream file(fmt::format("{}/{}.{}", folder, name, format.name), std::ios::binary);
    format.write(record, {}, file);
    REQUIRE(file.good());
  }
}

}  // namespace

// tests/lab/conformance_*_test.py runs this, and hands what it writes to validators that others wrote.
TEST_CASE("records of every kind, in every format, in the folder AUDIT_REPORTS", "[.][conformance]") {
  const char* folder = std::getenv("AUDIT_REPORTS");
  REQUIRE(folder != nullptr);
  for (std::uint32_t seed = 0; seed < 40; ++seed)
    write_all(folder, fmt::format("random-{}", seed), random_record(seed));
  write_all(folder, "sample", sample_record());
  write_all(folder, "empty", RunRecord{});
  write_all(folder, "hostile", hostile_record(hostile_bytes()));
  write_all(folder, "long", hostile_record(std::string(1 << 20, 'A') + hostile_bytes()));
}
