#include "net/transcript.hpp"

#include <algorithm>

#include "proto/transcript_wire.hpp"

namespace audit::net {
namespace {

using proto::TranscriptDecoder;
using proto::TranscriptEncoder;

enum class Kind : std::uint8_t { start = 1, end = 2, port = 3, exchange = 4, stopped = 5, put_forward = 6 };

// Each `field` writes with an encoder and reads with a decoder: what is written is what is read.

void field(TranscriptEncoder& out, const std::string& value) { out.text(value); }
void field(TranscriptDecoder& in, std::string& value) { value = in.text(); }
void field(TranscriptEncoder& out, bool value) { out.flag(value); }
void field(TranscriptDecoder& in, bool& value) { value = in.flag(); }
void field(TranscriptEncoder& out, std::uint64_t value) { out.number(value); }
void field(TranscriptDecoder& in, std::uint64_t& value) { value = in.number(); }
void field(TranscriptEncoder& out, std::uint32_t value) { out.number(value); }
void field(TranscriptDecoder& in, std::uint32_t& value) { value = static_cast<std::uint32_t>(in.number(0xffff'ffffU)); }
void field(TranscriptEncoder& out, std::uint16_t value) { out.number(value); }
void field(TranscriptDecoder& in, std::uint16_t& value) { value = static_cast<std::uint16_t>(in.number(0xffffU)); }
void field(TranscriptEncoder& out, std::uint8_t value) { out.number(value); }
void field(TranscriptDecoder& in, std::uint8_t& value) { value = static_cast<std::uint8_t>(in.number(0xffU)); }
void field(TranscriptEncoder& out, int value) { out.integer(value); }
void field(TranscriptDecoder& in, int& value) {
  const std::int64_t wide = in.integer();
  value = static_cast<int>(wide);
  if (value != wide) in.fail();
}
void field(TranscriptEncoder& out, Duration value) { out.integer(value.count()); }
/// Within 30 years either way, so that sums of a few do not overflow.
void field(TranscriptDecoder& in, Duration& value) {
  constexpr Duration most = std::chrono::hours(30 * 365 * 24);
  value = Duration(in.integer());
  if (value > most || value < -most) in.fail();
}
void field(TranscriptEncoder& out, WallTime value) { out.integer(value.time_since_epoch().count()); }
void field(TranscriptDecoder& in, WallTime& value) {
  constexpr std::int64_t most = 253'402'300'800'000;  // the year 10000
  const std::int64_t milliseconds = in.integer();
  if (milliseconds < 0 || milliseconds > most) in.fail();
  value = WallTime(std::chrono::milliseconds(in.good() ? milliseconds : 0));
}

template <class Enum>
void choice(TranscriptEncoder& out, const Enum& value, Enum /*last*/) {
  out.number(static_cast<std::uint64_t>(value));
}
template <class Enum>
void choice(TranscriptDecoder& in, Enum& value, Enum last) {
  value = static_cast<Enum>(in.number(static_cast<std::uint64_t>(last)));
}

template <class Coder, class Address>
void address_field(Coder& coder, Address& value) {
  choice(coder, value.family, Family::v6);
  field(coder, value.zone);
  const std::size_t size = value.family == Family::v4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i) field(coder, value.bytes[i]);
}
void field(TranscriptEncoder& out, const IpAddress& value) { address_field(out, value); }
void field(TranscriptDecoder& in, IpAddress& value) { address_field(in, value); }

template <class Coder, class Value>
void endpoint_field(Coder& coder, Value& value) {
  field(coder, value.address);
  field(coder, value.port);
  choice(coder, value.transport, Transport::udp);
}
void field(TranscriptEncoder& out, const Endpoint& value) { endpoint_field(out, value); }
void field(TranscriptDecoder& in, Endpoint& value) { endpoint_field(in, value); }

template <class Coder, class Value>
void error_field(Coder& coder, Value& value) {
  choice(coder, value.reason, Reason::stopped);
  field(coder, value.message);
}
void field(TranscriptEncoder& out, const Error& value) { error_field(out, value); }
void field(TranscriptDecoder& in, Error& value) { error_field(in, value); }

template <class Coder, class Value>
void icmp_field(Coder& coder, Value& value) {
  field(coder, value.from);
  field(coder, value.type);
  field(coder, value.code);
}
void field(TranscriptEncoder& out, const IcmpError& value) { icmp_field(out, value); }
void field(TranscriptDecoder& in, IcmpError& value) { icmp_field(in, value); }

template <class Value>
void field(TranscriptEncoder& out, const std::optional<Value>& value) {
  out.flag(value.has_value());
  if (value) field(out, *value);
}
template <class Value>
void field(TranscriptDecoder& in, std::optional<Value>& value) {
  value.reset();
  if (in.flag()) field(in, value.emplace());
}

template <class Key, class Value>
void field(TranscriptEncoder& out, const std::map<Key, Value>& values) {
  out.number(values.size());
  for (const auto& [key, value] : values) {
    field(out, key);
    field(out, value);
  }
}
template <class Key, class Value>
void field(TranscriptDecoder& in, std::map<Key, Value>& values) {
  for (std::size_t left = in.count(); left > 0 && in.good(); --left) {
    Key key{};
    field(in, key);
    field(in, values[key]);
  }
}

template <class Coder, class Value>
void echo_field(Coder& coder, Value& value) {
  field(coder, value.number);
  field(coder, value.took);
  choice(coder, value.reason, Reason::stopped);
  field(coder, value.message);
}
void field(TranscriptEncoder& out, const EchoAnswer& value) { echo_field(out, value); }
void field(TranscriptDecoder& in, EchoAnswer& value) { echo_field(in, value); }

template <class Coder, class Value>
void step_field(Coder& coder, Value& value) {
  choice(coder, value.kind, Step::Kind::answer);
  field(coder, value.patience);
  field(coder, value.took);
  field(coder, value.error);
  field(coder, value.asked);
  field(coder, value.got);
  field(coder, value.icmp);
  if (value.kind == Step::Kind::receive || value.kind == Step::Kind::answer) field(coder, value.peer);
  if (value.kind != Step::Kind::echo_receive) return;
  field(coder, value.echo);
  field(coder, value.duplicates);
  field(coder, value.foreign);
}
void field(TranscriptEncoder& out, const Step& value) { step_field(out, value); }
void field(TranscriptDecoder& in, Step& value) { step_field(in, value); }

template <class Coder, class Value>
void mask_field(Coder& coder, Value& value) {
  field(coder, value.received);
  field(coder, value.offset);
  field(coder, value.form);
  field(coder, value.length);
}
void field(TranscriptEncoder& out, const Mask& value) { mask_field(out, value); }
void field(TranscriptDecoder& in, Mask& value) { mask_field(in, value); }

template <class Value>
void field(TranscriptEncoder& out, const std::vector<Value>& values) {
  out.number(values.size());
  for (const Value& value : values) field(out, value);
}
template <class Value>
void field(TranscriptDecoder& in, std::vector<Value>& values) {
  for (std::size_t left = std::min(in.count(), most_items + 1); left > 0 && in.good(); --left) {
    if (values.size() == most_items) in.fail();
    field(in, values.emplace_back());
  }
}

template <class Coder, class Value>
void start_fields(Coder& coder, Value& value) {
  field(coder, value.program);
  field(coder, value.plan);
  field(coder, value.inventory);
  field(coder, value.seed);
  field(coder, value.random_seed);
  field(coder, value.port_lanes);
  field(coder, value.started);
  field(coder, value.resolv_conf);
  field(coder, value.hosts);
  field(coder, value.credentials);
}

/// At the end, and only where there are any: most runs have none.
template <class Coder, class Value>
void earlier_fields(Coder& coder, Value& value) {
  field(coder, value.earlier_run);
  field(coder, value.earlier_targets);
}

template <class Coder, class Value>
void end_fields(Coder& coder, Value& value) {
  field(coder, value.id);
  field(coder, value.finished);
  field(coder, value.stopped_by);
  field(coder, value.command);
  field(coder, value.host);
  field(coder, value.addresses);
  field(coder, value.services);
}

template <class Coder, class Value>
void port_fields(Coder& coder, Value& value) {
  field(coder, value.to);
  field(coder, value.ordinal);
  field(coder, value.patience);
  field(coder, value.took);
  field(coder, value.at_once);
  choice(coder, value.answer.event, PortEvent::not_recorded);
  field(coder, value.answer.took);
  field(coder, value.answer.fault_number);
}

template <class Coder, class Value>
void exchange_fields(Coder& coder, Value& value) {
  choice(coder, value.kind, Exchange::Kind::look_up);
  field(coder, value.to);
  field(coder, value.name);
  field(coder, value.ordinal);
  field(coder, value.patience);
  field(coder, value.took);
  field(coder, value.error);
  field(coder, value.local);
  field(coder, value.other_ports);
  choice(coder, value.method, EchoMethod::icmp_raw);
  field(coder, value.why_no_echo);
  field(coder, value.addresses);
  field(coder, value.steps);
  field(coder, value.masks);
}

template <class Coder, class Value>
void session_fields(Coder& coder, Value& value) {
  field(coder, value.version);
  field(coder, value.cipher);
  field(coder, value.cipher_iana);
  field(coder, value.group);
  field(coder, value.group_bits);
  field(coder, value.signature);
  field(coder, value.alpn);
  field(coder, value.staple);
  field(coder, value.chain);
  field(coder, value.checked);
  field(coder, value.verified);
  field(coder, value.verify_reason);
  field(coder, value.name);
  field(coder, value.name_matches);
  field(coder, value.secure_renegotiation);
  field(coder, value.extended_master_secret);
  field(coder, value.compression);
  field(coder, value.asks_certificate);
  field(coder, value.handshake_time);
}

template <class Coder, class Value>
void put_forward_fields(Coder& coder, Value& value) {
  field(coder, value.at);
  field(coder, value.times);
  field(coder, value.to);
}

template <class Coder, class Value>
void local_time_fields(Coder& coder, Value& value) {
  field(coder, value.zone);
  field(coder, value.started_ahead);
  field(coder, value.finished_ahead);
}

template <class Value>
std::optional<TranscriptRecord> finished(const TranscriptDecoder& in, Value value) {
  if (!in.ended()) return std::nullopt;
  return TranscriptRecord(std::move(value));
}

}  // namespace

std::string encode(const TranscriptRecord& record) {
  TranscriptEncoder out;
  if (const auto* start = std::get_if<RunStart>(&record)) {
    out.number(static_cast<std::uint64_t>(Kind::start));
    start_fields(out, *start);
    if (!start->earlier_run.empty()) earlier_fields(out, *start);
  } else if (const auto* end = std::get_if<RunEnd>(&record)) {
    out.number(static_cast<std::uint64_t>(Kind::end));
    end_fields(out, *end);
    if (!end->user.empty() || !end->zone.empty()) field(out, end->user);
    if (!end->zone.empty()) local_time_fields(out, *end);
  } else if (const auto* port = std::get_if<PortAsked>(&record)) {
    out.number(static_cast<std::uint64_t>(Kind::port));
    port_fields(out, *port);
  } else if (const auto* exchange = std::get_if<Exchange>(&record)) {
    out.number(static_cast<std::uint64_t>(Kind::exchange));
    exchange_fields(out, *exchange);
  } else if (const auto* put_forward = std::get_if<PutForward>(&record)) {
    out.number(static_cast<std::uint64_t>(Kind::put_forward));
    put_forward_fields(out, *put_forward);
  } else {
    out.number(static_cast<std::uint64_t>(Kind::stopped));
    field(out, std::get<Stopped>(record).after);
  }
  return out.take();
}

std::optional<TranscriptRecord> decode_record(std::string_view bytes) {
  TranscriptDecoder in(bytes);
  switch (static_cast<Kind>(in.number(0xffU))) {
    case Kind::start: {
      RunStart start;
      start_fields(in, start);
      if (!in.ended()) earlier_fields(in, start);
      return finished(in, std::move(start));
    }
    case Kind::end: {
      RunEnd end;
      end_fields(in, end);
      if (!in.ended()) field(in, end.user);
      if (!in.ended()) local_time_fields(in, end);
      return finished(in, std::move(end));
    }
    case Kind::port: {
      PortAsked port;
      port_fields(in, port);
      return finished(in, port);
    }
    case Kind::exchange: {
      Exchange exchange;
      exchange_fields(in, exchange);
      return finished(in, std::move(exchange));
    }
    case Kind::put_forward: {
      PutForward put_forward;
      put_forward_fields(in, put_forward);
      return finished(in, put_forward);
    }
    case Kind::stopped: {
      Stopped stopped;
      field(in, stopped.after);
      return finished(in, stopped);
    }
  }
  return std::nullopt;
}

std::string encode_tls_settings(const TlsSettings& settings) {
  TranscriptEncoder out;
  field(out, settings.server_name);
  field(out, settings.alpn);
  choice(out, settings.trust.kind, TlsTrust::Kind::pem);
  field(out, settings.trust.pem);
  out.number(static_cast<std::uint64_t>(settings.least));
  out.number(static_cast<std::uint64_t>(settings.most));
  return out.take();
}

std::string encode_tls_session(const TlsSession& session) {
  TranscriptEncoder out;
  session_fields(out, session);
  if (!session.unfinished.empty()) field(out, session.unfinished);  // which older transcripts do not know
  return out.take();
}

std::optional<TlsSession> decode_tls_session(std::string_view bytes) {
  TranscriptDecoder in(bytes);
  TlsSession session;
  session_fields(in, session);
  if (!in.ended()) field(in, session.unfinished);
  if (!in.ended()) return std::nullopt;
  return session;
}

}  // namespace audit::net
