#include "inventory/notices.hpp"

#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "inventory/block_index.hpp"
#include "inventory/mistakes.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most = 50;

struct ListedIn {
  std::size_t count = 0;
  const Entry* first = nullptr;
};

}  // namespace

void Notices::add(const Place& place, const std::string& message) {
  if (kept_.size() < most)
    kept_.push_back(fmt::format("{}: {}", format_place(place), message));
  else
    ++dropped_;
}

std::vector<std::string> Notices::take() {
  if (dropped_ > 0) kept_.push_back(fmt::format("and {}", counted(dropped_, "more notice")));
  return std::move(kept_);
}

void notice_overlaps(const std::vector<Entry>& entries, Notices& notices) {
  std::vector<const Entry*> owners;
  std::vector<AddressBlock> blocks;
  for (const Entry& entry : entries) {
    if (entry.kind != Entry::Kind::block) continue;
    owners.push_back(&entry);
    blocks.push_back(entry.block);
  }
  const BlockIndex index(blocks);
  for (const auto& [later, earlier] : index.overlaps())
    notices.add(owners[later]->place,
                fmt::format("{} overlaps {} ({}); an address of both is asked once, as the earlier entry says",
                            visible(owners[later]->text), visible(owners[earlier]->text),
                            format_place(owners[earlier]->place)));

  std::vector<ListedIn> listed(blocks.size());
  for (const Entry& entry : entries) {
    if (entry.kind != Entry::Kind::address) continue;
    const auto block = index.find(entry.block.first);
    if (!block || owners[*block]->settings == entry.settings) continue;
    if (++listed[*block].count == 1) listed[*block].first = &entry;
  }
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const auto& [count, first] = listed[i];
    if (count == 0) continue;
    const std::string others = count == 1 ? "" : fmt::format(" and {}", counted(count - 1, "other"));
    notices.add(
        owners[i]->place,
        fmt::format("{} ({}){} listed by {}: of {} holds what {} own {}, not what {} says", visible(first->text),
                    format_place(first->place), count == 1 ? " is" : others + " are",
                    count == 1 ? "itself" : "themselves", count == 1 ? "it" : "them", count == 1 ? "its" : "their",
                    count == 1 ? "entry says" : "entries say", visible(owners[i]->text)));
  }
}

void notice_expectations(const std::vector<Entry>& entries, Notices& notices) {
  std::set<const Settings*> looked_at;
  std::set<std::string> told;
  const auto tell = [&](const Place& place, const std::string& message) {
    if (told.insert(format_place(place) + message).second) notices.add(place, message);
  };
  for (const Entry& entry : entries) {
    if (!looked_at.insert(entry.settings.get()).second) continue;
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
      const Settings& settings = *entry.settings;
      const ExpectedPorts* expected = (transport == Transport::tcp ? settings.expect_tcp : settings.expect_udp).get();
      if (expected == nullptr) continue;
      if (expected->sweep.empty() && !expected->allow.empty())
        tell(expected->place,
             fmt::format("allow without a sweep: nobody looks for other ports; say where to look, such as sweep = {}",
                         transport == Transport::tcp ? "\"1-1024\"" : "[53, 123, 161]"));
      for (const std::uint16_t port : expected->require.list())
        if (settings.never.of(transport).contains(port))
          tell(expected->place,
               fmt::format("{}/{} is required, but among the never ports of {}, so it is not looked at",
                           name_of(transport), port, visible(entry.text)));
    }
  }
}

}  // namespace audit::inventory
