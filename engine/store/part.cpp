#include "store/part.hpp"

#include <algorithm>

#include "store/entry_fields.hpp"

namespace audit::store {
namespace {

template <class Archive>
void put_resolution(Archive& archive, Of<Archive, Part::Resolution>& resolution) {
  put(archive, resolution.name);
  put_addresses(archive, resolution.addresses);
  put(archive, resolution.notice);
  put_error(archive, resolution.error);
}

template <class Archive>
void put_ports(Archive& archive, Of<Archive, SweptPorts>& ports) {
  put(archive, ports.first);
  put(archive, ports.last);
  put_reason(archive, ports.state);
  put(archive, ports.attempts);
  put(archive, ports.unreachable);
  put(archive, ports.fault_number);
  put(archive, ports.took_us);
  if constexpr (!Archive::writing)
    if (ports.last < ports.first) archive.fail();
}

template <class Archive>
void put_lives(Archive& archive, Of<Archive, std::vector<SignOfLife>>& lives) {
  put_each(archive, lives, [](auto& to, auto& life) {
    put(to, life.host);
    put(to, life.how);
  });
}

template <class Archive>
void put_swept(Archive& archive, Of<Archive, Sweep>& swept) {
  put_time(archive, swept.time);
  put_each(archive, swept.hosts, [](auto& to, auto& host) {
    put(to, host.address);
    put_each(to, host.ports, [](auto& into, auto& ports) { put_ports(into, ports); });
  });
  put(archive, swept.echoes);
  put(archive, swept.no_echo);
  put(archive, swept.tarpits);
  put_lives(archive, swept.lively);
}

template <class Archive>
void put_answer(Archive& archive, Of<Archive, Part::Answer>& answer) {
  put(archive, answer.key);
  put(archive, answer.fields);
  put_error(archive, answer.error);
  put(archive, answer.observation);
  put_each(archive, answer.record, [](auto& to, auto& observation) { put(to, observation); });
}

template <class Archive>
void put_part(Archive& archive, Of<Archive, Part>& part) {
  put(archive, part.ordinal);
  put_each(archive, part.resolutions, [](auto& to, auto& one) { put_resolution(to, one); });
  put_optional(archive, part.swept, [](auto& to, auto& swept) { put_swept(to, swept); });
  put_lives(archive, part.lively);
  put_each(archive, part.checks, [](auto& to, auto& check) { put_check(to, check); });
  put_each(archive, part.collected, [](auto& to, auto& one) { put_collected(to, one); });
  put_each(archive, part.answers, [](auto& to, auto& answer) { put_answer(to, answer); });
}

/// Would whoever goes on from it meet what cannot be?
bool makes_sense(const Part& part, std::size_t rules) {
  const auto known = [&](const Check& check) { return check.rule_ordinal < rules && !check.results.empty(); };
  const auto of_rule = [&](const CollectedEntry& one) { return one.rule < rules; };
  const auto whole = [](const Part::Answer& answer) {
    return answer.observation != nullptr && answer.fields.get_if<Object>() != nullptr &&
           std::find(answer.record.begin(), answer.record.end(), nullptr) == answer.record.end();
  };
  const auto in_order = [](const SweptHost& host) {
    return std::adjacent_find(host.ports.begin(), host.ports.end(), [](const SweptPorts& a, const SweptPorts& b) {
             return b.first <= a.last;
           }) == host.ports.end();
  };
  if (part.swept && !std::all_of(part.swept->hosts.begin(), part.swept->hosts.end(), in_order)) return false;
  return std::all_of(part.checks.begin(), part.checks.end(), known) &&
         std::all_of(part.collected.begin(), part.collected.end(), of_rule) &&
         std::all_of(part.answers.begin(), part.answers.end(), whole);
}

}  // namespace

void write_part(const Part& part, std::string& out) {
  Writer writer(out);
  put_part(writer, part);
}

std::optional<Part> read_part(std::string_view bytes, std::size_t rules) {
  Reader reader(bytes);
  std::optional<Part> part(std::in_place);
  put_part(reader, *part);
  if (!reader.good() || !reader.at_end() || !makes_sense(*part, rules)) return std::nullopt;
  return part;
}

}  // namespace audit::store
