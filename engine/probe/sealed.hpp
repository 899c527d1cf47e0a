#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/value.hpp"

namespace audit::probe {

class Context;
struct Channel;

/// Bytes that hold secrets of the inventory, on their way from a rule, which does not see them, to a socket.
struct Sealed {
  std::string bytes;
  std::string shown;                     // as long, with asterisks for what came of a secret
  std::vector<std::string> credentials;  // whose secrets, each once
};

/// May all of it leave for `to`? As Credentials::permit.
[[nodiscard]] Result<void> permit(Context& context, const Sealed& sealed, const Endpoint& to, const Channel& channel);

/// What stands for sealed bytes in an options table: which of the question's, and a digest that equal ones share. A word
/// reads it with Options::sealed; every other option refuses it.
[[nodiscard]] Value mark_of(const Sealed& sealed, std::size_t number);
[[nodiscard]] bool is_mark(const Value& value);
/// Which of the question's; the value is a mark.
[[nodiscard]] std::size_t number_of(const Value& mark);

}  // namespace audit::probe
