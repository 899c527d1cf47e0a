#include "cli/vantage.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "net/socket_address.hpp"

namespace audit::cli {
namespace {

/// As this machine's own file names them: the name service may be a directory that does not answer, and has no deadline.
std::string local_name(uid_t user) {
  std::string name = fmt::format("uid {}", user);
  FILE* const file = std::fopen("/etc/passwd", "re");
  if (file == nullptr) return name;
  while (const passwd* const entry = fgetpwent(file))
    if (entry->pw_uid == user) {
      name = entry->pw_name;
      break;
    }
  (void)std::fclose(file);
  return name;
}

}  // namespace

void describe_vantage(RunRecord& record) {
  auto& vantage = record.run.vantage;
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) vantage.host = name.data();
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) == 0) {
    for (const ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
      if (item->ifa_addr == nullptr) continue;
      const int family = item->ifa_addr->sa_family;
      if (family != AF_INET && family != AF_INET6) continue;
      net::SocketAddress socket;
      const std::size_t length = family == AF_INET ? 16 : 28;  // sizeof sockaddr_in, sockaddr_in6
      std::copy_n(static_cast<const char*>(static_cast<const void*>(item->ifa_addr)), length,
                  static_cast<char*>(static_cast<void*>(&socket.storage)));
      const IpAddress address = net::from_socket_address(socket, Transport::tcp).address;
      if (kind_of(address) == AddressKind::ordinary) vantage.addresses.push_back(format_address(address));
    }
    freeifaddrs(list);
  }
  if (vantage.addresses.empty()) vantage.addresses.emplace_back("127.0.0.1");
  std::sort(vantage.addresses.begin(), vantage.addresses.end());
}

void describe_user(RunRecord& record) {
  // Under sudo root is who may, not who did; the word is the machine's, not proven.
  const char* const behind = std::getenv("SUDO_USER");
  if (geteuid() == 0 && behind != nullptr && *behind != '\0')
    record.run.user = std::string(behind) + " (sudo)";
  else
    record.run.user = local_name(geteuid());
}

void describe_resolvers(RunRecord& record, const net::ResolverConfig& resolvers) {
  auto& vantage = record.run.vantage;
  for (const Endpoint& server : resolvers.servers)
    vantage.resolvers.push_back(format_socket(server.address, server.port));
}

}  // namespace audit::cli
