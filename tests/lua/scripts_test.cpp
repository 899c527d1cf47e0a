#include "base/text.hpp"
#include "talks.hpp"

// The libraries of scripts/, on peers that answer as they should and on peers that do not.

namespace audit::lua {

using Catch::Contains;

namespace {

using Peer = net::ScriptedWorld::DatagramPeer;

Endpoint udp(std::uint16_t port) {
  Endpoint endpoint = tcp("10.0.0.1", port);
  endpoint.transport = Transport::udp;
  return endpoint;
}

/// What a body says that has `snmp`, `ntp` and `udp_payloads`, where 10.0.0.1 answers on these ports.
std::string says(std::string_view body, const std::map<std::uint16_t, Peer>& peers = {}) {
  Bench bench("local snmp, ntp, udp_payloads = require 'snmp', require 'ntp', require 'udp_payloads'\n" +
              std::string(body));
  bench.modules = scripts();
  for (const auto& [port, peer] : peers) bench.world.datagrams(udp(port), peer);
  const Outcome outcome = bench.run();
  if (outcome.finding.status == Status::informational) return outcome.finding.message;
  return ended(outcome) + ": " + outcome.finding.message;
}

std::string hexed(std::string_view digits) {
  std::string bytes;
  REQUIRE(from_hex(digits, bytes));
  return bytes;
}

/// An agent that gives back each question as its own answer, with NULL for every value.
std::optional<std::string> echoing_agent(std::string_view question) {
  std::string answer(question);
  answer.at(answer.find('\xa0')) = '\xa2';
  return answer;
}

std::optional<std::string> silent(std::string_view /*question*/) { return std::nullopt; }

constexpr const char* ntp_reply =
    "24 02 06 e8 00000100 00000200 c0000201 eeab89ba80000000 6162636465666768 eeab89bc40000000 eeab89bc80000000";

Peer ntp_server(std::string reply) {
  return [reply](std::string_view question) -> std::optional<std::string> {
    std::string answer = reply;
    if (question.size() == 48 && answer.size() >= 48) answer.replace(24, 8, question.substr(40, 8));
    return answer;
  };
}

/// A mode 6 server that says `text` in fragments of `size` bytes, one a question.
Peer control_server(std::string text, std::size_t size) {
  auto at = std::make_shared<std::size_t>(0);
  return [text, size, at](std::string_view question) -> std::optional<std::string> {
    const std::string piece = text.substr(std::min(*at, text.size()), size);
    const bool more = *at + size < text.size();
    std::string answer = "\x16";
    answer += static_cast<char>(0x82 | (more ? 0x20 : 0));
    answer += question.substr(2, 2);
    answer += std::string("\xc0\x16\0\0", 4);
    answer += {static_cast<char>(*at >> 8), static_cast<char>(*at), static_cast<char>(piece.size() >> 8),
               static_cast<char>(piece.size())};
    *at = more ? *at + size : 0;
    return answer + piece + std::string((4 - piece.size() % 4) % 4, '\0');
  };
}

}  // namespace

TEST_CASE("snmp: a question is the bytes that RFC 1157 and RFC 3416 say") {
  CHECK(says("return info(bytes.hex(snmp.encode('get', 1, { snmp.oids.sysDescr }, { version = 'v1' })))") ==
        "302602010004067075626c6963a019020101020100020100300e300c06082b060102010101000500");
  CHECK(says("return info(bytes.hex(snmp.encode('get_next', 1, { '1.3.6' }, { community = 'x' })))") ==
        "301b020101040178a1130201010201000201003008300606022b060500");
  CHECK_THAT(says("snmp.encode('get', 1, {}, { version = 'v3' })"), Contains("version is \"v1\" or \"v2c\""));
  CHECK_THAT(says("snmp.encode('get', 1, { '1.3.' })"), Contains("object identifier"));
}

TEST_CASE("snmp: values are read by their types") {
  const char* reply =
      "3081 92 020101 0406 7075626c6963 a281 84 020101 020100 020100 3079"
      "300d 06082b06010201010100 040141"
      "300e 06082b06010201010200 06022b06"
      "300f 06082b06010201010300 43030186a0"
      "3010 06082b06010201010400 4004c0000201"
      "3015 06082b06010201010500 460900ffffffffffffffff"
      "300c 06082b06010201010600 8000"
      "3010 06082b06010201010700 4104ffffffff";
  const std::string body =
      "local m = snmp.decode(bytes.unhex('" + to_hex(hexed(reply)) +
      "'))\n"
      "local parts = { m.version, m.community, m.pdu, m.error_status, tostring(m.extra) }\n"
      "for _, b in ipairs(m.bindings) do parts[#parts + 1] = b.type .. '=' .. tostring(b.value) end\n"
      "return info(table.concat(parts, ' '))";
  CHECK(says(body) ==
        "v2c public response noError 0 OCTET STRING=A OBJECT IDENTIFIER=1.3.6 TimeTicks=100000 IpAddress=192.0.2.1 "
        "Counter64=-1 noSuchObject=nil Counter32=4294967295");
}

TEST_CASE("snmp: an answer is the observation with its fields, and evidence") {
  CHECK(says("local a = snmp.get(target, '1.3.6.1')\n"
             "return info(a.state .. a.attempts .. a.error_status .. a.bindings[1].oid .. a.bindings[1].type, a)",
             {{161, echoing_agent}}) == "open1noError1.3.6.1NULL");
  CHECK(says("return info(snmp.get(target, '1.3.6.1').state)") == "closed");
  CHECK(says("return info(snmp.get(target, '1.3.6.1', { community = 'x', port = 1161 }).state)", {{1161, silent}}) ==
        "open|filtered");
  CHECK(says("local a = snmp.system(target) return info(a.state .. tostring(a.name) .. tostring(a.uptime))",
             {{161, echoing_agent}}) == "opennilnil");
}

TEST_CASE("snmp: a reply to another question, and one that is none, is protocol_error") {
  const auto other = [](std::string_view question) -> std::optional<std::string> {
    std::string answer = *echoing_agent(question);
    answer[answer.find('\xa2') + 4] ^= 1;
    return answer;
  };
  CHECK_THAT(says("snmp.get(target, '1.3.6.1')", {{161, other}}),
             Contains("error protocol_error") && Contains("not to what was asked"));
  for (const char* reply : {"", "x", "3000", "3003020105", "302602010304067075626c6963a019020101020100020100300e300c",
                            "301b020101040178a2140201010201000201003009300706022b060500"}) {
    INFO(reply);
    const std::string bytes = *reply == 'x' ? "x" : hexed(reply);
    CHECK_THAT(says("snmp.get(target, '1.3.6.1')", {{161, [bytes](std::string_view) { return bytes; }}}),
               Contains("error protocol_error"));
  }
}

TEST_CASE("ntp: a server's time is read") {
  CHECK(says("local a = ntp.query(target)\n"
             "return info(('%s %d %d %s %.0f %.3f %s %.2f %.2f'):format(a.leap, a.version, a.stratum, a.reference, "
             "a.poll, "
             "a.root_delay, tostring(a.kiss), a.receive_time, a.transmit_time), a)",
             {{123, ntp_server(hexed(ntp_reply))}}) == "none 4 2 192.0.2.1 64 0.004 nil 1795230524.25 1795230524.50");
  CHECK(says("return info(ntp.query(target).state)") == "closed");
  const std::string kiss = hexed("e4 00 06 e8 00000000 00000000 52415445" + std::string(64, '0'));
  CHECK(says("local a = ntp.query(target) return info(a.leap .. a.kiss .. a.reference .. tostring(a.transmit_time))",
             {{123, ntp_server(kiss)}}) == "unsynchronizedRATERATEnil");
}

TEST_CASE("ntp: times from 2036 on are of the next era") {
  CHECK(says("local a = ntp.decode(bytes.unhex('" +
             to_hex(hexed("240206e8" + std::string(56, '0') + "00000001" + "00000000" + "0000000000000000" +
                          "00000000"
                          "00000000")) +
             "')) return info(('%.0f'):format(a.receive_time))") == "2085978497");
}

TEST_CASE("ntp: a reply to another question, of another mode or too short is protocol_error") {
  const std::string reply = hexed(ntp_reply);
  std::string client = reply;
  client[0] = '\x23';
  CHECK_THAT(says("ntp.query(target)", {{123, [reply](std::string_view) { return reply; }}}),
             Contains("not to what was asked"));
  CHECK_THAT(says("ntp.query(target)", {{123, ntp_server(client)}}), Contains("protocol_error") && Contains("mode 3"));
  CHECK_THAT(says("ntp.query(target)", {{123, ntp_server(reply.substr(0, 47))}}),
             Contains("protocol_error: ntp: a packet of 47"));
}

TEST_CASE("ntp: variables are put together and taken apart") {
  const std::string text =
      "version=\"ntpd 4.2.8, x\", system=\"Linux\",\r\nleap=0, stratum=3, flag, refid=GPS , empty=";
  const char* body =
      "local a = ntp.variables(target)\n"
      "local v = a.variables\n"
      "return info(table.concat({ tostring(a.complete), v.version, v.system, v.stratum, v.flag, v.refid, v.empty, "
      "tostring(a.text == [[TEXT]]), a.status }, '|'), a)";
  const std::string expected = "true|ntpd 4.2.8, x|Linux|3||GPS||false|49174";
  CHECK(says(body, {{123, control_server(text, 468)}}) == expected);
  CHECK(says("return info(tostring(ntp.variables(target).complete))", {{123, control_server(text, 40)}}) == "false");
}

TEST_CASE(
    "ntp: a server that keeps its variables to itself says so, and one that answers otherwise is protocol_error") {
  const auto refusing = [](std::string_view question) -> std::optional<std::string> {
    return std::string("\x16\xc2") + std::string(question.substr(2, 2)) + std::string("\x01\0\0\0\0\0\0\0", 8);
  };
  CHECK(says("local a = ntp.variables(target) return info(a.error .. tostring(a.variables))", {{123, refusing}}) ==
        "1nil");
  const auto boasting = [](std::string_view question) -> std::optional<std::string> {
    return std::string("\x16\x82") + std::string(question.substr(2, 2)) +
           std::string(
               "\xc0\x16\0\0\0\0\0\x05"
               "a=1\0",
               12);
  };
  CHECK_THAT(says("ntp.variables(target)", {{123, boasting}}), Contains("ntp: 5 bytes of data, and 4 are there"));
  for (const char* reply : {"1682", "160200010000000000000000", "1682ffff00000000000000ff", "1781"}) {
    const std::string bytes = hexed(reply);
    CHECK_THAT(says("ntp.variables(target)", {{123, [bytes](std::string_view) { return bytes; }}}),
               Contains("error protocol_error"));
  }
}

TEST_CASE("ntp: a server that lists its clients is told from one that refuses") {
  const auto with = [](const char* head) -> Peer {
    const std::string bytes = hexed(head) + std::string(72, 'c');
    return [bytes](std::string_view) { return bytes; };
  };
  const char* body =
      "local a = ntp.monlist(target) return info(a.state .. tostring(a.listed) .. tostring(a.error) .. "
      "tostring(a.items), a)";
  CHECK(says(body, {{123, with("d700032a00060048")}}) == "opentrue06");
  CHECK(says(body, {{123, with("9700032a40000000")}}) == "openfalse40");
  CHECK(says(body, {{123, silent}}) == "open|filterednilnilnil");
  CHECK_THAT(says(body, {{123, with("240206e800000000")}}), Contains("error protocol_error"));
}

TEST_CASE("udp_payloads: every port has bytes that fit into a packet, a name and a source") {
  CHECK(says("local ports = udp_payloads.ports()\n"
             "assert(#ports >= 25)\n"
             "for i, port in ipairs(ports) do\n"
             "  local p = udp_payloads.payload(port)\n"
             "  assert(#p.bytes >= 1 and #p.bytes <= 1232 and #p.name > 0 and #p.source > 0, port)\n"
             "  assert(i == 1 or ports[i - 1] < port)\n"
             "end\n"
             "assert(udp_payloads.payload(1) == nil)\n"
             "return info('all')") == "all");
}

TEST_CASE("udp_payloads: what has no random part is byte for byte what its specification says") {
  const std::pair<int, const char*> payloads[] = {
      {520,
       "0102000000000000000000000000000000000000"
       "00000010"},
      {623, "0600ff06000011be80010000"},
      {1434, "03"},
      {5351, "0000"},
      {5353,
       "000000000001000000000000"
       "095f7365727669636573"
       "075f646e732d7364"
       "045f756470"
       "056c6f63616c"
       "00"
       "000c8001"},
  };
  for (const auto& [port, bytes] : payloads)
    CHECK(says("return info(bytes.hex(udp_payloads.payload(" + std::to_string(port) + ").bytes))") == bytes);
  const std::tuple<int, int, const char*> tails[] = {
      {53, 3,
       "00000001000000000000"
       "0776657273696f6e"
       "0462696e64"
       "00"
       "00100003"},
      {111, 5,
       "00000000"
       "00000002"
       "000186a0"
       "00000002"
       "00000000"
       "0000000000000000"
       "0000000000000000"},
      {137, 3,
       "00000001000000000000"
       "20434b414141414141414141414141414141414141414141414141414141414141"
       "00"
       "00210001"},
      {11211, 3,
       "000000010000"
       "76657273696f6e0d0a"},
  };
  for (const auto& [port, from, bytes] : tails)
    CHECK(says("return info(bytes.hex(udp_payloads.payload(" + std::to_string(port) + ").bytes:sub(" +
               std::to_string(from) + ")))") == bytes);
}

TEST_CASE("udp_payloads: lengths within a payload are those of what follows") {
  CHECK(says("local ike = udp_payloads.payload(500).bytes\n"
             "assert(bytes.unpack('>I4', ike, 25) == #ike)\n"
             "local at, next_type, seen = 29, ike:byte(17), {}\n"
             "while next_type ~= 0 do\n"
             "  seen[#seen + 1] = next_type\n"
             "  local following, _, size = bytes.unpack('>BBI2', ike, at)\n"
             "  at, next_type = at + size, following\n"
             "end\n"
             "assert(at == #ike + 1)\n"
             "local sa = bytes.unpack('>I2', ike, 31)\n"
             "local proposal, number, protocol, spi, transforms = bytes.unpack('>I2BBBB', ike, 35)\n"
             "assert(proposal == sa - 4 and number == 1 and protocol == 1 and spi == 0)\n"
             "local inner = 41\n"
             "for i = 1, transforms do\n"
             "  assert(ike:byte(inner) == (i < transforms and 3 or 0))\n"
             "  inner = inner + bytes.unpack('>I2', ike, inner + 2)\n"
             "end\n"
             "assert(inner == 29 + sa)\n"
             "local snmp3, behind = der.decode(udp_payloads.payload(161).bytes)\n"
             "assert(behind == snmp3.last + 1 and snmp3[1].value == 3)\n"
             "assert(select(2, der.decode(udp_payloads.payload(389).bytes)) == #udp_payloads.payload(389).bytes + 1)\n"
             "assert(#udp_payloads.payload(443).bytes == 1200)\n"
             "return info(table.concat(seen, ' '))") == "33 34 40");
}

TEST_CASE("udp_payloads: ask sends what is usual, and says what it was") {
  const auto counting = [](std::string_view question) { return std::to_string(question.size()); };
  CHECK(says("local a = udp_payloads.ask(target, 53) return info(a.state .. a.asked .. a.replies[1].bytes, a)",
             {{53, counting}}) == "opendns30");
  CHECK(says("local a = udp_payloads.ask(target, 9) return info(a.state .. tostring(a.asked) .. a.replies[1].bytes, a)",
             {{9, counting}}) == "opennil0");
  CHECK(says("return info(udp_payloads.ask(target, 53).state)") == "closed");
}

TEST_CASE("rules that ask the same of a peer by a library share one datagram, unless one wants it fresh") {
  const std::pair<const char*, std::uint16_t> questions[] = {
      {"snmp.get(target, '1.3.6.1', { fresh = FRESH })", std::uint16_t{161}},
      {"snmp.system(target, { fresh = FRESH })", std::uint16_t{161}},
      {"ntp.query(target, { fresh = FRESH })", std::uint16_t{123}},
      {"udp_payloads.ask(target, 53, { fresh = FRESH })", std::uint16_t{53}},
      {"udp_payloads.ask(target, 500, { fresh = FRESH })", std::uint16_t{500}},
  };
  for (const auto& [question, port] : questions)
    for (const bool fresh : {false, true}) {
      INFO(question << (fresh ? " fresh" : ""));
      std::string body =
          "local snmp, ntp, udp_payloads = require 'snmp', require 'ntp', require 'udp_payloads'\n"
          "local a = " +
          std::string(question) + " return info(a.state, a)";
      body.replace(body.find("FRESH"), 5, fresh ? "true" : "false");
      Bench bench({rule_of(body), rule_of(body, "test.other"), rule_of(body, "test.third")});
      bench.modules = scripts();
      std::vector<std::string> heard;
      const Peer answer = port == 161   ? Peer(echoing_agent)
                          : port == 123 ? ntp_server(hexed(ntp_reply))
                                        : Peer([](std::string_view) { return "yes"; });
      bench.world.datagrams(udp(port), [&](std::string_view bytes) {
        heard.emplace_back(bytes);
        return answer(bytes);
      });
      for (const Outcome& outcome : bench.run_together({0, 1, 2})) CHECK(outcome.finding.message == "open");
      CHECK(heard.size() == (fresh ? 3 : 1));
      if (fresh && port != 53 && port != 500) CHECK(heard.front() != heard.back());
    }
}

TEST_CASE("ids that a reply repeats differ from target to target, question to question and run to run") {
  CHECK(says("local a, b = snmp.get(target, '1.3.6.1'), snmp.get(target, '1.3.6.2')\n"
             "local c = snmp.get(target, '1.3.6.1', { community = 'x' })\n"
             "assert(a.request_id ~= b.request_id and a.request_id ~= c.request_id)\n"
             "return info(tostring(a.request_id == snmp.get(target, '1.3.6.1').request_id))",
             {{161, echoing_agent}}) == "true");
  const std::string one = says("return info(bytes.hex(udp_payloads.payload(3478).bytes))");
  CHECK(says("return info(bytes.hex(udp_payloads.payload(3478).bytes))") ==
        one);  // the same seed of the scripted world
  CHECK(says("return info(tostring(udp_payloads.payload(500).bytes:sub(5, 200) ~= "
             "udp_payloads.payload(4500).bytes:sub(9, 204)))") == "true");
}

TEST_CASE("replies that somebody damaged are read, or are protocol_error, and never the rule's mistake") {
  CHECK(says("local sound = {\n"
             "  { snmp.decode, snmp.encode('get', 7, { '1.3.6.1', '1.2.3' }) },\n"
             "  { ntp.decode, bytes.unhex('" +
             to_hex(hexed(ntp_reply)) +
             "') },\n"
             "}\n"
             "local read, wrong = 0, 0\n"
             "for i = 1, 1500 do\n"
             "  for _, pair in ipairs(sound) do\n"
             "    local noise, text = crypto.random(4), pair[2]\n"
             "    local at = noise:byte(1) % #text + 1\n"
             "    text = text:sub(1, at - 1) .. noise:sub(2, 2) .. text:sub(at + 1)\n"
             "    if i % 5 == 0 then text = text:sub(1, noise:byte(3) % #text) end\n"
             "    local message, kind = try(pair[1], text)\n"
             "    if message then read = read + 1 else assert(kind == 'protocol_error') wrong = wrong + 1 end\n"
             "  end\n"
             "end\n"
             "assert(read > 300 and wrong > 300, read .. ' ' .. wrong)\n"
             "return info('done')") == "done");
}

}  // namespace audit::lua
