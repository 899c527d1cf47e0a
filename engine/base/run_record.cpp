#include "base/run_record.hpp"

namespace audit {

void Summary::count(const Check& check) {
  ++checks[static_cast<std::size_t>(check.status())];
  for (const Finding& result : check.results) {
    ++results[static_cast<std::size_t>(result.status)];
    if (result.status == Status::fail) ++failures[static_cast<std::size_t>(result.severity)];
  }
}

double Summary::score() const {
  const std::uint64_t counted = of(Status::pass) + of(Status::fail) + of(Status::error) + of(Status::not_reviewed);
  return counted == 0 ? 0.0 : static_cast<double>(of(Status::pass)) / static_cast<double>(counted);
}

double Summary::coverage() const {
  if (planned == 0) return 0.0;
  const std::uint64_t blind = of(Status::error) + of(Status::not_reviewed);
  return blind > planned ? 0.0 : static_cast<double>(planned - blind) / static_cast<double>(planned);
}

}  // namespace audit
