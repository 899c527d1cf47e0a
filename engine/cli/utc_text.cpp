#include "cli/utc_text.hpp"

#include <cstdio>
#include <ctime>

namespace audit::cli {

std::optional<WallTime> parse_utc(const std::string& text) {
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  int milliseconds = 0;
  int taken = 0;
  if (*rest == '.' && std::sscanf(rest, ".%3d%n", &milliseconds, &taken) != 1) return std::nullopt;
  if (*rest == '.' && taken != 4) return std::nullopt;
  rest += taken;
  if (*rest == 'Z') ++rest;
  if (*rest != '\0') return std::nullopt;
  return WallTime(std::chrono::milliseconds(std::int64_t{timegm(&parts)} * 1'000 + milliseconds));
}

}  // namespace audit::cli
