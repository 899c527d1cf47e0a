#include "store/entry.hpp"

#include "store/entry_fields.hpp"

namespace audit::store {
namespace {

template <class Archive>
void put_port(Archive& archive, Of<Archive, PortRecord>& port) {
  put_endpoint(archive, port.endpoint);
  put_reason(archive, port.state);
  put(archive, port.message);
}

template <class Archive>
void put_record(Archive& archive, Of<Archive, TargetRecord>& record) {
  put(archive, record.id);
  put_one_of(archive, record.kind, 2);
  put_one_of(archive, record.life, 4);
  put(archive, record.life_message);
  put(archive, record.names);
  put_addresses(archive, record.addresses);
  put(archive, record.tags);
  put(archive, record.groups);
  put(archive, record.owner);
  put(archive, record.zone);
  put(archive, record.criticality);
  put_each(archive, record.ports, [](auto& to, auto& port) { put_port(to, port); });
  put(archive, record.ports_closed);
  put(archive, record.ports_filtered);
  put(archive, record.ports_unasked);
}

template <class Archive>
void put_not_asked(Archive& archive, Of<Archive, NotAskedEntry>& one) {
  put(archive, one.rule);
  put_one_of(archive, one.by, left_out_reasons);
}

/// Since version 3 of the schema entries say where the inventory names their target: the numbers of their kinds come after
/// those of older ones. Is it such a one?
bool put_kind(Writer& out, const Entry::Kind& kind) {
  out.number(static_cast<std::uint64_t>(kind) + Entry::kinds);
  return true;
}
bool put_kind(Reader& in, Entry::Kind& kind) {
  const std::uint64_t number = in.number();
  if (number >= 2 * Entry::kinds)
    in.fail();
  else
    kind = static_cast<Entry::Kind>(number % Entry::kinds);
  return number >= Entry::kinds;
}

/// True where more comes.
template <class Archive>
bool put_beginning(Archive& archive, Of<Archive, Entry>& entry) {
  const bool placed = put_kind(archive, entry.kind);
  put(archive, entry.ordinal);
  if (entry.kind == Entry::Kind::dark) return false;
  put(archive, entry.message);
  put_addresses(archive, entry.excluded_addresses);
  put(archive, entry.notices);
  if (entry.kind == Entry::Kind::excluded) return false;
  put(archive, entry.planned);
  put_record(archive, entry.record);
  if (!placed) return true;
  put(archive, entry.record.file);
  put(archive, entry.record.line);
  return true;
}

template <class Archive>
void put_entry(Archive& archive, Of<Archive, Entry>& entry) {
  if (!put_beginning(archive, entry)) return;
  put_each(archive, entry.checks, [](auto& to, auto& check) { put_check(to, check); });
  put_each(archive, entry.collected, [](auto& to, auto& collected) { put_collected(to, collected); });
  put_each(archive, entry.not_asked, [](auto& to, auto& one) { put_not_asked(to, one); });
}

/// What the bytes leave to be known from elsewhere; false where it is not there.
bool complete(Entry& entry, const std::vector<std::string>& rules) {
  entry.record.ordinal = entry.ordinal;
  for (Check& check : entry.checks) {
    if (check.rule_ordinal >= rules.size() || check.results.empty()) return false;
    check.rule = rules[check.rule_ordinal];
    check.target = entry.kind == Entry::Kind::run ? "*" : entry.record.id;
    check.target_ordinal = entry.ordinal;
  }
  return true;
}

}  // namespace

void write_entry(const Entry& entry, std::string& out) {
  Writer writer(out);
  put_entry(writer, entry);
}

std::optional<Entry> read_entry_record(std::string_view bytes) {
  Reader reader(bytes);
  std::optional<Entry> entry(std::in_place);
  (void)put_beginning(reader, *entry);
  if (!reader.good()) return std::nullopt;
  entry->record.ordinal = entry->ordinal;
  return entry;
}

std::optional<Entry> read_entry(std::string_view bytes, const std::vector<std::string>& rules) {
  Reader reader(bytes);
  std::optional<Entry> entry(std::in_place);
  put_entry(reader, *entry);
  if (!reader.good() || !reader.at_end() || !complete(*entry, rules)) return std::nullopt;
  return entry;
}

}  // namespace audit::store
