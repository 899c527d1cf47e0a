#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inventory/inventory.hpp"

namespace audit::inventory {

/// What a user should know and need not change; the first fifty, the rest counted.
class Notices {
 public:
  void add(const Place& place, const std::string& message);
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::vector<std::string> kept_;
  std::size_t dropped_ = 0;
};

/// Tells of blocks that cover the same addresses, and of listed addresses that lie in a block which says other things
/// of them: which entry holds is then no matter of guessing.
void notice_overlaps(const std::vector<Entry>& entries, Notices& notices);
/// Tells of credentials that go to servers that nothing proves.
void notice_credentials(const std::vector<CredentialSource>& credentials, Notices& notices);
/// Tells of expectations that cannot show anything: ports allowed where no one looks, ports required and never asked.
void notice_expectations(const std::vector<Entry>& entries, Notices& notices);

}  // namespace audit::inventory
