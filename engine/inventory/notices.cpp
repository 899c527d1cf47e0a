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
                fmt::format("{} overlaps {} ({}); an address of both is asked once, as the earlier entry "
                            "says, and the stricter `never`, `safety` and `gap` hold",
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
        fmt::format("{} ({}){} listed by {}: of {} holds what {} own {}, not what {} says, but for stricter "
                    "`never`, `safety` and `gap`",
                    visible(first->text), format_place(first->place), count == 1 ? " is" : others + " are",
                    count == 1 ? "itself" : "themselves", count == 1 ? "it" : "them", count == 1 ? "its" : "their",
                    count == 1 ? "entry says" : "entries say", visible(owners[i]->text)));
  }
}

void notice_credentials(const std::vector<CredentialSource>& credentials, Notices& notices) {
  for (const CredentialSource& credential : credentials)
    if (credential.grant.unverified)
      notices.add(
          credential.place,
          fmt::format("credential `{}` goes to whoever answers at the endpoints it is for, whatever the server's "
                      "certificate (unverified = true)",
                      visible(credential.name, 100)));
}

void notice_expectations(const std::vector<Entry>& entries, Notices& notices) {
  std::set<const Settings*> looked_at;
  std::set<const Settings*> nameless;
  std::set<std::string> told;
  const auto tell = [&](const Place& place, const std::string& message) {
    if (told.insert(format_place(place) + message).second) notices.add(place, message);
  };
  for (const Entry& entry : entries) {
    const bool addresses = entry.settings->expect_answers && entry.settings->expect_answers->addresses;
    if (addresses && entry.kind != Entry::Kind::name && nameless.insert(entry.settings.get()).second)
      tell(entry.place, fmt::format("expect.addresses says what a name resolves to, and {} is none: nothing is checked",
                                    visible(entry.text)));
    if (!looked_at.insert(entry.settings.get()).second) continue;
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
      const Settings& settings = *entry.settings;
      const ExpectedPorts* expected = (transport == Transport::tcp ? settings.expect_tcp : settings.expect_udp).get();
      if (expected == nullptr) continue;
      const bool nothing_named = expected->require.empty() && expected->allow.empty() && expected->deny.empty();
      if (expected->sweep.empty() && nothing_named)
        tell(expected->place,
             fmt::format(
                 "expect.{} expects nothing: `other` says what the other ports of a sweep are, and there is none; "
                 "write where to look, such as sweep = {}",
                 name_of(transport), transport == Transport::tcp ? "\"1-1024\"" : "[53, 123, 161]"));
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
