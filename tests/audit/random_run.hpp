#pragma once

#include <random>

#include "worked.hpp"

namespace audit::core {

/// A run made up from a seed: inventory, rules, network and the instant at which it is stopped, if it is.
class RandomRun {
 public:
  explicit RandomRun(std::uint64_t seed);
  void run();

  std::string inventory;  // its text
  std::unique_ptr<Worked> worked;
  bool stopped = false;
  std::map<std::string, std::vector<IpAddress>> names;  // what each name leads to

 private:
  std::uint64_t pick(std::uint64_t most) { return random_() % most; }
  bool chance(unsigned percent) { return pick(100) < percent; }
  std::string some_address();
  std::string some_ports();
  std::string make_group(int number);
  void make_inventory();
  [[nodiscard]] std::vector<std::shared_ptr<lua::Rule>> make_rules();
  void make_world();

  std::mt19937_64 random_;
};

}  // namespace audit::core
