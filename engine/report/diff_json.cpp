#include <ostream>

#include "report/diff.hpp"
#include "report/json_diff.hpp"
#include "report/json_value.hpp"

namespace audit::report {
namespace {

void put_items(JsonWriter& json, std::string_view name, const std::vector<DiffItem>& items) {
  put_each(json, name, items, [&](const DiffItem& item) {
    put_object(json, [&] {
      put(json, "fingerprint", item.fingerprint);
      put(json, "rule", item.rule);
      put(json, "target", item.target);
      put_some(json, "endpoint", item.endpoint);
      put_some(json, "key", item.key);
      put(json, "severity", name_of(item.severity));
      put(json, "message", item.message);
      put_some(json, "was", item.was);
      put_some(json, "waiver", item.waiver);
      if (item.first_seen) put(json, "first_seen", format_utc(*item.first_seen));
      if (item.last_seen) put(json, "last_seen", format_utc(*item.last_seen));
    });
  });
}

}  // namespace

void put_side(JsonWriter& json, std::string_view name, const DiffSide& side) {
  put_object(json, name, [&] {
    put(json, "id", side.id);
    put(json, "started", format_utc(side.started));
    put_flag(json, "complete", side.complete);
    put(json, "program", side.program);
    put(json, "inventory_sha256", side.inventory);
  });
}

void write_diff_json(const RunDiff& diff, const Style&, std::ostream& out) {
  JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  put_object(json, [&] {
    put(json, "schema", std::uint64_t{1});
    put_side(json, "before", diff.before);
    put_side(json, "after", diff.after);
    put_object(json, "summary", [&] {
      put(json, "new", std::uint64_t{diff.fresh.size()});
      put(json, "fixed", std::uint64_t{diff.fixed.size()});
      put(json, "still_failing", diff.still);
      put(json, "changed", std::uint64_t{diff.changed.size()});
      put(json, "unknown_now", std::uint64_t{diff.unknown.size()});
      put(json, "still_unknown", diff.still_unknown);
      put(json, "not_asked_any_more", diff.failures_went);
    });
    put_items(json, "new", diff.fresh);
    put_items(json, "fixed", diff.fixed);
    put_items(json, "changed", diff.changed);
    put_items(json, "unchanged", diff.same);
    put_each(json, "unknown_now", diff.unknown, [&](const UnknownItem& item) {
      put_object(json, [&] {
        put(json, "rule", item.rule);
        put(json, "target", item.target);
        put(json, "was", name_of(item.was));
        put(json, "status", name_of(item.now));
        put(json, "reason", name_of(item.reason));
        put(json, "message", item.message);
      });
    });
    put_object(json, "scope", [&] {
      put(json, "targets_came", diff.targets_came);
      put(json, "targets_went", diff.targets_went);
      put(json, "rules_came", diff.rules_came);
      put(json, "rules_went", diff.rules_went);
      put(json, "rules_changed", diff.rules_changed);
    });
  });
  stream.Put('\n');
  stream.Flush();
}

}  // namespace audit::report
