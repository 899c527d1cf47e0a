#include <fmt/format.h>

#include "base/text.hpp"
#include "inventory/json_walk.hpp"

namespace audit::inventory {
namespace {

/// One object of the list, as far as it is read.
struct Item {
  std::string address;  // of an IP address
  std::string primary;  // primary_ip.address of a device or machine
  std::string primary4;
  std::string primary6;
  std::string name;
  std::string role;
  std::string site;
  std::string tenant;
  std::string status;
  std::vector<std::string> tags;
};

void take(Item& item, const JsonWalk::Path& path, std::size_t top, std::string_view value) {
  const std::size_t depth = path.size() - top;
  const std::string& key = path[top];
  const auto is = [&](std::string_view field) { return depth == 2 && path[top + 1] == field; };
  if (depth == 1 && key == "address") item.address = value;
  if (depth == 1 && (key == "name" || key == "dns_name") && !value.empty()) item.name = value;
  if (key == "primary_ip" && is("address")) item.primary = value;
  if (key == "primary_ip4" && is("address")) item.primary4 = value;
  if (key == "primary_ip6" && is("address")) item.primary6 = value;
  if ((key == "role" || key == "device_role") && is("slug")) item.role = value;
  if (key == "site" && is("slug")) item.site = value;
  if (key == "tenant" && is("name")) item.tenant = value;
  if (key == "status" && is("value")) item.status = value;
  if (key == "tags" && depth == 3 && path[top + 2] == "slug") item.tags.emplace_back(value);
}

/// Without its prefix length: the interface's, not the target's.
std::string host_of(const std::string& address) { return address.substr(0, address.find('/')); }

/// What NetBox says of the list, beside it.
struct Page {
  std::string next;
  std::string previous;
  std::string count;
  std::uint64_t objects = 0;
  std::uint64_t others = 0;  // of the list, and no objects
};

constexpr std::string_view export_all = "export it all, with ?limit=0";

void check_page(const Page& page, ReadSource& source) {
  if (page.others > 0)
    source.mistakes.push_back({{},
                               fmt::format("lists {} that {} no object, of which nothing can be told; NetBox's API "
                                           "gives {{\"results\": [{{…}}, …]}}",
                                           counted(page.others, "item"), page.others == 1 ? "is" : "are")});
  for (const auto& [key, value] : {std::pair("next", &page.next), std::pair("previous", &page.previous)}) {
    if (value->empty()) continue;
    source.mistakes.push_back({{},
                               fmt::format("is one page of several (`{}` is set), and what is on the others would be "
                                           "missing; {}",
                                           key, export_all)});
    return;
  }
  if (!page.count.empty() && page.count != fmt::format("{}", page.objects))
    source.mistakes.push_back(
        {{},
         fmt::format("says `count` = {} and lists {}: the others would be missing; {}",
                     page.count.find_first_not_of("0123456789") == std::string::npos ? page.count : "(no number)",
                     counted(page.objects, "object"), export_all)});
}

void add_tag(SourcedTarget& target, std::string_view kind, const std::string& value) {
  if (!value.empty()) target.tags.push_back(fmt::format("{}:{}", kind, value));
}

}  // namespace

ReadSource read_netbox_source(std::string_view bytes) {
  ReadSource source;
  Lines lines(bytes);
  JsonWalk walk;
  Item item;
  std::size_t begun = 0;
  std::uint64_t addressless = 0;
  std::string first_addressless;
  Page page;
  bool listed = false;
  // {"results": [ {…} ]} or [ {…} ]
  const auto top_of = [](const JsonWalk::Path& path) -> std::size_t {
    if (!path.empty() && path[0] == "[]") return 1;
    return path.size() > 1 && path[0] == "results" && path[1] == "[]" ? 2 : 0;
  };
  walk.begin = [&](const JsonWalk::Path& path, std::size_t offset) {
    const std::size_t top = top_of(path);
    listed = listed || top > 0;
    if (top == 0 || path.size() != top) return true;
    item = Item();
    begun = offset;
    ++page.objects;
    return source.targets.size() < most_sourced;
  };
  walk.scalar = [&](const JsonWalk::Path& path, std::string_view value, std::size_t /*offset*/) {
    if (path.size() == 1 && path[0] == "next") page.next = value;
    if (path.size() == 1 && path[0] == "previous") page.previous = value;
    if (path.size() == 1 && path[0] == "count") page.count = value;
    const std::size_t top = top_of(path);
    if (top > 0 && path.size() == top) ++page.others;
    if (top > 0 && path.size() > top) take(item, path, top, value);
    return true;
  };
  walk.end = [&](const JsonWalk::Path& path) {
    if (top_of(path) == 0 || path.size() != top_of(path)) return true;
    std::string address = item.primary.empty() ? item.primary4 : item.primary;
    if (address.empty()) address = item.primary6.empty() ? item.address : item.primary6;
    if (address.empty()) {
      if (++addressless == 1) first_addressless = item.name.empty() ? "one without a name" : item.name;
      return true;
    }
    SourcedTarget target;
    target.address = host_of(address);
    target.tags = item.tags;
    add_tag(target, "host", item.name);
    add_tag(target, "role", item.role);
    add_tag(target, "site", item.site);
    add_tag(target, "status", item.status);
    target.owner = item.tenant;
    target.at = lines.at(begun);
    source.targets.push_back(std::move(target));
    return true;
  };
  if (!walk.run(bytes, source) && source.mistakes.empty())
    source.mistakes.push_back({{}, fmt::format("a source names at most {} targets", most_sourced)});
  if (!source.mistakes.empty()) return source;
  if (!listed) source.mistakes.push_back({{}, "holds no list of objects; NetBox's API gives {\"results\": […]}"});
  check_page(page, source);
  if (addressless > 0)
    source.notices.push_back(fmt::format(
        "{} no address in NetBox and {} no target: {}{}", counted(addressless, "object has", "objects have"),
        addressless == 1 ? "is" : "are", visible(first_addressless, 80), addressless > 1 ? ", …" : ""));
  return source;
}

}  // namespace audit::inventory
