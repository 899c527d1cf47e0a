/* The peer of the sweep benchmark: a plain connect + epoll loop, one process a core, nothing else.
 * connect_loop FIRST COUNT PORT PORTS WINDOW: asks COUNT addresses from 127.0.0.0 + FIRST, PORTS ports of each, and prints
 * how many were open, refused, and anything else. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static long open_ports, refused, other;

static void settle(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error == 0)
    ++open_ports;
  else if (error == ECONNREFUSED)
    ++refused;
  else
    ++other;
  close(fd);
}

int main(int argc, char **argv) {
  if (argc != 6) return 64;
  const unsigned long first = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10);
  const unsigned port = (unsigned)atoi(argv[3]), ports = (unsigned)atoi(argv[4]);
  const long window = atol(argv[5]);
  const unsigned long total = count * ports;
  struct epoll_event events[512];
  const int set = epoll_create1(0);
  unsigned long next = 0;
  long in_flight = 0;
  while (next < total || in_flight > 0) {
    while (next < total && in_flight < window) {
      struct sockaddr_in to;
      struct epoll_event interest;
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      if (fd < 0) return 71;
      memset(&to, 0, sizeof to);
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl((uint32_t)(0x7f000000UL + first + next / ports));
      to.sin_port = htons((uint16_t)(port + next % ports));
      ++next;
      if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || errno != EINPROGRESS) {
        if (errno == ECONNREFUSED) ++refused; else ++other;
        close(fd);
        continue;
      }
      interest.events = EPOLLOUT;
      interest.data.fd = fd;
      epoll_ctl(set, EPOLL_CTL_ADD, fd, &interest);
      ++in_flight;
    }
    const int ready = in_flight > 0 ? epoll_wait(set, events, 512, -1) : 0;
    for (int i = 0; i < ready; ++i, --in_flight) settle(events[i].data.fd);
  }
  printf("%ld %ld %ld\n", open_ports, refused, other);
  return 0;
}
