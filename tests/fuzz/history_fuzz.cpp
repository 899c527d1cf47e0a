#include "fuzz.hpp"
#include "store/entry.hpp"
#include "store/part.hpp"
#include "store/run_head.hpp"
#include "store/segment.hpp"

using namespace audit;

namespace {

/// What could be read is written so that it is read again, to the same.
void fuzz_entry(std::string_view bytes) {
  static const std::vector<std::string> rules(8, "lab.rule");
  const auto entry = store::read_entry(bytes, rules);
  if (!entry) return;
  std::string once;
  store::write_entry(*entry, once);
  const auto again = store::read_entry(once, rules);
  require(again.has_value());
  std::string twice;
  store::write_entry(*again, twice);
  require(once == twice);
}

void fuzz_part(std::string_view bytes) {
  const auto part = store::read_part(bytes, 8);
  if (!part) return;
  std::string once;
  store::write_part(*part, once);
  const auto again = store::read_part(once, 8);
  require(again.has_value());
  std::string twice;
  store::write_part(*again, twice);
  require(once == twice);
}

}  // namespace

AUDIT_FUZZ_TARGET(bytes) {
  fuzz_entry(bytes);
  fuzz_part(bytes);
  if (const auto head = store::read_head(bytes)) {
    const std::string once = store::write_head(*head);
    const auto again = store::read_head(once);
    require(again && store::write_head(*again) == once);
  }
  if (const auto start = store::read_start(bytes)) require(store::read_start(store::write_start(*start)).has_value());
  const Result<void> read = store::read_segment(bytes, [](std::string_view record) {
    fuzz_entry(record);
    return true;
  });
  if (!read) require(!read.error().message.empty());
}
