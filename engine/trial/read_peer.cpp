#include "trial/read_peer.hpp"

#include <fmt/format.h>

#include "trial/fields.hpp"

namespace audit::trial {
namespace {

constexpr std::int64_t most_bytes = 1 << 20;

/// Of a handshake: `true`, what went wrong as a text, or the fields of the session.
std::shared_ptr<const Result<net::TlsSession>> read_handshake(Fields& fields, const std::string& place,
                                                              std::vector<std::string>& mistakes) {
  const Value* value = fields.take("tls");
  if (value == nullptr) return nullptr;
  net::TlsSession session;
  session.version = "TLSv1.3";
  session.cipher = "TLS_AES_256_GCM_SHA384";
  session.cipher_iana = session.cipher;
  session.group = "x25519";
  session.group_bits = 253;
  session.checked = true;
  session.verified = true;
  session.name_matches = true;
  if (const auto* text = value->get_if<std::string>())
    return std::make_shared<const Result<net::TlsSession>>(Error(Reason::tls_error, *text));
  if (const auto* yes = value->get_if<bool>(); yes != nullptr && *yes)
    return std::make_shared<const Result<net::TlsSession>>(std::move(session));
  Fields given(place, "tls", *value, mistakes);
  if (const auto text = given.text("version")) session.version = *text;
  if (const auto text = given.text("cipher")) session.cipher = session.cipher_iana = *text;
  if (const auto text = given.text("cipher_iana")) session.cipher_iana = *text;
  if (const auto text = given.text("group")) session.group = *text;
  if (const auto text = given.text("alpn")) session.alpn = *text;
  if (const auto text = given.text("reason")) session.verify_reason = *text;
  session.chain = given.texts("chain");
  session.verified = given.flag("verified").value_or(session.verify_reason.empty());
  session.name_matches = given.flag("name_matches").value_or(true);
  session.compression = given.flag("compression").value_or(false);
  given.finish();
  return std::make_shared<const Result<net::TlsSession>>(std::move(session));
}

/// The turn that the fields of a table are, where they are one.
std::optional<Turn> read_turn(Fields& fields, const std::string& place, std::vector<std::string>& mistakes) {
  Turn turn;
  turn.hears = fields.text("hears").value_or("");
  if (const Value* says = fields.take("says")) {
    turn.says_function = function_of(*says);
    if (const auto* text = says->get_if<std::string>()) turn.says = *text;
    if (!turn.says_function && says->get_if<std::string>() == nullptr)
      fields.complain("says", "is to be a string, or a function of what was heard that returns one");
  }
  turn.delay = fields.seconds("delay");
  turn.split = static_cast<std::size_t>(fields.integer("split", 1, most_bytes).value_or(0));
  turn.handshake = read_handshake(fields, place, mistakes);
  const bool anything = !turn.hears.empty() || !turn.says.empty() || turn.says_function || turn.handshake;
  if (!anything && (turn.delay != Duration::zero() || turn.split != 0))
    fields.complain("says", "is missing: a delay or a split is of what is said");
  return anything ? std::optional<Turn>(std::move(turn)) : std::nullopt;
}

/// The turns of a table: its own fields first, then what it lists; texts there are said.
Conversation read_conversation(Fields& fields, const std::string& place, std::vector<std::string>& mistakes) {
  Conversation conversation;
  if (auto turn = read_turn(fields, place, mistakes)) conversation.turns.push_back(std::move(*turn));
  for (const Value* item : fields.items()) {
    if (const auto* text = item->get_if<std::string>()) {
      Turn turn;
      turn.says = *text;
      conversation.turns.push_back(std::move(turn));
      continue;
    }
    Fields one(place, "a turn of the peer", *item, mistakes);
    if (auto turn = read_turn(one, place, mistakes)) conversation.turns.push_back(std::move(*turn));
    one.finish();
  }
  conversation.ending = static_cast<Ending>(fields.choice("ends", {"hang", "close", "reset"}, 0));
  return conversation;
}

/// `replies`: a text, a list of texts, a function, or `{ [request] = text or list }`.
std::vector<DatagramReply> read_replies(Fields& fields) {
  const Value* value = fields.take("replies");
  std::vector<DatagramReply> replies;
  if (value == nullptr) return replies;
  const auto texts = [&](const Value& given, DatagramReply& reply) {
    reply.function = function_of(given);
    bool good = reply.function.has_value();
    if (const auto* text = given.get_if<std::string>()) {
      reply.replies.push_back(*text);
      good = true;
    } else if (const auto* list = given.get_if<Value::Array>()) {
      good = true;
      for (const Value& one : *list) {
        const auto* item = one.get_if<std::string>();
        good = good && item != nullptr;
        if (item != nullptr) reply.replies.push_back(*item);
      }
    }
    if (!good)
      fields.complain("replies",
                      "is to be a string, a list of strings, a function of the request, or { [request] = … }");
  };
  const auto* object = value->get_if<Value::Object>();
  if (object == nullptr || function_of(*value)) {
    texts(*value, replies.emplace_back());
    return replies;
  }
  for (const auto& [request, given] : *object) {
    DatagramReply& reply = replies.emplace_back();
    reply.request = request;
    texts(given, reply);
  }
  return replies;
}

}  // namespace

std::optional<Peer> read_peer(const std::string& place, const Value& table, const IpAddress& home,
                              std::vector<std::string>& mistakes) {
  const std::size_t before = mistakes.size();
  Fields fields(place, "peer", table, mistakes);
  Peer peer;
  const auto tcp = fields.integer("tcp", 1, 65'535);
  const auto udp = fields.integer("udp", 1, 65'535);
  if (tcp.has_value() == udp.has_value() && mistakes.size() == before)
    fields.complain("", "needs one port: tcp = 23, or udp = 161");
  peer.at.transport = udp ? Transport::udp : Transport::tcp;
  peer.at.port = static_cast<std::uint16_t>(tcp.value_or(udp.value_or(0)));
  peer.at.address = home;
  if (const auto text = fields.text("at")) {
    const auto address = parse_address(*text);
    if (!address) fields.complain("at", "is to be an address");
    peer.at.address = address.value_or(home);
  }
  using net::PortEvent;
  const PortEvent events[] = {PortEvent::open, PortEvent::closed, PortEvent::silent, PortEvent::unreachable};
  peer.event = events[fields.choice("state", {"open", "closed", "filtered", "unreachable"}, 0)];
  if (fields.has("round_trip")) peer.round_trip = fields.seconds("round_trip");
  if (udp) {
    peer.replies = read_replies(fields);
    peer.answers_from = static_cast<std::uint16_t>(fields.integer("answers_from", 1, 65'535).value_or(0));
  } else if (fields.has("connections")) {
    const Value* list = fields.take("connections");
    const auto* array = list->get_if<Value::Array>();
    if (array == nullptr || array->empty()) fields.complain("connections", "is to be a list of conversations");
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      Fields one(place, "a connection of the peer", (*array)[i], mistakes);
      peer.connections.push_back(read_conversation(one, place, mistakes));
      one.finish();
    }
  } else {
    peer.connections.push_back(read_conversation(fields, place, mistakes));
  }
  fields.finish();
  if (mistakes.size() != before) return std::nullopt;
  return peer;
}

}  // namespace audit::trial
