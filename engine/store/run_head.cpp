#include "store/run_head.hpp"

#include <fmt/format.h>

#include "store/record_fields.hpp"

namespace audit::store {
namespace {

template <class T, std::size_t size>
void put_all(Writer& out, const std::array<T, size>& list) {
  for (const T& item : list) put(out, item);
}
template <class T, std::size_t size>
void put_all(Reader& in, std::array<T, size>& list) {
  for (T& item : list) put(in, item);
}

template <class Key, class T>
void put_map(Writer& out, const std::map<Key, T>& map) {
  out.number(map.size());
  for (const auto& [key, value] : map) {
    put(out, key);
    put(out, value);
  }
}
template <class Key, class T>
void put_map(Reader& in, std::map<Key, T>& map) {
  for (std::size_t left = in.count(); left > 0 && in.good(); --left) {
    Key key{};
    put(in, key);
    put(in, map[key]);
  }
}

template <class Archive>
void put_ports(Archive& archive, Of<Archive, PortSet>& ports) {
  if constexpr (Archive::writing) {
    archive.number(ports.ranges().size());
    for (const PortSet::Range& range : ports.ranges()) {
      put(archive, range.first);
      put(archive, range.last);
    }
  } else {
    for (std::size_t left = archive.count(); left > 0 && archive.good(); --left) {
      std::uint16_t first = 0;
      std::uint16_t last = 0;
      put(archive, first);
      put(archive, last);
      if (first == 0 || last < first)
        archive.fail();
      else
        ports.add(first, last);
    }
  }
}

template <class Archive>
void put_rule(Archive& archive, Of<Archive, RuleRecord>& rule) {
  put(archive, rule.id);
  put(archive, rule.title);
  put_severity(archive, rule.severity);
  put_one_of(archive, rule.safety, 3);
  put(archive, rule.tags);
  put(archive, rule.rationale);
  put(archive, rule.remediation);
  put(archive, rule.references);
  put_ports(archive, rule.ports.tcp);
  put_ports(archive, rule.ports.udp);
  put(archive, rule.file);
  put(archive, rule.sha256);
}

template <class Archive>
void put_mapping(Archive& archive, Of<Archive, Framework::Mapping>& mapping) {
  put(archive, mapping.rule);
  put_one_of(archive, mapping.supports, 2);
  put(archive, mapping.why);
}

template <class Archive>
void put_control(Archive& archive, Of<Archive, Framework::Control>& control) {
  put(archive, control.id);
  put(archive, control.title);
  put_each(archive, control.rules, [](auto& to, auto& mapping) { put_mapping(to, mapping); });
}

template <class Archive>
void put_framework(Archive& archive, Of<Archive, Framework>& framework) {
  put(archive, framework.id);
  put(archive, framework.title);
  put(archive, framework.version);
  put(archive, framework.url);
  put(archive, framework.note);
  put(archive, framework.file);
  put_each(archive, framework.controls, [](auto& to, auto& control) { put_control(to, control); });
}

template <class Archive>
void put_waiver(Archive& archive, Of<Archive, WaiverRecord>& waiver) {
  put(archive, waiver.id);
  put(archive, waiver.rule);
  put(archive, waiver.targets);
  put(archive, waiver.endpoint);
  put(archive, waiver.reason);
  put(archive, waiver.approver);
  put(archive, waiver.ticket);
  put(archive, waiver.covers);
  put_time(archive, waiver.starts);
  put_time(archive, waiver.expires);
  put_one_of(archive, waiver.state, 4);
  put(archive, waiver.days_left);
  put(archive, waiver.named);
  put(archive, waiver.matched);
  put(archive, waiver.waived);
}

template <class Archive>
void put_attestation(Archive& archive, Of<Archive, AttestationRecord>& attestation) {
  put(archive, attestation.control);
  put_status(archive, attestation.status);
  put(archive, attestation.by);
  put_time(archive, attestation.date);
  put_time(archive, attestation.valid_until);
  put(archive, attestation.evidence);
  put_one_of(archive, attestation.state, 3);
}

template <class Archive>
void put_source(Archive& archive, Of<Archive, SourceRecord>& source) {
  put(archive, source.kind);
  put(archive, source.path);
  put(archive, source.command);
  put_time(archive, source.time);
  put(archive, source.sha256);
  put(archive, source.targets);
}

template <class Archive>
void put_addresses(Archive& archive, Of<Archive, AddressList>& list) {
  put(archive, list.source);
  put_each(archive, list.blocks, [](auto& to, auto& block) {
    put(to, block.first);
    put(to, block.last);
  });
  put(archive, list.names);
  put(archive, list.count);
}

template <class Archive>
void put_left_out(Archive& archive, Of<Archive, LeftOut>& part) {
  put_one_of(archive, part.by, left_out_reasons);
  put(archive, part.rule);
  put(archive, part.count);
  put(archive, part.of);
  put(archive, part.example);
  put(archive, part.candidates);
}

template <class Archive>
void put_summary(Archive& archive, Of<Archive, Summary>& summary) {
  put(archive, summary.planned);
  put_all(archive, summary.checks);
  put_all(archive, summary.results);
  put_all(archive, summary.failures);
  put(archive, summary.waived);
  put_all(archive, summary.waived_failures);
  put(archive, summary.waived_unseen);
  put(archive, summary.targets);
  put(archive, summary.dark);
  put(archive, summary.excluded);
  put(archive, summary.probes.asked);
  put(archive, summary.probes.sent);
  put(archive, summary.probes.shared);
  put(archive, summary.probes.evicted);
  put(archive, summary.probes.retried);
  put(archive, summary.probes.local_faults);
}

template <class Archive>
void put_provenance(Archive& archive, Of<Archive, RunRecord>& record) {
  put(archive, record.tool.name);
  put(archive, record.tool.version);
  put(archive, record.run.id);
  put_time(archive, record.run.started);
  put_time(archive, record.run.finished);
  put(archive, record.run.complete);
  put(archive, record.run.stopped_by);
  put(archive, record.run.seed);
  put(archive, record.run.command);
  put(archive, record.run.vantage.host);
  put(archive, record.run.vantage.addresses);
  put(archive, record.run.vantage.resolvers);
  put(archive, record.inventory.path);
  put(archive, record.inventory.sha256);
  put(archive, record.inventory.name);
  put_each(archive, record.inventory.files, [](auto& to, auto& file) {
    put(to, file.path);
    put(to, file.sha256);
  });
  put_each(archive, record.inventory.sources, [](auto& to, auto& source) { put_source(to, source); });
}

template <class Archive>
void put_minutes(Archive& archive, Of<Archive, std::chrono::minutes>& minutes) {
  std::int64_t count = 0;
  if constexpr (Archive::writing) count = minutes.count();
  put(archive, count);
  if constexpr (!Archive::writing) minutes = std::chrono::minutes(count);
}

/// What heads have since version 4 of the schema.
template <class Archive>
void put_local_time(Archive& archive, Of<Archive, RunRecord>& record) {
  if constexpr (!Archive::writing)
    if (archive.at_end()) return;
  put(archive, record.run.local.zone);
  put_minutes(archive, record.run.local.started_ahead);
  put_minutes(archive, record.run.local.finished_ahead);
}

/// What heads have since version 3 of the schema.
template <class Archive>
void put_authority(Archive& archive, Of<Archive, RunRecord>& record) {
  if constexpr (!Archive::writing)
    if (archive.at_end()) return;
  put(archive, record.run.user);
  put(archive, record.inventory.authorised_by);
  put(archive, record.inventory.ssp);
  put(archive, record.inventory.assessment_plan);
}

template <class Archive>
void put_head(Archive& archive, Of<Archive, RunRecord>& record) {
  put_provenance(archive, record);
  put_summary(archive, record.summary);
  put(archive, record.require_coverage);
  put_time(archive, record.dates.day);
  put(archive, record.dates.timezone);
  put_each(archive, record.waivers, [](auto& to, auto& waiver) { put_waiver(to, waiver); });
  put_each(archive, record.attestations, [](auto& to, auto& attestation) { put_attestation(to, attestation); });
  put_each(archive, record.rules, [](auto& to, auto& rule) { put_rule(to, rule); });
  put_each(archive, record.controls.frameworks, [](auto& to, auto& framework) { put_framework(to, framework); });
  put_each(archive, record.dark, [](auto& to, auto& list) { put_addresses(to, list); });
  put_each(archive, record.excluded, [](auto& to, auto& list) { put_addresses(to, list); });
  put_map(archive, record.services);
  put_each(archive, record.left_out, [](auto& to, auto& part) { put_left_out(to, part); });
  put(archive, record.notices);
  put_authority(archive, record);
  put_local_time(archive, record);
}

template <class Archive>
void put_start(Archive& archive, Of<Archive, RunStart>& start) {
  put(archive, start.id);
  put(archive, start.inventory);
  put(archive, start.scope);
  put_time(archive, start.started);
  put(archive, start.seed);
  put(archive, start.rules);
  put_map(archive, start.made_of);
}

/// At the end: older histories have none.
template <class Archive>
void put_earlier(Archive& archive, Of<Archive, RunStart>& start) {
  put(archive, start.earlier_run);
  put(archive, start.earlier_targets);
}

template <class Archive>
void put_sources(Archive& archive, Of<Archive, RunStart>& start) {
  put_each(archive, start.sources, [](auto& to, auto& source) {
    put_source(to, source.record);
    put(to, source.targets);
  });
}

}  // namespace

std::string write_start(const RunStart& start) {
  std::string bytes;
  {
    Writer writer(bytes);
    put_start(writer, start);
    put_earlier(writer, start);
    put_sources(writer, start);
  }
  return bytes;
}

std::optional<RunStart> read_start(std::string_view bytes) {
  Reader reader(bytes);
  std::optional<RunStart> start(std::in_place);
  put_start(reader, *start);
  if (reader.good() && !reader.at_end()) put_earlier(reader, *start);
  if (reader.good() && !reader.at_end()) put_sources(reader, *start);
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  return start;
}

std::vector<std::string> changes_between(const RunStart& then, const RunStart& now) {
  std::vector<std::string> changes;
  for (const auto& [what, digest] : then.made_of) {
    const auto found = now.made_of.find(what);
    if (found == now.made_of.end())
      changes.push_back(fmt::format("{} is gone", what));
    else if (found->second != digest)
      changes.push_back(fmt::format("{} was changed", what));
  }
  for (const auto& [what, digest] : now.made_of)
    if (!then.made_of.contains(what)) changes.push_back(fmt::format("{} is new", what));
  return changes;
}

std::string write_head(const RunRecord& record) {
  std::string bytes;
  {
    Writer writer(bytes);
    put_head(writer, record);
  }
  return bytes;
}

std::optional<RunRecord> read_head(std::string_view bytes) {
  Reader reader(bytes);
  std::optional<RunRecord> record(std::in_place);
  put_head(reader, *record);
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  return record;
}

}  // namespace audit::store
