#include "base/text.hpp"
#include "talks.hpp"

namespace audit::lua {

using Catch::Contains;

namespace {

constexpr std::uint16_t transfer = 3000;  // the port that the server answers from

/// What a rule says of a server that answers a read request with this packet; `sent` gets what it was sent, in hex.
std::string told(const std::optional<std::string>& packet, const std::string& options = "", std::string* sent = nullptr,
                 const TransportPorts& never = {}) {
  Bench bench(
      "local a = require('tftp').read(target, 'boot/a.cfg', { attempts = 1, " + options +
      " })\n"
      "local list = {}\n"
      "for name, value in pairs(a.options or {}) do list[#list + 1] = name .. '=' .. value end\n"
      "table.sort(list)\n"
      "return info(table.concat({ a.state, tostring(a.handed_out), a.data and #a.data or '', tostring(a.whole),\n"
      "  tostring(a.error), tostring(a.error_code), tostring(a.message), tostring(a.size), table.concat(list, ','),\n"
      "  tostring(a.farewell) }, '|'), a)");
  bench.modules = scripts();
  bench.never = never;
  Endpoint server = tcp("10.0.0.1", 69);
  server.transport = Transport::udp;
  bench.world.datagrams(server, [packet](std::string_view) { return packet; });
  bench.world.answers_from(server, transfer);
  const Outcome outcome = bench.run();
  if (sent != nullptr)
    for (const auto& item : bench.world.sent()) *sent += std::to_string(item.to.port) + ":" + to_hex(item.bytes) + " ";
  if (outcome.finding.status == Status::informational) return outcome.finding.message;
  return ended(outcome) + ": " + outcome.finding.message;
}

std::string packet(char kind, const std::string& rest) { return std::string({'\0', kind}) + rest; }
std::string data(const std::string& block) { return packet(3, std::string({'\0', '\1'}) + block); }
std::string refusal(char code, const std::string& message) { return packet(5, std::string({'\0', code}) + message); }

}  // namespace

TEST_CASE("tftp: a file is asked for by name, its first block is taken, and the transfer is ended where it came from") {
  std::string sent;
  CHECK(told(data("hello"), "", &sent) == "open|true|5|true|nil|nil|nil|nil||sent");
  CHECK(sent == "69:0001626f6f742f612e636667006f6374657400 3000:000500007468616e6b20796f7500 ");
  CHECK(told(data("")) == "open|true|0|true|nil|nil|nil|nil||sent");
  CHECK(told(data(std::string(512, 'x'))) == "open|true|512|false|nil|nil|nil|nil||sent");
}

TEST_CASE("tftp: an error is an answer, with its name") {
  CHECK(told(refusal(1, std::string("no such\0", 8))) == "open|false||nil|not_found|1|no such|nil||sent");
  CHECK(told(refusal(2, "")) == "open|false||nil|access_violation|2||nil||sent");
  CHECK(told(refusal(8, "x")) == "open|false||nil|options_refused|8|x|nil||sent");
  CHECK(told(refusal(9, "x")) == "open|false||nil|9|9|x|nil||sent");
}

TEST_CASE("tftp: the size is asked for as an option, which a server need not know") {
  std::string sent;
  CHECK(told(packet(6, std::string("TSIZE\0001234\0", 11)), "size = true", &sent) ==
        "open|true||nil|nil|nil|nil|1234|tsize=1234|sent");
  CHECK_THAT(sent, Catch::StartsWith("69:0001626f6f742f612e636667006f63746574007473697a65003000 "));
  CHECK(told(data("hello"), "size = true") == "open|true|5|true|nil|nil|nil|nil||sent");
  CHECK(told(packet(6, ""), "size = true") == "open|true||nil|nil|nil|nil|nil||sent");
  CHECK(told(packet(6, std::string("tsize\000x1\0", 9)), "size = true") ==
        "open|true||nil|nil|nil|nil|nil|tsize=x1|sent");
}

TEST_CASE("tftp: what is no answer to a read request is none") {
  for (const std::string& words : {std::string(), std::string(1, '\0'), packet(0, "x"), packet(1, "x"), packet(3, ""),
                                   packet(3, std::string(1, '\0')), packet(3, std::string("\0\2x", 3)),
                                   data(std::string(513, 'x')), packet(4, std::string("\0\1", 2)), packet(5, ""),
                                   packet(7, ""), packet(6, std::string("tsize\0001\0", 8)), std::string("SSH-2.0-x")})
    CHECK_THAT(told(words), Contains("error protocol_error: "));
  for (const std::string& options :
       {std::string("tsize"), std::string("tsize\0", 6), std::string("tsize\0001", 7), std::string(600, '\0')})
    CHECK_THAT(told(packet(6, options), "size = true"), Contains("error protocol_error: tftp: "));
}

TEST_CASE("tftp: every packet that ends early or is damaged is read, or is protocol_error") {
  for (const std::string& whole :
       {data("hello"), refusal(1, std::string("no\0", 3)), packet(6, std::string("tsize\0001\0", 8))})
    for (std::size_t at = 0; at < whole.size(); ++at) {
      INFO(to_hex(whole) << " " << at);
      CHECK_THAT(told(whole.substr(0, at), "size = true"),
                 Contains("error protocol_error") || Catch::StartsWith("open|"));
      for (const char damage : {'\0', '\1', '9', '\xff'}) {
        std::string damaged = whole;
        damaged[at] = damage;
        CHECK_THAT(told(damaged, "size = true"), Contains("error protocol_error") || Catch::StartsWith("open|"));
      }
    }
}

TEST_CASE("tftp: silence is told, and a port that is never asked is not answered") {
  CHECK(told(std::nullopt) == "open|filtered|nil||nil|nil|nil|nil|nil||nil");
  TransportPorts never;
  never.udp.add(transfer, transfer);
  std::string sent;
  CHECK(told(data("hello"), "", &sent, never) == "open|true|5|true|nil|nil|nil|nil||out_of_scope");
  CHECK(sent == "69:0001626f6f742f612e636667006f6374657400 ");
}

TEST_CASE("tftp: a name that is none is the rule's mistake") {
  for (const char* call : {"read(target, '')", "read(target, 5)", "read(target, 'a\\0b')",
                           "read(target, ('x'):rep(401))", "read(target, 'x', { mode = 'mail' })", "encode()"})
    CHECK_THAT(says(std::string("require('tftp').") + call, 69, {}), Contains("rule_error") && Contains("tftp: "));
  CHECK(says("return info(bytes.hex(require('tftp').encode('a', { mode = 'netascii' })))", 69, {}) ==
        "000161006e6574617363696900");
}

}  // namespace audit::lua
