#include <ostream>

#include "report/diff.hpp"
#include "report/json_diff.hpp"
#include "report/json_value.hpp"
#include "report/observations.hpp"

namespace audit::report {
namespace {

void put_values(JsonWriter& json, std::string_view name, ObservedKind kind, const std::vector<ObservedValue>& values) {
  if (values.empty()) return;
  put_each(json, name, values, [&](const ObservedValue& value) {
    put_object(json, [&] {
      switch (kind) {
        case ObservedKind::port: put(json, "state", value.id); break;
        case ObservedKind::banner: put(json, "bytes", value.id); break;
        case ObservedKind::host_key: put(json, "fingerprint", value.id); break;
        case ObservedKind::certificate:
          put(json, "fingerprint_sha256", value.id);
          put_some(json, "subject", value.subject);
          put_some(json, "issuer", value.issuer);
          put_some(json, "not_after", value.not_after);
      }
    });
  });
}

}  // namespace

void write_observations_json(const ObservationDiff& diff, const Style&, std::ostream& out) {
  JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  put_object(json, [&] {
    put(json, "schema", std::uint64_t{1});
    put_side(json, "before", diff.before);
    put_side(json, "after", diff.after);
    put_object(json, "summary", [&] {
      for (const ObservedChange change : all_observed_changes) put(json, name_of(change), diff.count(change));
      put(json, "same", diff.same);
    });
    put_each(json, "differences", diff.differences, [&](const ObservedDifference& difference) {
      put_object(json, [&] {
        const ObservedKey& key = difference.key;
        put(json, "change", name_of(difference.change));
        put(json, "kind", name_of(key.kind));
        put(json, "target", difference.target);
        put(json, "endpoint", key.endpoint);
        if (key.kind == ObservedKind::certificate) put_some(json, "server_name", key.name);
        if (key.kind == ObservedKind::host_key) put_some(json, "type", key.name);
        put_values(json, "was", key.kind, difference.was);
        put_values(json, "now", key.kind, difference.now);
        put_some(json, "why", difference.why);
      });
    });
  });
  stream.Put('\n');
  stream.Flush();
}

}  // namespace audit::report
