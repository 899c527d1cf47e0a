#include "base/value.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace audit;

TEST_CASE("an object is as a map by name, in whatever order its members come") {
  const std::uint32_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    Value::Object object;
    std::map<std::string, std::int64_t> model;
    for (std::int64_t step = 0; step < 40; ++step) {
      const std::string name(random() % 20, static_cast<char>('a' + random() % 3));
      switch (random() % 4) {
        case 0: REQUIRE(object.erase(name) == model.erase(name)); break;
        case 1: REQUIRE(object.contains(name) == model.contains(name)); break;
        default: object[name] = model[name] = step;
      }
    }
    REQUIRE(object.size() == model.size());
    auto member = object.begin();
    for (const auto& [name, number] : model) {
      REQUIRE(member->first == name);
      REQUIRE(member->second == Value(number));
      ++member;
    }
  }
}

TEST_CASE("a name may be a view of what the object holds") {
  Value::Object object;
  object["a"] = "z";
  for (int i = 0; i < 20; ++i)
    object[std::string(1, static_cast<char>('b' + i))] = i;  // until the next needs more room
  object[*object.at("a").get_if<std::string>()] = "last";
  CHECK(object.at("z") == Value("last"));
}
