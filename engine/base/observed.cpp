#include "base/observed.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace audit {
namespace {

constexpr std::string_view open_state = "open";

std::string text_of(const Value& fields, std::string_view name) {
  const Value* value = fields.find(name);
  const std::string* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

std::optional<std::uint64_t> count_of(const Value& fields, std::string_view name) {
  const Value* value = fields.find(name);
  const std::int64_t* number = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

const Value::Array& list_of(const Value& fields, std::string_view name) {
  static const Value::Array none;
  const Value* value = fields.find(name);
  const auto* list = value == nullptr ? nullptr : value->get_if<Value::Array>();
  return list == nullptr ? none : *list;
}

std::string why_not(const Observation& seen) {
  return seen.message.empty() ? std::string(meaning_of(seen.reason)) : seen.message;
}

/// Gathers what one run says of one target.
class Looking {
 public:
  explicit Looking(const TargetRecord& record)
      : record_(record), alive_(record.life == TargetLife::alive), answers_(alive_ && record.addresses.size() == 1) {
    for (const PortRecord& port : record.ports) add_port(format_endpoint(port.endpoint), port.endpoint, port.state);
  }

  void add(const Observation& seen);
  [[nodiscard]] TargetSight take();

 private:
  void add_sweep(const Observation& sweep);
  void add_port(const std::string& name, const Endpoint& endpoint, Reason state);
  void add_certificate(const Observation& seen);
  void add_host_keys(const Observation& seen);
  void add_banner(const Observation& seen);
  void add_value(ObservedKind kind, const std::string& endpoint, std::string name, ObservedValue value);

  const TargetRecord& record_;
  bool alive_;
  bool answers_;  // no answer of a port is one of the host: of several hosts nobody knows which one lives
  TargetSight sight_;
  std::map<IpAddress, ShutPorts> shut_;
};

void Looking::add(const Observation& seen) {
  if (seen.probe == "sweep") return add_sweep(seen);
  const std::optional<Endpoint> endpoint = parse_endpoint(seen.endpoint);
  if (!endpoint) return;
  if (seen.probe == "port" || seen.probe == "udp") {
    const std::string state = text_of(seen.fields, "state");
    add_port(seen.endpoint, *endpoint, parse_reason(state).value_or(Reason::observed));
  }
  if (seen.probe == "tls" || seen.fields.find("tls") != nullptr) add_certificate(seen);
  if (seen.probe == "ssh") add_host_keys(seen);
  if (seen.probe == "banner") add_banner(seen);
}

/// What a sweep counted, where its counts leave no port of it in doubt.
void Looking::add_sweep(const Observation& sweep) {
  const auto ports = parse_transport_ports(sweep.endpoint);
  const auto open = count_of(sweep.fields, "open");
  const auto closed = count_of(sweep.fields, "closed");
  const auto filtered = count_of(sweep.fields, "filtered");
  if (!ports || !open || !closed || !filtered || sweep.fields.find("not_seen") != nullptr) return;
  const std::uint64_t all = (std::uint64_t{ports->tcp.size()} + ports->udp.size()) * record_.addresses.size();
  const auto named = std::count_if(record_.ports.begin(), record_.ports.end(), [&](const PortRecord& port) {
    return port.state == Reason::open && ports->of(port.endpoint.transport).contains(port.endpoint.port);
  });
  if (*open + *closed + *filtered != all || *open != static_cast<std::uint64_t>(named)) return;
  if (*filtered > 0 && (!answers_ || !ports->udp.empty())) return;
  for (const IpAddress& host : record_.addresses)
    (*filtered == 0 ? shut_[host].closed : shut_[host].closed_or_filtered).add(*ports);
}

void Looking::add_port(const std::string& name, const Endpoint& endpoint, Reason state) {
  if (state == Reason::open) return add_value(ObservedKind::port, name, "", {std::string(open_state), "", "", ""});
  TransportPorts one;
  one.of(endpoint.transport).add(endpoint.port, endpoint.port);
  if (state == Reason::closed) shut_[endpoint.address].closed.add(one);
  if (state == Reason::filtered && answers_) shut_[endpoint.address].filtered.add(one);
}

/// The server's own, which it shows first; where only the fingerprint was kept, that.
void Looking::add_certificate(const Observation& seen) {
  const Value::Array& chain = list_of(seen.fields, "chain");
  if (!chain.empty()) {
    const Value& own = chain.front();
    return add_value(ObservedKind::certificate, seen.endpoint, text_of(seen.fields, "server_name"),
                     {text_of(own, "fingerprint_sha256"), text_of(own, "subject"), text_of(own, "issuer"),
                      text_of(own, "not_after")});
  }
  const Value* summary = seen.fields.find("tls");
  const std::string fingerprint = summary == nullptr ? std::string() : text_of(*summary, "certificate");
  if (fingerprint.empty())
    sight_.missed[{ObservedKind::certificate, seen.endpoint, ""}] = why_not(seen);
  else
    add_value(ObservedKind::certificate, seen.endpoint, text_of(*summary, "name"), {fingerprint, "", "", ""});
}

void Looking::add_host_keys(const Observation& seen) {
  const Value* one = seen.fields.find("host_key");  // of a connection that was made for this one
  const Value::Array keys = one == nullptr ? list_of(seen.fields, "host_keys") : Value::Array{*one};
  if (keys.empty()) sight_.missed[{ObservedKind::host_key, seen.endpoint, ""}] = why_not(seen);
  for (const Value& key : keys) {
    const std::string type = text_of(key, "type");
    std::string fingerprint = text_of(key, "fingerprint");
    if (fingerprint.empty()) {
      sight_.missed[{ObservedKind::host_key, seen.endpoint, type}] = text_of(key, "message");
      continue;
    }
    const Value* proven = key.find("proven");
    if (proven == nullptr || *proven != Value(true)) fingerprint += " (not proven)";
    add_value(ObservedKind::host_key, seen.endpoint, type, {std::move(fingerprint), "", "", ""});
  }
  const bool cut = seen.fields.find("host_keys_items") != nullptr || seen.fields.find("host_keys_left_out") != nullptr;
  if (one == nullptr && !keys.empty() && !cut) sight_.listed.insert(seen.endpoint);
}

void Looking::add_banner(const Observation& seen) {
  const std::string bytes = text_of(seen.fields, "bytes");
  if (seen.reason != Reason::observed || bytes.empty())
    sight_.missed[{ObservedKind::banner, seen.endpoint, ""}] = why_not(seen);
  else
    add_value(ObservedKind::banner, seen.endpoint, "", {bytes, "", "", ""});
}

void Looking::add_value(ObservedKind kind, const std::string& endpoint, std::string name, ObservedValue value) {
  if (value.id.empty()) return;
  std::vector<ObservedValue>& values = sight_.things[{kind, endpoint, std::move(name)}];
  const auto place = std::lower_bound(values.begin(), values.end(), value,
                                      [](const ObservedValue& a, const ObservedValue& b) { return a.id < b.id; });
  if (place == values.end() || place->id != value.id)
    values.insert(place, std::move(value));
  else if (place->subject.empty())
    *place = std::move(value);
  if (kind != ObservedKind::port)  // who answers is open
    add_value(ObservedKind::port, endpoint, "", {std::string(open_state), "", "", ""});
}

TargetSight Looking::take() {
  sight_.target = record_.id;
  for (const IpAddress& host : record_.addresses) shut_.try_emplace(host);
  for (auto& [host, ports] : shut_)
    sight_.hosts.emplace_back(host, std::make_shared<const ShutPorts>(std::move(ports)));
  if (!alive_)
    sight_.life = record_.life_message.empty() ? "the target gave no sign of life"
                                               : "the target was not seen alive: " + record_.life_message;
  return std::move(sight_);
}

Sight absent(std::string why) { return {Sight::State::absent, {}, std::move(why)}; }
Sight unknown(std::string why) { return {Sight::State::unknown, {}, std::move(why)}; }

}  // namespace

std::string_view name_of(ObservedKind kind) noexcept {
  constexpr std::array<std::string_view, observed_kinds> names{"port", "certificate", "host_key", "banner"};
  return names.at(static_cast<std::size_t>(kind));
}

TargetSight sight_of(const TargetRecord& record, std::span<const Check> checks,
                     const std::vector<ObservationPtr>& others) {
  Looking looking(record);
  for (const Check& check : checks)
    for (const Finding& finding : check.results)
      for (const Evidence& evidence : finding.evidence)
        if (evidence.observation) looking.add(*evidence.observation);
  for (const ObservationPtr& other : others)
    if (other) looking.add(*other);
  return looking.take();
}

Sight TargetSight::look(const ObservedKey& key) const {
  if (const auto seen = things.find(key); seen != things.end()) return {Sight::State::there, seen->second, ""};
  const bool is_port = key.kind == ObservedKind::port;
  const bool answers = !is_port && things.contains({ObservedKind::port, key.endpoint, ""});
  const std::optional<Endpoint> endpoint = parse_endpoint(key.endpoint);
  if (!endpoint) return unknown("it was not asked");
  const auto host =
      std::find_if(hosts.begin(), hosts.end(), [&](const auto& one) { return one.first == endpoint->address; });
  if (host == hosts.end()) return unknown("its address was not asked");
  const auto in = [&](const TransportPorts& ports) { return ports.of(endpoint->transport).contains(endpoint->port); };
  const ShutPorts& shut = *host->second;
  if (!answers && in(shut.closed)) return absent("the port is closed");
  for (const auto& [ports, state] :
       {std::pair(&shut.filtered, "filtered"), std::pair(&shut.closed_or_filtered, "closed or filtered")}) {
    if (answers || !in(*ports)) continue;
    if (is_port) return {Sight::State::there, {{state, "", "", ""}}, ""};
    return unknown(std::string("the port is ") + state);
  }
  const bool offered = missed.contains(key);  // but not to be had
  if (key.kind == ObservedKind::host_key && !offered && listed.contains(key.endpoint))
    return absent("the server offers no key of this type");
  for (const std::string& name : {key.name, std::string()})
    if (const auto vain = missed.find({key.kind, key.endpoint, name}); vain != missed.end())
      return unknown(vain->second);
  return unknown(!life.empty() ? life : is_port ? "the port was not asked" : "it was not asked");
}

}  // namespace audit
