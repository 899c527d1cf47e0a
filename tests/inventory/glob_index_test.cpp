#include "inventory/glob_index.hpp"

#include <catch2/catch.hpp>

#include <random>

#include "base/text.hpp"

using namespace audit;
using namespace audit::inventory;

TEST_CASE("the first glob that matches a name is found, as comparing it with each would find it") {
  std::mt19937 random(7);
  const auto text = [&](std::string_view letters, std::size_t most) {
    std::string made;
    for (std::size_t i = 0, size = 1 + random() % most; i < size; ++i) made += letters[random() % letters.size()];
    return made;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> globs;
    for (int i = 0; i < 8; ++i) globs.push_back(text("ab*?.", 5));
    const GlobIndex index(globs);
    for (int i = 0; i < 50; ++i) {
      const std::string name = text("ab.", 5);
      std::optional<std::size_t> first;
      for (std::size_t glob = 0; glob < globs.size() && !first; ++glob)
        if (glob_match(globs[glob], name)) first = glob;
      INFO(name);
      CHECK(index.find(name) == first);
    }
  }
  CHECK(GlobIndex().find("a") == std::nullopt);
}

TEST_CASE("2,000 globs cost a name a comparison or two, not 2,000") {
  std::vector<std::string> globs;
  for (int i = 0; i < 1'000; ++i) globs.push_back("lab-" + std::to_string(i) + "-*");
  for (int i = 0; i < 1'000; ++i) globs.push_back("*." + std::to_string(i) + ".example.net");
  const GlobIndex index(globs);
  std::size_t compared = 0;
  for (int i = 0; i < 20'000; ++i)
    CHECK(index.find("lab-" + std::to_string(i) + "-x.17.example.net", &compared) ==
          std::optional<std::size_t>(i < 1'000 ? i : 1'017));
  CHECK(compared <= 40'000);
}
