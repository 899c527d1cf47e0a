#pragma once

#include <cstddef>
#include <string>
#include <variant>

namespace audit::inventory {

/// No inventory is larger; what is, is refused after a glance, not read.
inline constexpr std::size_t largest_file = std::size_t{64} << 20U;

/// Why there are no bytes, as a person reads it.
struct Unreadable {
  std::string why;
};

/// The bytes of a file, a pipe or, for "-", of standard input; never more than `largest_file`.
[[nodiscard]] std::variant<std::string, Unreadable> read_source(const std::string& path);
/// The same of a file that an inventory names: an ordinary one, so that no pipe is waited for and nothing of the kernel's is
/// read, such as /proc/self/environ.
[[nodiscard]] std::variant<std::string, Unreadable> read_named_file(const std::string& path);

}  // namespace audit::inventory
