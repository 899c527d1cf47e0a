#pragma once

#include <string>
#include <string_view>

#include "inventory/mistakes.hpp"

namespace audit::inventory {

struct SyntaxError {
  Position at;
  std::string message;
};

/// What toml++ says of a syntax error ("Error while parsing X: …"), in words that tell a network engineer what to write
/// instead. A sentence that is not known here is passed on as it is. Nothing of the text is in it where `shown` is false,
/// nor the value of a key that is called as secrets are.
[[nodiscard]] SyntaxError reword(std::string_view text, Position at, std::string_view description, bool shown = true);

}  // namespace audit::inventory
