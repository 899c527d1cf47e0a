#include <fmt/format.h>

#include <map>

#include "base/text.hpp"
#include "inventory/json_walk.hpp"

namespace audit::inventory {
namespace {

/// What is kept of the listing: names alone.
struct Listing {
  struct Group {
    std::vector<std::string> hosts;
    std::vector<std::string> children;
  };
  std::map<std::string, Group> groups;
  std::map<std::string, std::string> addresses;  // ansible_host, by host
  std::map<std::string, std::size_t> seen;       // where each host stands first
  std::vector<std::string> order;                // the hosts, as they stand
  std::size_t names = 0;
};

void see(Listing& listing, const std::string& host, std::size_t offset) {
  if (listing.seen.emplace(host, offset).second) listing.order.push_back(host);
}

bool take(Listing& listing, const JsonWalk::Path& path, std::string_view value, std::size_t offset) {
  const std::string text(value);
  if (path.size() == 4 && path[0] == "_meta" && path[1] == "hostvars" && path[3] == "ansible_host") {
    see(listing, path[2], offset);
    listing.addresses[path[2]] = text;
  } else if (path.size() == 3 && path[0] != "_meta" && path[2] == "[]" && path[1] == "hosts") {
    see(listing, text, offset);
    listing.groups[path[0]].hosts.push_back(text);
  } else if (path.size() == 3 && path[0] != "_meta" && path[2] == "[]" && path[1] == "children") {
    listing.groups[path[0]].children.push_back(text);
  } else {
    return true;
  }
  return ++listing.names <= 4 * most_sourced;
}

/// Group → the groups it is a child of, near and far, itself among them; circles end where they began.
std::set<std::string> with_parents(const std::map<std::string, std::vector<std::string>>& parents,
                                   const std::string& group) {
  std::set<std::string> all;
  std::vector<std::string> pending{group};
  while (!pending.empty()) {
    const std::string next = std::move(pending.back());
    pending.pop_back();
    if (!all.insert(next).second) continue;
    if (const auto found = parents.find(next); found != parents.end())
      pending.insert(pending.end(), found->second.begin(), found->second.end());
  }
  all.erase("all");
  all.erase("ungrouped");
  return all;
}

}  // namespace

ReadSource read_ansible_source(std::string_view bytes) {
  ReadSource source;
  Listing listing;
  JsonWalk walk;
  walk.scalar = [&](const JsonWalk::Path& path, std::string_view value, std::size_t offset) {
    return take(listing, path, value, offset);
  };
  if (!walk.run(bytes, source)) {
    if (source.mistakes.empty())
      source.mistakes.push_back({{}, fmt::format("a source names at most {} targets", most_sourced)});
    return source;
  }
  std::map<std::string, std::vector<std::string>> parents;
  std::map<std::string, std::set<std::string>> groups_of;
  for (const auto& [name, group] : listing.groups)
    for (const std::string& child : group.children) parents[child].push_back(name);
  for (const auto& [name, group] : listing.groups) {
    if (group.hosts.empty()) continue;
    const std::set<std::string> all = with_parents(parents, name);
    for (const std::string& host : group.hosts) groups_of[host].insert(all.begin(), all.end());
    source.plain_groups.insert(all.begin(), all.end());
  }
  if (listing.order.size() > most_sourced) {
    source.mistakes.push_back({{}, fmt::format("a source names at most {} targets", most_sourced)});
    return source;
  }
  Lines lines(bytes);
  std::map<std::size_t, const std::string*> by_offset;
  for (const auto& [host, offset] : listing.seen) by_offset.emplace(offset, &host);
  for (const auto& [offset, host] : by_offset) {
    SourcedTarget target;
    const auto address = listing.addresses.find(*host);
    target.address = address == listing.addresses.end() ? *host : address->second;
    target.groups.assign(groups_of[*host].begin(), groups_of[*host].end());
    if (target.address != *host) target.tags.push_back("host:" + *host);
    target.at = lines.at(offset);
    source.targets.push_back(std::move(target));
  }
  if (listing.order.empty())
    source.notices.push_back("no group lists hosts; is this what `ansible-inventory --list` printed?");
  return source;
}

}  // namespace audit::inventory
