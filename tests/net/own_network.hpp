#pragma once

#include <optional>
#include <string>

namespace audit::test {

/// Runs `body` in a process with a network of its own: loopback with 127.0.0.0/8, ::1 and 10.9.9.1, no route elsewhere,
/// source ports as `ports` says ("40000 40000"; "" for the usual). What body returned; nothing where the machine allows no such
/// namespaces, which the caller counts as skipped.
[[nodiscard]] std::optional<std::string> in_own_network(const std::string& ports, std::string (*body)());

}  // namespace audit::test
