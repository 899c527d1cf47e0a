#include "cli/schedule_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_slug = 32;
constexpr std::size_t hash_digits = 6;
constexpr std::string_view marker =
    "# Made by audit schedule install, which writes it anew; audit schedule remove takes it away.";
constexpr std::string_view inventory_line = "# inventory: \"";
constexpr std::string_view when_line = "# when: ";

/// "Campus (old).toml" as "campus-old": what a unit, a file of cron.d and a shell all take as a name.
std::string slug_of(const std::string& stem) {
  std::string slug;
  for (const char c : stem) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      slug += upper ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!slug.empty() && slug.back() != '-')
      slug += '-';
  }
  slug = slug.substr(0, longest_slug);
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "inventory" : slug;
}

}  // namespace

std::string whole_path(const std::string& path) {
  std::error_code failure;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, failure), failure);
  const std::string text = whole.empty() ? fs::absolute(path, failure).lexically_normal().string() : whole.string();
  return text.size() > 1 && text.back() == '/' ? text.substr(0, text.size() - 1) : text;
}

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + '/');
}

std::string job_name(const std::string& inventory) {
  const std::string whole = whole_path(inventory);
  return fmt::format("audit-{}-{}", slug_of(fs::path(whole).stem().string()), sha256_hex(whole).substr(0, hash_digits));
}

std::string head_of(const ScheduledJob& job) {
  std::string when = describe(job.calendar);
  if (job.jitter > Duration::zero()) when += fmt::format(", up to {} later", format_duration(job.jitter));
  return fmt::format("{}\n{}{}\"\n{}{}\n", marker, inventory_line, visible(job.inventory), when_line, visible(when));
}

std::optional<JobHead> parse_head(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != marker) return std::nullopt;
  JobHead head;
  if (!std::getline(lines, line) || !line.starts_with(inventory_line) || !line.ends_with('"')) return std::nullopt;
  head.inventory = from_visible(line.substr(inventory_line.size(), line.size() - inventory_line.size() - 1));
  if (!std::getline(lines, line) || !line.starts_with(when_line)) return std::nullopt;
  head.when = from_visible(line.substr(when_line.size()));
  return head;
}

}  // namespace audit::cli
