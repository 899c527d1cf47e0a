#include "proto/dns_transfer.hpp"

#include <catch2/catch.hpp>

#include "dns_builder.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;

namespace {

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_soa = 6;
const std::string own = "\xc0\x0c";

std::string soa(std::uint16_t serial = 1) {
  std::string data = wire_name("ns.") + wire_name("hostmaster.");
  for (const std::uint16_t number : {serial, std::uint16_t{2}, std::uint16_t{3}, std::uint16_t{4}, std::uint16_t{5}})
    data += big16(0) + big16(number);
  return data;
}

DnsBuilder begun() {
  DnsBuilder message;
  message.question = wire_name("host.example.") + big16(252) + big16(1);
  return message;
}

/// A later message, without a question; the zone's name is written out.
DnsBuilder later() {
  DnsBuilder message;
  message.counts[0] = 0;
  message.question.clear();
  return message;
}

const std::string zone = wire_name("host.example.");

}  // namespace

TEST_CASE("a zone in one message is whole at its second SOA") {
  DnsTransfer transfer("host.example", 0x1234);
  CHECK(transfer.feed(begun().answer(type_soa, soa()).answer(type_a, "abcd").answer(type_soa, soa()).bytes()) ==
        DnsTransfer::Step::done);
  CHECK(transfer.complete());
  CHECK(transfer.count() == 3);
  CHECK(transfer.records().size() == 3);
  CHECK(transfer.messages() == 1);
}

TEST_CASE("a zone in several messages, the later ones without a question, is counted whole and kept in part") {
  DnsTransfer transfer("host.example", 0x1234);
  REQUIRE(transfer.feed(begun().answer(type_soa, soa()).bytes()) == DnsTransfer::Step::need_more);
  for (int i = 0; i < 1'500; ++i)
    REQUIRE(transfer.feed(later().add(1, zone, type_a, "abcd").bytes()) == DnsTransfer::Step::need_more);
  CHECK(transfer.feed(later().add(1, zone, type_soa, soa()).bytes()) == DnsTransfer::Step::done);
  CHECK(transfer.complete());
  CHECK(transfer.count() == 1'502);
  CHECK(transfer.records().size() == DnsTransfer::most_kept);
  CHECK(transfer.messages() == 1'502);
}

TEST_CASE("a refused transfer is an answer, and not a zone") {
  DnsBuilder refused = begun();
  refused.flags = 0x8005;
  DnsTransfer transfer("host.example", 0x1234);
  CHECK(transfer.feed(refused.bytes()) == DnsTransfer::Step::done);
  CHECK(transfer.rcode() == "REFUSED");
  CHECK_FALSE(transfer.complete());
  DnsTransfer empty("host.example", 0x1234);
  CHECK(empty.feed(begun().bytes()) == DnsTransfer::Step::done);
  CHECK_FALSE(empty.complete());
}

TEST_CASE("what is no transfer is a protocol error") {
  const auto step = [](const DnsBuilder& message) {
    DnsTransfer transfer("host.example", 0x1234);
    const auto met = transfer.feed(message.bytes());
    CHECK((met != DnsTransfer::Step::failed || transfer.error().reason == Reason::protocol_error));
    return met;
  };
  CHECK(step(begun().answer(type_a, "abcd")) == DnsTransfer::Step::failed);
  CHECK(step(begun().answer(type_soa, soa(1)).answer(type_soa, soa(2))) == DnsTransfer::Step::failed);
  CHECK(step(begun().answer(type_soa, soa()).answer(type_soa, soa()).answer(type_a, "abcd")) ==
        DnsTransfer::Step::failed);
  CHECK(step(later().add(1, zone, type_soa, soa())) == DnsTransfer::Step::failed);
  CHECK(step(DnsBuilder().answer(type_soa, soa())) == DnsTransfer::Step::failed);  // another question
  DnsBuilder forged = begun().answer(type_soa, soa());
  forged.id = 1;
  CHECK(step(forged) == DnsTransfer::Step::failed);
  DnsTransfer stalled("host.example", 0x1234);
  stalled.feed(begun().answer(type_soa, soa()).bytes());
  CHECK(stalled.feed(later().bytes()) == DnsTransfer::Step::failed);
  CHECK(stalled.feed(later().add(1, zone, type_soa, soa()).bytes()) == DnsTransfer::Step::failed);
}
