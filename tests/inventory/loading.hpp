#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "inventory/load.hpp"

namespace audit::inventory {

/// The inventory of a text that has to load.
inline Inventory loaded(std::string_view text) {
  Loaded result = load_text(text, "inv.toml");
  for (const Mistake& mistake : result.mistakes) UNSCOPED_INFO(mistake.text());
  REQUIRE(result.mistakes.empty());
  REQUIRE(result.inventory);
  return *std::move(result.inventory);
}

/// The mistakes of a text that must not load: "line:column: message".
inline std::vector<std::string> mistakes_of(std::string_view text) {
  const Loaded result = load_text(text, "i");
  CHECK_FALSE(result.inventory);
  std::vector<std::string> texts;
  for (const Mistake& mistake : result.mistakes) texts.push_back(mistake.text().substr(2));
  return texts;
}

using Lines = std::vector<std::string>;

/// A target that is well, for texts that are about something else.
inline std::string with_target(std::string_view text) {
  return std::string(text) + "\n[[targets]]\naddress = \"10.0.0.1\"\n";
}

}  // namespace audit::inventory
