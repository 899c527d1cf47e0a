#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "../source_dir.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

// AUDIT_UPDATE_SAMPLES=1 test_report '[sample]' writes them anew.
TEST_CASE("the sample reports in examples/ are what the writers write", "[sample]") {
  const RunRecord record = sample_record();
  for (const auto& [format, suffix] : {std::pair{"text", "txt"}, {"json", "json"}, {"html", "html"}}) {
    const std::string path = test::source_dir() + "/examples/sample-report." + suffix;
    const std::string now = written(format, record, {false, 100});
    if (std::getenv("AUDIT_UPDATE_SAMPLES") != nullptr) std::ofstream(path, std::ios::binary) << now;
    std::ifstream file(path, std::ios::binary);
    const std::string kept{std::istreambuf_iterator<char>(file), {}};
    INFO(path);
    CHECK((kept == now));
  }
}
