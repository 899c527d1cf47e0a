#include "cli/baseline_fold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace audit::cli {
namespace {

constexpr std::size_t fewest = 2;  // targets of a group
constexpr std::string_view groups_key = "groups = [";

bool is_shared(std::string_view line) {
  constexpr std::array<std::string_view, 10> keys{
      "safety = ",  "limits = ",    "tags = ",       "owner = ",      "criticality = ",
      "resolve = ", "assume_up = ", "expect.tcp = ", "expect.udp = ", "expect.services = "};
  return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return line.starts_with(key); });
}

/// One table: what several may say, and the rest of it.
struct Parts {
  std::string shared;
  std::string own;
};

Parts part(std::string_view table) {
  Parts parts;
  bool within = false;  // a list over several lines
  bool shared = false;
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size() - 1) + 1;
    const std::string_view line = table.substr(0, end);
    table.remove_prefix(end);
    if (!within) shared = is_shared(line);
    within = within ? !line.starts_with(']') : line.ends_with("= [\n");
    (shared ? parts.shared : parts.own) += line;
  }
  return parts;
}

/// The table with one more group, the nearest of them last.
std::string in_group(std::string own, const std::string& group) {
  const std::size_t groups = own.find("\n" + std::string(groups_key));
  if (groups != std::string::npos) {
    own.insert(own.find("]\n", groups), fmt::format(", \"{}\"", group));
    return own;
  }
  std::size_t at = own.find("\nzone = ");
  if (at == std::string::npos) at = own.find("\naddress = ");
  own.insert(own.find('\n', at + 1) + 1, fmt::format("{}\"{}\"]\n", groups_key, group));
  return own;
}

}  // namespace

std::string fold_targets(std::vector<std::string>& targets, const std::vector<std::string>& taken) {
  std::map<std::string, std::size_t> count;
  for (const std::string& table : targets)
    if (const std::string shared = part(table).shared; table.starts_with("[[targets]]") && !shared.empty())
      ++count[shared];
  std::string groups;
  std::map<std::string, std::string> names;
  std::size_t number = 0;
  for (std::string& table : targets) {
    const Parts parts = part(table);
    const auto alike = count.find(parts.shared);
    if (!table.starts_with("[[targets]]") || alike == count.end() || alike->second < fewest) continue;
    std::string& name = names[parts.shared];
    if (name.empty()) {
      do name = fmt::format("alike-{}", ++number);
      while (std::find(taken.begin(), taken.end(), name) != taken.end());
      groups += fmt::format("# {} targets look so.\n[groups.{}]\n{}\n", alike->second, name, parts.shared);
    }
    table = in_group(parts.own, name);
  }
  return groups;
}

}  // namespace audit::cli
