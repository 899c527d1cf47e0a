#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/model.hpp"
#include "base/ports.hpp"
#include "net/tls.hpp"
#include "net/world.hpp"

namespace audit::trial {

/// One turn of a scripted TCP peer: it waits to hear, then says.
struct Turn {
  std::string hears;                                         // "" for at once
  std::string says;                                          // "" for nothing
  std::optional<std::int64_t> says_function;                 // of the test file, in place of `says`
  Duration delay{};                                          // before it is said
  std::size_t split = 0;                                     // at most so many bytes a read; 0 for all
  std::shared_ptr<const Result<net::TlsSession>> handshake;  // before it hears anything: how TLS goes
  std::optional<std::size_t> cut;                            // of a generated case: so much of what the function says
  mutable std::size_t last_said = 0;                         // by the function
};

enum class Ending : std::uint8_t { hang, close, reset };

/// What one connection meets.
struct Conversation {
  std::vector<Turn> turns;
  Ending ending = Ending::hang;
};

/// What a UDP peer sends back.
struct DatagramReply {
  std::optional<std::string> request;  // to this one only
  std::vector<std::string> replies;
  std::optional<std::int64_t> function;  // of the test file, in place of `replies`
};

/// One port of a host, as the test scripts it.
struct Peer {
  std::uint32_t line = 0;
  Endpoint at;
  net::PortEvent event = net::PortEvent::open;
  Duration round_trip = std::chrono::milliseconds(1);
  std::vector<Conversation> connections;  // TCP: one after the other, the last one repeats
  std::vector<DatagramReply> replies;     // UDP
  std::uint16_t answers_from = 0;         // UDP: another port that replies come from; 0: its own
  std::function<std::optional<std::string>(const std::string&)> bend;  // UDP, of a generated case: what a reply becomes
};

/// A host besides its ports.
struct Host {
  IpAddress address;
  net::PortEvent others = net::PortEvent::closed;  // ports that no peer declares
  bool echoes = false;                             // answers ICMP echoes
};

/// What the scripted name server knows of a name.
struct ZoneName {
  std::string rcode = "NOERROR";  // or "silence": no reply at all
  std::map<std::string, std::vector<std::string>> records;
};

/// Whom the rule is about.
struct Subject {
  std::string name;                    // "" where it is listed by its address
  std::vector<std::string> addresses;  // the first is the target's where it has no name
  std::vector<std::string> tags;
  std::vector<std::string> groups;
  std::string owner;
  Value::Object params;
  std::map<std::string, std::string> credentials;
  bool assume_up = false;
  bool in_hosts_file = false;  // this machine knows the name by itself; the name server is asked nevertheless
};

/// One result that is expected; what is not set is not looked at.
struct ExpectedResult {
  std::optional<Status> status;
  std::optional<Reason> reason;
  std::optional<Severity> severity;
  std::optional<std::string> message;  // a pattern of Lua, found in it
  std::optional<std::string> key;
  std::optional<std::string> endpoint;  // "tcp/10.0.0.1:80"
  std::optional<Value> evidence;        // label to fields, or labels alone
};

struct Expected {
  std::uint32_t line = 0;
  ExpectedResult foremost;
  std::vector<ExpectedResult> results;  // each is to be found among the check's
  std::vector<std::string> sent;        // each is found in what was sent
};

/// A recorded run that answers in place of peers.
struct TranscriptUse {
  std::uint32_t line = 0;
  std::string file;                  // beside the test, where it is relative
  std::vector<std::string> targets;  // of the run: their ids; one, but of a rule about the whole run
};

/// One case: a scripted network, and what the rule has to say of it.
struct Case {
  std::string name;
  std::uint32_t line = 0;
  Subject subject;
  std::vector<Subject> others;  // the targets besides it, of a rule about the whole run
  std::vector<Peer> peers;
  std::vector<Host> hosts;
  std::map<std::string, ZoneName> zone;  // by name, lower case, with a final dot
  std::optional<TranscriptUse> transcript;
  Expected expected;

  // Of generated cases.
  bool gone = false;                                                         // no host gives any sign of life
  std::function<std::optional<std::string>(const std::string&)> bend_names;  // what becomes of a name server's reply
};

/// A verdict of generated cases that the author stands by.
struct Acceptance {
  std::uint32_t line = 0;
  std::string of = "*";          // glob over the names of cases
  std::string kind = "*";        // glob over the kinds of generated cases: "truncated", …
  std::optional<Status> status;  // that it ends with
  std::string why;
  mutable std::uint64_t used = 0;
};

}  // namespace audit::trial
