/* The peer of the HTTP benchmark: a plain connect, GET, read, close over epoll, one process a core, nothing else.
 * http_loop FIRST COUNT PORT ROUNDS WINDOW: asks COUNT addresses from 127.0.0.0 + FIRST, ROUNDS times each, and prints how
 * many answered 200 with a title, and how many did anything else. */
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

enum { most_bytes = 16384 };

struct talk {
  int fd, sent;
  size_t got;
  char said[most_bytes];
};

static long good, bad;

static void finish(struct talk *talk) {
  talk->said[talk->got < most_bytes ? talk->got : most_bytes - 1] = 0;
  if (strncmp(talk->said, "HTTP/1.1 200 ", 13) == 0 && strstr(talk->said, "<title>") != NULL)
    ++good;
  else
    ++bad;
  close(talk->fd);
  free(talk);
}

/* 1 where the talk has ended. */
static int step(struct talk *talk, int set) {
  if (!talk->sent) {
    char request[256];
    struct sockaddr_in to;
    socklen_t length = sizeof to;
    struct epoll_event interest;
    char name[32];
    if (getpeername(talk->fd, (struct sockaddr *)&to, &length) != 0) return finish(talk), 1;
    inet_ntop(AF_INET, &to.sin_addr, name, sizeof name);
    const int size = snprintf(request, sizeof request,
                              "GET / HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: loop\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                              name, ntohs(to.sin_port));
    if (send(talk->fd, request, (size_t)size, MSG_NOSIGNAL) != size) return finish(talk), 1;
    talk->sent = 1;
    interest.events = EPOLLIN;
    interest.data.ptr = talk;
    epoll_ctl(set, EPOLL_CTL_MOD, talk->fd, &interest);
    return 0;
  }
  while (talk->got < most_bytes - 1) {
    const ssize_t got = recv(talk->fd, talk->said + talk->got, most_bytes - 1 - talk->got, 0);
    if (got > 0) {
      talk->got += (size_t)got;
      continue;
    }
    if (got < 0 && errno == EAGAIN) return 0;
    break;
  }
  return finish(talk), 1;
}

int main(int argc, char **argv) {
  if (argc != 6) return 64;
  const unsigned long first = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10);
  const unsigned port = (unsigned)atoi(argv[3]);
  const unsigned long total = count * strtoul(argv[4], NULL, 10);
  const long window = atol(argv[5]);
  struct epoll_event events[512];
  const int set = epoll_create1(0);
  unsigned long next = 0;
  long in_flight = 0;
  while (next < total || in_flight > 0) {
    while (next < total && in_flight < window) {
      struct sockaddr_in to;
      struct epoll_event interest;
      struct talk *talk = calloc(1, sizeof *talk);
      talk->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      if (talk->fd < 0) return 71;
      memset(&to, 0, sizeof to);
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl((uint32_t)(0x7f000000UL + first + next % count));
      to.sin_port = htons((uint16_t)port);
      ++next;
      if (connect(talk->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) {
        finish(talk);
        continue;
      }
      interest.events = EPOLLOUT;
      interest.data.ptr = talk;
      epoll_ctl(set, EPOLL_CTL_ADD, talk->fd, &interest);
      ++in_flight;
    }
    const int ready = in_flight > 0 ? epoll_wait(set, events, 512, -1) : 0;
    for (int i = 0; i < ready; ++i) in_flight -= step(events[i].data.ptr, set);
  }
  printf("%ld %ld\n", good, bad);
  return 0;
}
