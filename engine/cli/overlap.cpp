#include "cli/overlap.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/text.hpp"

namespace audit::cli {

Result<Overlap> parse_overlap(const std::string& text) {
  constexpr std::string_view bounded = "wait:";
  Overlap overlap;
  if (text == "fail") return overlap;
  if (text == "skip" || text == "wait") {
    overlap.policy = text == "skip" ? Overlap::Policy::skip : Overlap::Policy::wait;
    return overlap;
  }
  if (text.starts_with(bounded)) {
    overlap.policy = Overlap::Policy::wait;
    overlap.longest = parse_duration(std::string_view(text).substr(bounded.size()));
    if (overlap.longest && *overlap.longest > Duration::zero()) return overlap;
  }
  return Error(
      Reason::local_fault,
      fmt::format("--on-overlap takes fail, skip, wait, or wait:10m for at most so long, not `{}`", visible(text)));
}

}  // namespace audit::cli
