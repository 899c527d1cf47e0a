#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"

namespace audit::proto {

/// hosts(5): addresses and their names. A line that is not understood is passed over.
class HostsFile {
 public:
  HostsFile() = default;
  explicit HostsFile(std::string_view text);

  /// In the order of the file, each once. Case and a dot at the end of `name` do not matter.
  [[nodiscard]] std::vector<IpAddress> lookup(std::string_view name) const;
  /// In the order of the file, as written: the canonical name first.
  [[nodiscard]] std::vector<std::string> names_of(const IpAddress& address) const;

 private:
  std::unordered_map<std::string, std::vector<IpAddress>> addresses_;
  std::map<IpAddress, std::vector<std::string>> names_;
};

}  // namespace audit::proto
