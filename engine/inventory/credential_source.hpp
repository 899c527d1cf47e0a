#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/grant.hpp"
#include "base/time.hpp"
#include "inventory/place.hpp"

namespace audit::inventory {

/// Where a secret is found, and whom it is for; it is named, never written (law 8).
struct CredentialSource {
  std::string name;
  std::string env;                              // an environment variable, or
  std::string file;                             // a path, relative to the folder of the inventory's file, or
  std::vector<std::string> command;             // a program and its arguments, whose standard output it is
  Duration timeout = std::chrono::seconds(10);  // of the command; 1s to 5m
  Grant grant;
  bool notify = false;  // notifiers may use it; without groups and targets they alone
  Place place;  // of its table, in the inventory
};

/// Is a value of this key a secret, as in `password`, `snmp_community`? Those are not written into an inventory.
[[nodiscard]] bool names_a_secret(std::string_view key);

}  // namespace audit::inventory
