#include "inventory/expanded_source.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace audit;
using namespace audit::inventory;

namespace {

bool same(const SourcedTarget& a, const SourcedTarget& b) {
  return a.address == b.address && a.groups == b.groups && a.tags == b.tags && a.owner == b.owner &&
         a.criticality == b.criticality && a.at == b.at;
}

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::string text() {
    static const std::vector<std::string> pieces{"a", "\"", "\\", "\n", std::string(1, '\0'), "\xc3\xa9", "{", "\x1b["};
    std::string text;
    for (std::uint32_t left = below(6); left > 0; --left) text += pieces[below(8)];
    return text;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> list(below(4));
    for (std::string& one : list) one = text();
    return list;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("what a source was expanded to is read back as it was, whatever is in it") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    Chance chance(seed);
    ReadSource source;
    for (std::uint32_t left = chance.below(5); left > 0; --left)
      source.targets.push_back({chance.text(),
                                chance.texts(),
                                chance.texts(),
                                chance.text(),
                                chance.text(),
                                {chance.below(9), chance.below(9), 0}});
    source.notices = chance.texts();
    for (std::string& group : chance.texts()) source.plain_groups.insert(group);
    const ReadSource read = read_expanded(write_expanded(source));
    CHECK(std::equal(read.targets.begin(), read.targets.end(), source.targets.begin(), source.targets.end(), same));
    CHECK(read.notices == source.notices);
    CHECK(read.plain_groups == source.plain_groups);
    CHECK(read.mistakes.empty());
  }
}

TEST_CASE("nothing of a host but what a target has is kept of a source") {
  const ReadSource source =
      read_ansible_source(R"({"_meta":{"hostvars":{"web":{"ansible_host":"10.0.0.1","ansible_password":"swordfish"}}},)"
                          R"("all":{"hosts":["web"]}})");
  REQUIRE(source.targets.size() == 1);
  const std::string kept = write_expanded(source);
  CHECK(kept.find("10.0.0.1") != std::string::npos);
  CHECK(kept.find("swordfish") == std::string::npos);
}

TEST_CASE("what was kept and cannot be read is a mistake, and no empty source") {
  for (const char* bytes : {"", "nonsense", "[]", "{}", R"({"targets":1})"})
    CHECK(read_expanded(bytes).mistakes.size() == 1);
}
