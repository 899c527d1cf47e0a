#include <fmt/format.h>

#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "inventory/disclosure.hpp"
#include "inventory/json_walk.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most_groups = 100;  // of one host

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

/// Of `name`, as far as it may be shown.
std::string group_named(const std::string& name) {
  return may_be_shown(name) ? fmt::format("the group \"{}\"", name) : std::string("a group");
}

/// What keeps the value at this path from being read, where it should be; "" where nothing does. `scalar`: it is a text,
/// a number or a truth, else a table or list begins.
std::string complaint_of(const JsonWalk::Path& path, bool scalar, std::string_view value) {
  const std::size_t depth = path.size();
  if (depth == 0) return {};
  if (path[0] == "[]") return "is a list and no table of groups";
  if (path[0] == "_meta") {
    if (depth < 2 || path[1] != "hostvars") return {};
    if (depth == 3 && path[2] == "[]") return "`hostvars` is no table of hosts";
    return depth == 4 && path[3] == "ansible_host" && !scalar ? "`ansible_host` of a host is no text" : "";
  }
  if (depth == 1)
    return scalar && !value.empty() ? group_named(path[0]) + " is no table, and its hosts would be missing" : "";
  if (path[1] == "[]") return group_named(path[0]) + " is a list and no table, and its hosts would be missing";
  if (path[1] != "hosts" && path[1] != "children") return {};
  const bool good = depth == 2 ? !scalar || value.empty() : depth == 3 && path[2] == "[]" && scalar;
  if (good) return {};
  return fmt::format("`{}` of {} is no list of names, and some would be missing", path[1], group_named(path[0]));
}

/// Who is a child of whom, by number.
class Ancestry {
 public:
  explicit Ancestry(const std::map<std::string, Listing::Group>& groups) {
    for (const auto& [name, group] : groups)
      for (const std::string& child : group.children) {
        const std::size_t below = number_of(child);
        const std::size_t above = number_of(name);
        parents_[below].push_back(above);
      }
  }

  /// The group and those that it is a child of, near and far, in the order of their names; circles end where they began.
  /// Nothing where they are too many: each visit costs no more than that.
  std::optional<std::set<std::string>> of(const std::string& group) {
    std::set<std::string> names;
    std::unordered_set<std::size_t> seen;
    std::vector<std::size_t> pending{number_of(group)};
    while (!pending.empty()) {
      const std::size_t next = pending.back();
      pending.pop_back();
      if (!seen.insert(next).second) continue;
      const std::string& name = *names_[next];
      if (name != "all" && name != "ungrouped") names.insert(name);
      if (names.size() > most_groups) return std::nullopt;
      for (const std::size_t parent : parents_[next])
        if (!seen.contains(parent)) pending.push_back(parent);
    }
    return names;
  }

 private:
  std::size_t number_of(const std::string& name) {
    const auto [known, fresh] = numbers_.emplace(name, names_.size());
    if (fresh) {
      names_.push_back(&known->first);
      parents_.emplace_back();
    }
    return known->second;
  }

  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<const std::string*> names_;
  std::vector<std::vector<std::size_t>> parents_;
};

ReadSource::Complaint too_many_groups(const Listing& listing, Lines& lines, const std::string& host) {
  return {
      lines.at(listing.seen.at(host)),
      fmt::format("{} is in more than {} groups, counting those that its groups are children of; a host may be in at "
                  "most {}",
                  may_be_shown(host) ? "the host " + host : "a host", most_groups, most_groups)};
}

}  // namespace

ReadSource read_ansible_source(std::string_view bytes) {
  ReadSource source;
  Listing listing;
  JsonWalk walk;
  Lines seen(bytes);
  std::set<std::string> told;
  std::vector<ReadSource::Complaint> shapes;
  const auto look = [&](const JsonWalk::Path& path, bool scalar, std::string_view value, std::size_t offset) {
    std::string odd = complaint_of(path, scalar, value);
    if (odd.empty() || told.size() > Mistakes::most || !told.insert(odd).second) return;
    shapes.push_back({seen.at(offset), odd + "; give what `ansible-inventory --list` prints"});
  };
  walk.begin = [&](const JsonWalk::Path& path, std::size_t offset) {
    look(path, false, "", offset);
    return true;
  };
  walk.scalar = [&](const JsonWalk::Path& path, std::string_view value, std::size_t offset) {
    look(path, true, value, offset);
    return take(listing, path, value, offset);
  };
  if (!walk.run(bytes, source)) {
    if (source.mistakes.empty())
      source.mistakes.push_back({{}, fmt::format("a source names at most {} targets", most_sourced)});
    return source;
  }
  if (!shapes.empty()) {
    source.mistakes = std::move(shapes);
    return source;
  }
  if (listing.order.size() > most_sourced) {
    source.mistakes.push_back({{}, fmt::format("a source names at most {} targets", most_sourced)});
    return source;
  }
  Lines lines(bytes);
  Ancestry ancestry(listing.groups);
  std::map<std::string, std::set<std::string>> groups_of;
  for (const std::string& host : listing.order) groups_of[host];
  for (const auto& [name, group] : listing.groups) {
    if (group.hosts.empty()) continue;
    const auto all = ancestry.of(name);
    if (all) source.plain_groups.insert(all->begin(), all->end());
    for (const std::string& host : group.hosts) {
      std::set<std::string>& groups = groups_of[host];
      if (all) groups.insert(all->begin(), all->end());
      if (all && groups.size() <= most_groups) continue;
      source.mistakes.push_back(too_many_groups(listing, lines, host));
      source.plain_groups.clear();
      return source;
    }
  }
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
