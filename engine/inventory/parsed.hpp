#pragma once

#include <string>
#include <variant>

namespace audit::inventory {

/// Why a text names nothing, and what to write instead.
struct Complaint {
  std::string text;
};

template <class T>
using Parsed = std::variant<T, Complaint>;

}  // namespace audit::inventory
