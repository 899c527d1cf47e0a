#include "own_network.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <exception>
#include <fstream>

namespace audit::test {
namespace {

constexpr std::string_view refused = "\x01";

bool furnish(const std::string& ports) {
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) != 0) return false;
  std::strcpy(request.ifr_name, "lo:1");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, "10.9.9.1", &address.sin_addr);
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  if (ioctl(control, SIOCSIFADDR, &request) != 0) return false;
  inet_pton(AF_INET, "255.255.255.255", &address.sin_addr);
  std::memcpy(&request.ifr_netmask, &address, sizeof address);
  if (ioctl(control, SIOCSIFNETMASK, &request) != 0) return false;
  close(control);
  if (ports.empty()) return true;
  std::ofstream range("/proc/sys/net/ipv4/ip_local_port_range");
  range << ports << std::flush;
  return range.good();
}

}  // namespace

std::optional<std::string> in_own_network(const std::string& ports, std::string (*body)()) {
  std::array<int, 2> pipes{};
  if (pipe(pipes.data()) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child < 0) return std::nullopt;
  if (child == 0) {
    std::string said(refused);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && furnish(ports)) {
      try {
        said = body();
      } catch (const std::exception& failure) {
        said = std::string("threw: ") + failure.what();
      }
    }
    const ssize_t written = write(pipes[1], said.data(), said.size());
    _exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  close(pipes[1]);
  std::string said;
  std::array<char, 4'096> buffer;
  for (ssize_t got = 0; (got = read(pipes[0], buffer.data(), buffer.size())) > 0;)
    said.append(buffer.data(), static_cast<std::size_t>(got));
  close(pipes[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (said == refused) return std::nullopt;
  return said;
}

}  // namespace audit::test
