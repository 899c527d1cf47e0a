#include "store/segment.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

namespace audit::store {

TEST_CASE("a sealed segment gives its records back in their order, whatever they hold") {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    Segment segment;
    std::vector<std::string> records(random() % 40);
    for (std::string& record : records) {
      record.resize(random() % 300);
      for (char& c : record) c = static_cast<char>(random());
      segment.add(record);
    }
    CHECK(segment.records() == records.size());
    const std::string sealed = segment.seal();
    CHECK(segment.empty());
    std::vector<std::string> read;
    REQUIRE(read_segment(sealed, [&](std::string_view record) {
      read.emplace_back(record);
      return true;
    }));
    CHECK(read == records);
  }
}

TEST_CASE("a segment that is cut off, or is none, is an error") {
  Segment segment;
  segment.add(std::string(5'000, 'a') + "end");
  const std::string sealed = segment.seal();
  const auto ignore = [](std::string_view) { return true; };
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(read_segment(std::string_view(sealed).substr(0, size), ignore));
  CHECK_FALSE(read_segment("not zstd at all", ignore));
  CHECK_FALSE(read_segment(pack("\xff\xff\xff\xff"), ignore));  // a record that claims more than there is
}

TEST_CASE("a frame that claims to unpack to more than a gibibyte is refused before it is unpacked") {
  const std::string bomb("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x10\x00\x00\x01\x00\x00", 16);  // 64 GiB
  const Result<std::string> unpacked = unpack(bomb);
  REQUIRE_FALSE(unpacked);
  CHECK(unpacked.error().message.find("1 GiB") != std::string::npos);
}

TEST_CASE(
    "a short frame that claims more than its bytes can unpack to takes no memory for it; what is so is unpacked") {
  const std::string claim("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x10\x00\x00\x00\x00\x01\x00\x00", 16);  // 256 MiB
  const Result<std::string> unpacked = unpack(claim);
  REQUIRE_FALSE(unpacked);
  CHECK(unpacked.error().message.find("so few bytes") != std::string::npos);
  const std::string zeros(std::size_t{64} << 20U, '\0');
  CHECK(unpack(pack(zeros)).value() == zeros);
}

}  // namespace audit::store
