#include <string_view>

#include "inventory/notation.hpp"
#include "inventory/target_source.hpp"

/// Any bytes are read as each kind of source or refused with a reason, and each address that they name is one or not.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace audit::inventory;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (auto* const read : {read_text_source, read_csv_source, read_ansible_source, read_netbox_source}) {
    const ReadSource source = read(bytes);
    for (const SourcedTarget& target : source.targets) {
      if (target.at.line == 0) __builtin_trap();
      static_cast<void>(parse_target(target.address));
    }
    for (const auto& [at, text] : source.mistakes)
      if (text.empty()) __builtin_trap();
  }
  return 0;
}
