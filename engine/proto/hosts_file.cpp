#include "proto/hosts_file.hpp"

#include <algorithm>

#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t name_max = 255;

std::string key_of(std::string_view name) {
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  return lowered(name);
}

template <class T>
void add_once(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

}  // namespace

HostsFile::HostsFile(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = take_line(text);
    line = line.substr(0, line.find('#'));
    const auto address = parse_address(take_word(line));
    if (!address) continue;
    for (auto name = take_word(line); !name.empty(); name = take_word(line)) {
      if (name.size() > name_max) continue;
      add_once(addresses_[key_of(name)], *address);
      names_[*address].emplace_back(name);
    }
  }
}

std::vector<IpAddress> HostsFile::lookup(std::string_view name) const {
  const auto found = addresses_.find(key_of(name));
  return found == addresses_.end() ? std::vector<IpAddress>() : found->second;
}

std::vector<std::string> HostsFile::names_of(const IpAddress& address) const {
  const auto found = names_.find(address);
  return found == names_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace audit::proto
