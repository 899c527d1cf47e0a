// Law 4 and the trap of the design: whatever 64 KB a server sends, reading them stays under 1 MB, and within so many
// allocations that 10 ms are not in danger. The time itself decides nothing here: with AUDIT_COSTS the most that any of
// these messages cost is printed, which `tests/bench/run.py … dns_hostile` compares.
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "allocations.hpp"
#include "dns_builder.hpp"

using namespace audit;
using namespace audit::proto;
using namespace audit::test;

namespace {

constexpr std::size_t most_bytes = 1u << 20;
constexpr std::size_t most_blocks = 40'000;

/// An answer that `add` fills until no more fits into 64 KB.
std::string fill(const std::function<void(DnsBuilder&)>& add) {
  DnsBuilder builder;
  while (true) {
    const DnsBuilder before = builder;
    add(builder);
    if (builder.bytes().size() > 65535) return before.bytes();
  }
}

/// The most that any message cost: time of the best of three readings, and memory.
struct Most {
  ~Most() {
    if (std::getenv("AUDIT_COSTS") != nullptr)
      std::cout << "dns messages " << messages << " most " << time.count() << " us " << bytes << " bytes\n";
  }
  std::uint64_t messages = 0;
  std::chrono::microseconds time{};
  std::size_t bytes = 0;
};

void check_cost(const std::string& bytes, std::uint16_t type = 1) {
  static Most most;
  const Allocations allocations;
  const auto message = decode_dns_response(bytes, {"host.example", type}, 0x1234);
  const std::size_t blocks = allocations.blocks();
  const std::size_t peak = allocations.peak_bytes();
  auto took = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 3; ++i) {
    const auto began = std::chrono::steady_clock::now();
    const auto again = decode_dns_response(bytes, {"host.example", type}, 0x1234);
    took = std::min(took, std::chrono::steady_clock::now() - began);
    CHECK(again.ok() == message.ok());
  }
  ++most.messages;
  most.time = std::max(most.time, std::chrono::duration_cast<std::chrono::microseconds>(took));
  most.bytes = std::max(most.bytes, peak);
  if (!Allocations::counts()) return;
  CAPTURE(message.ok(), message ? std::string() : message.error().message);
  CHECK(peak < most_bytes);
  CHECK(blocks < most_blocks);
}

std::string single(std::uint16_t type, const std::string& rdata) { return DnsBuilder().answer(type, rdata).bytes(); }

}  // namespace

TEST_CASE("a 64 KB TXT of empty strings is refused before it costs anything", "[dns-cost]") {
  const std::string bytes = single(16, std::string(65000, '\0'));
  check_cost(bytes);
  CHECK(refusal(bytes).find("unfolds into more than") != std::string::npos);
}

TEST_CASE("a 64 KB answer of any one type costs under 1 MB", "[dns-cost]") {
  for (std::uint16_t type = 1; type < 300; ++type)
    for (const char byte : {'\0', '\x01', '\x3f', '\xff'}) {
      CAPTURE(type, static_cast<int>(byte));
      check_cost(single(type, std::string(65000, byte)));
    }
}

TEST_CASE("thousands of small records cost under 1 MB", "[dns-cost]") {
  const std::string asked = "\xc0\x0c";
  check_cost(fill([](DnsBuilder& b) { b.add(1, "\0"s, 1, "\x0a\0\0\x01"s); }));
  check_cost(fill([&](DnsBuilder& b) { b.add(1, asked, 1, "\x0a\0\0\x01"s); }));
  check_cost(fill([&](DnsBuilder& b) { b.add(1, asked, 2, asked); }));
  check_cost(fill([&](DnsBuilder& b) { b.add(1, asked, 5, asked); }));
  check_cost(fill([&](DnsBuilder& b) { b.add(1, "\0"s, 39, "\0"s); }));
  std::uint16_t next = 0;
  check_cost(fill([&](DnsBuilder& b) {  // a chain of aliases, each of the one before
    const auto label = [](std::uint16_t number) { return "\x02" + big16(number) + '\0'; };
    b.add(1, next == 0 ? asked : label(next), 5, label(static_cast<std::uint16_t>(next + 1)));
    ++next;
  }));
  check_cost(fill([](DnsBuilder& b) { b.add(1, "\0"s, 731, ""); }));
  check_cost(fill([](DnsBuilder& b) { b.add(1, "\0"s, 16, "\0"s); }));
  check_cost(fill([](DnsBuilder& b) { b.add(1, "\0"s, 16, std::string(200, '\0')); }));
  check_cost(fill([](DnsBuilder& b) { b.add(1, "\0"s, 16, "\x10" + std::string(16, '\xff')); }));
}

TEST_CASE("pointers to a name of 127 labels or of 255 hostile bytes cost under 1 MB", "[dns-cost]") {
  std::string labels;
  for (int i = 0; i < 127; ++i) labels += "\x01\xff";
  labels += '\0';
  std::string bytes63 = "\x3f" + std::string(63, '\xff') + "\x3f" + std::string(63, '\x01');
  bytes63 += bytes63.substr(0, 64) + '\0';
  for (const std::string& name : {labels, bytes63}) {
    DnsBuilder builder;
    builder.add(1, name, 731, "");
    const std::string pointer = "\xc0\x1e";  // behind header and question
    while (builder.bytes().size() < 65000) builder.add(1, pointer, 2, pointer);
    check_cost(builder.bytes());
  }
}

TEST_CASE("chains of pointers cost no more than a name has labels", "[dns-cost]") {
  DnsBuilder builder;
  std::string chain =
      "\x01"
      "a\0"s;
  for (int i = 0; i < 300; ++i) {
    const std::size_t previous = 30 + 10 + (i == 0 ? 1 : chain.size() - 3);
    chain += i == 0 ? "\xc0\x29"s : "\xc0"s + static_cast<char>(previous & 0xff);
  }
  builder.add(1, "\0"s, 731, chain);
  for (int i = 0; i < 4000; ++i) builder.add(1, "\xc0\x79", 1, "\x0a\0\0\x01"s);
  check_cost(builder.bytes());
}

TEST_CASE("an NSEC of 65,536 types is kept as unknown data", "[dns-cost]") {
  std::string bitmap = wire_name(".");
  for (int window = 0; window < 256; ++window) bitmap += static_cast<char>(window) + ("\x20" + std::string(32, '\xff'));
  const std::string bytes = single(47, bitmap);
  check_cost(bytes);
  CHECK(decode(bytes)->answers.at(0).data.substr(0, 8) == "\\# 8705 ");
}

TEST_CASE("an honest zone transfer of 64 KB is read", "[dns-cost]") {
  int host = 0;
  const std::string bytes = fill([&](DnsBuilder& b) {
    b.question = wire_name("host.example.") + big16(252) + big16(1);
    const std::string name = "host-" + std::to_string(++host);
    b.add(1, static_cast<char>(name.size()) + name + "\xc0\x11", 1, "\x0a\0\0\x01"s);
  });
  check_cost(bytes, 252);
  const auto message = decode_dns_response(bytes, {"host.example", 252}, 0x1234);
  REQUIRE(message.ok());
  CHECK(message->answers.size() == static_cast<std::size_t>(host) - 1);
  CHECK(message->answers.size() > 2400);
}
