#include "proto/resolv_conf.hpp"

#include <algorithm>
#include <charconv>

#include "base/address.hpp"
#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t servers_max = 3;  // MAXNS
constexpr std::size_t search_max = 32;
constexpr std::size_t name_max = 255;

bool is_server(std::string_view text) {
  const std::size_t zone = text.find('%');
  const auto address = parse_address(text.substr(0, zone));
  return address && (zone == std::string_view::npos || (address->family == Family::v6 && zone + 1 < text.size()));
}

/// The number behind "ndots:", at most `most`; what was there where it is none.
int number(std::string_view text, int most, int before) {
  int value = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc::result_out_of_range && text.front() != '-') return most;
  if (failed != std::errc() || value < 0) return before;
  return std::min(value, most);
}

void read_option(std::string_view option, ResolvConf& conf) {
  if (option == "rotate") conf.rotate = true;
  if (option.starts_with("ndots:")) conf.ndots = number(option.substr(6), 15, conf.ndots);
  if (option.starts_with("timeout:")) conf.timeout_s = std::max(1, number(option.substr(8), 30, conf.timeout_s));
  if (option.starts_with("attempts:")) conf.attempts = std::max(1, number(option.substr(9), 5, conf.attempts));
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf conf;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const std::string_view keyword = take_word(line);
    if (keyword == "nameserver") {
      const std::string_view server = take_word(line);
      if (is_server(server) && conf.nameservers.size() < servers_max) conf.nameservers.emplace_back(server);
    } else if (keyword == "search" || keyword == "domain") {
      conf.search.clear();
      const std::size_t most = keyword == "domain" ? 1 : search_max;
      for (auto name = take_word(line); !name.empty() && conf.search.size() < most; name = take_word(line))
        if (name.size() <= name_max) conf.search.emplace_back(name);
    } else if (keyword == "options") {
      for (auto option = take_word(line); !option.empty(); option = take_word(line)) read_option(option, conf);
    }
  }
  return conf;
}

}  // namespace audit::proto
