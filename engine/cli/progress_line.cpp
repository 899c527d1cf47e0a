#include "cli/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "cli/time_span.hpp"

namespace audit::cli {
namespace {

constexpr double soonest = 2;  // seconds: before that a speed is chance

struct Part {
  std::string text;
  int rank = 0;  // the highest is left out first
};

std::string joined(const std::vector<Part>& parts) {
  std::string line;
  for (const Part& part : parts) line += line.empty() ? part.text : ", " + part.text;
  return line;
}

}  // namespace

std::string progress_line(const ProgressSight& sight, std::size_t width) {
  const std::uint64_t fresh = sight.done - std::min(sight.done, sight.done_before);
  const bool judged = fresh > 0 && sight.seconds > soonest;
  std::vector<Part> parts{
      {fmt::format("{} of {}", sight.done, counted(sight.members, "address or name", "addresses and names")), 0}};
  if (judged) parts.push_back({fmt::format("{:.0f} a second", static_cast<double>(fresh) / sight.seconds), 5});
  parts.push_back({counted(sight.checks, "check"), 4});
  parts.push_back({counted(sight.failures, "failure"), 1});
  parts.push_back({fmt::format("{} not seen", sight.unseen), 3});
  if (judged && sight.done < sight.members)
    parts.push_back(
        {rough_time(sight.seconds / static_cast<double>(fresh) * static_cast<double>(sight.members - sight.done)) +
             " left",
         2});
  std::string line = joined(parts);
  while (line.size() > width && parts.size() > 1) {
    parts.erase(std::max_element(parts.begin(), parts.end(),
                                 [](const Part& one, const Part& other) { return one.rank < other.rank; }));
    line = joined(parts);
  }
  return line.substr(0, width);
}

}  // namespace audit::cli
