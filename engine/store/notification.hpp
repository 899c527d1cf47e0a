#pragma once

#include <cstdint>
#include <string>

namespace audit::store {

/// Who was told of a run, or was not, and how that went.
struct Notification {
  std::string notifier;
  std::string condition;
  std::uint32_t attempts = 0;
  bool delivered = false;
  std::string message;
};

}  // namespace audit::store
