#include "inventory/time_zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace audit::inventory {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::string_view utc = "UTC";

/// Where the C library looks as well.
std::string folder() {
  const char* named = std::getenv("TZDIR");
  return named != nullptr && *named != '\0' ? named : "/usr/share/zoneinfo";
}

bool has_zones() {
  std::error_code failure;
  return std::filesystem::is_directory(folder(), failure);
}

/// "Europe/Berlin", "Etc/GMT+1": never a path that leads elsewhere.
bool is_name(std::string_view text) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  return !text.empty() && text.size() <= longest_name && text.front() != '/' &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

/// A file of RFC 8536 begins with "TZif".
bool is_zone(const std::string& name) {
  if (!is_name(name)) return false;
  std::ifstream file(folder() + "/" + name, std::ios::binary);
  std::array<char, 4> magic{};
  return file.read(magic.data(), magic.size()) && std::string_view(magic.data(), magic.size()) == "TZif";
}

std::vector<std::string> zones_near(const std::string& text) {
  std::vector<std::string> names;
  std::error_code failure;
  const std::string area = text.substr(0, text.find('/'));
  if (!is_name(text) || area.size() == text.size()) return names;
  const std::filesystem::path base = std::filesystem::path(folder()) / area;
  for (auto it = std::filesystem::directory_iterator(base, failure);
       !failure && it != std::filesystem::directory_iterator(); it.increment(failure))
    names.push_back(area + "/" + it->path().filename().string());
  return names;
}

/// How far clocks are ahead of UTC in a zone that this machine's tzdata has.
std::chrono::seconds ahead_in(const std::string& zone, std::chrono::sys_seconds time) {
  return date::locate_zone(zone)->get_info(time).offset;
}

}  // namespace

std::string read_time_zone(Mistakes& mistakes, const KeyValue& member) {
  const auto name = read_text(mistakes, member, "\"Europe/Berlin\"");
  if (!name || *name == utc || is_zone(*name)) return name.value_or(std::string(utc));
  if (!has_zones()) {
    mistakes.add(member.node.at, fmt::format("this machine knows no time zones ({} is missing): install tzdata, or "
                                             "write timezone = \"UTC\"",
                                             folder()));
    return std::string(utc);
  }
  const std::vector<std::string> near = zones_near(*name);
  const std::string hint = did_you_mean(*name, {near.begin(), near.end()});
  mistakes.add(member.node.at,
               fmt::format("{} is no time zone that this machine's tzdata has{}", inventory::quoted(*name),
                           hint.empty() ? std::string("; write one such as \"Europe/Berlin\" or \"UTC\"") : hint));
  return std::string(utc);
}

Day day_in(const std::string& zone, WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return std::chrono::floor<std::chrono::days>(zone == utc ? seconds : seconds + ahead_in(zone, seconds));
}

ZoneTime local_time(const std::string& zone, WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  if (zone != utc) return {zone, std::chrono::floor<std::chrono::minutes>(ahead_in(zone, seconds))};
  const std::time_t moment = seconds.time_since_epoch().count();
  std::tm local{};
  if (localtime_r(&moment, &local) == nullptr || local.tm_zone == nullptr) return {zone, {}};
  return {local.tm_zone, std::chrono::floor<std::chrono::minutes>(std::chrono::seconds(local.tm_gmtoff))};
}

}  // namespace audit::inventory
