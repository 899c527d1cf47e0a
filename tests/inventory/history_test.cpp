#include <catch2/catch.hpp>

#include "folder.hpp"
#include "inventory/history_keys.hpp"

namespace audit::inventory {

TEST_CASE("past runs are kept where [history] says, relative to its file, and as long as it says") {
  const Folder folder;
  const Loaded loaded = load_file(folder.write("a.toml", R"(
[history]
state = "past"
keep = { runs = 12, age = "90d", size = "2GiB" }
[[targets]]
address = "10.0.0.1"
)"));
  REQUIRE(loaded.inventory);
  const HistorySettings& history = loaded.inventory->history;
  CHECK(history.state == folder.file("past"));
  CHECK(history.runs == 12);
  CHECK(history.age == Duration(std::chrono::hours(24 * 90)));
  CHECK(history.bytes == std::uint64_t{2} << 30U);
}

TEST_CASE("what [history] cannot mean is a mistake with its place") {
  const Folder folder;
  const auto mistakes = [&](const std::string& text) {
    return mistakes_in(folder, load_file(folder.write("a.toml", text + "\n[[targets]]\naddress = \"10.0.0.1\"\n")));
  };
  CHECK(mistakes("[history]\nkeep = { size = \"2GB\" }") ==
        std::vector<std::string>{
            "a.toml:2:17: size has to be a size in whole KiB, MiB, GiB or TiB, such as \"2GiB\"; this "
            "is \"2GB\""});
  CHECK(mistakes("[history]\nkeep = { runs = 0 }").size() == 1);
  CHECK(mistakes("[history]\nkeep = { age = \"5m\" }").size() == 1);
  CHECK(mistakes("[history]\nkep = { runs = 3 }") ==
        std::vector<std::string>{"a.toml:2:1: unknown key \"kep\" in [history]; did you mean \"keep\"?"});
}

TEST_CASE("a size is a whole number and a unit, and fits") {
  CHECK(parse_size("64KiB") == 65'536);
  for (const char* wrong : {"", "64", "KiB", "0MiB", "1.5GiB", "64 KiB", "99999999999TiB", "-1KiB"})
    CHECK_FALSE(parse_size(wrong));
}

}  // namespace audit::inventory
