#include "net/system_error.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

TEST_CASE("what this machine could not do is its own fault") {
  for (const int number :
       {EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM, ENETUNREACH, EHOSTUNREACH, EACCES, EPERM, EINVAL, EAGAIN}) {
    INFO(number);
    CHECK(reason_of_errno(number, FaultSource::here) == Reason::local_fault);
  }
  for (const int number : {EMFILE, ENFILE, EADDRNOTAVAIL, ENOBUFS, ENOMEM, EPERM})
    CHECK(reason_of_errno(number, FaultSource::network) == Reason::local_fault);
}

TEST_CASE("regression: what a firewall says by ICMP is no local fault") {
  for (const int number :
       {EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENONET, EPROTO, EACCES, ENOPROTOOPT, EOPNOTSUPP, EMSGSIZE}) {
    INFO(number);
    CHECK(reason_of_errno(number, FaultSource::network) == Reason::unreachable);
  }
}

TEST_CASE("an answer of the peer is what it is") {
  CHECK(reason_of_errno(ECONNREFUSED, FaultSource::network) == Reason::refused);
  CHECK(reason_of_errno(ECONNRESET, FaultSource::network) == Reason::reset);
  CHECK(reason_of_errno(EPIPE, FaultSource::network) == Reason::reset);
  CHECK(reason_of_errno(ETIMEDOUT, FaultSource::network) == Reason::timeout);
}

TEST_CASE("a local fault tells where, what and what to do") {
  const Error error = errno_error(EMFILE, FaultSource::here, tcp("10.0.0.1", 23));
  CHECK(error.reason == Reason::local_fault);
  CHECK(error.message.find("tcp/10.0.0.1:23") == 0);
  CHECK(error.message.find("ulimit -n") != std::string::npos);
  CHECK(errno_error(ECONNREFUSED, FaultSource::network, tcp("10.0.0.1", 23)).message ==
        "tcp/10.0.0.1:23: Connection refused");
}
