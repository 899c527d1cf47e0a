#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <span>

#include "base/text.hpp"
#include "notify/message.hpp"
#include "notify/reasons.hpp"

namespace audit::notify {
namespace {

constexpr int schema = 1;
constexpr std::size_t longest_text = 2'000;  // bytes of one text from elsewhere

class Body {
 public:
  void open() { json_.StartObject(); }
  void close() { json_.EndObject(); }
  void open(std::string_view name) {
    key(name);
    open();
  }
  void text(std::string_view value) {
    const std::string shown = visible(value, longest_text);
    json_.String(shown.data(), static_cast<rapidjson::SizeType>(shown.size()));
  }
  void put(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void put(std::string_view name, std::uint64_t value) {
    key(name);
    json_.Uint64(value);
  }
  void put_whole(std::string_view name, std::int64_t value) {
    key(name);
    json_.Int64(value);
  }
  void put_number(std::string_view name, double value) {
    key(name);
    json_.Double(value);
  }
  void put_flag(std::string_view name, bool value) {
    key(name);
    json_.Bool(value);
  }
  void put_null(std::string_view name) {
    key(name);
    json_.Null();
  }
  template <class Items, class Write>
  void each(std::string_view name, const Items& items, Write write) {
    key(name);
    json_.StartArray();
    for (const auto& item : items) write(item);
    json_.EndArray();
  }
  void severities(std::string_view name, const std::array<std::uint64_t, severity_count>& counts) {
    open(name);
    for (std::size_t i = severity_count; i-- > 0;) put(name_of(static_cast<Severity>(i)), counts[i]);
    close();
  }
  void failures(std::string_view name, const FailureList& list) {
    open(name);
    put("count", list.count());
    severities("by_severity", list.by_severity);
    each("first", list.first, [&](const Failure& failure) {
      open();
      put("severity", name_of(failure.severity));
      put("rule", failure.rule);
      put("target", failure.target);
      put("endpoint", failure.endpoint);
      put("message", failure.message);
      close();
    });
    put("more", list.more());
    close();
  }
  [[nodiscard]] std::string take() const { return {out_.GetString(), out_.GetSize()}; }

 private:
  void key(std::string_view name) { json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  rapidjson::StringBuffer out_;
  rapidjson::Writer<rapidjson::StringBuffer> json_{out_};
};

std::string_view name_of_event(Event event) {
  switch (event) {
    case Event::start: return "start";
    case Event::end: return "run";
    case Event::test: return "test";
    case Event::round: return "round";
  }
  return "";
}

void put_run(Body& body, const News& news) {
  body.open("run");
  body.put("id", news.id);
  body.put("host", news.host);
  body.put("started", format_utc(news.started));
  body.put("finished", format_utc(news.finished));
  body.put_flag("complete", news.complete);
  body.put("stopped_by", news.stopped_by);
  body.put_whole("exit_code", news.exit_code);
  body.close();
}

void put_summary(Body& body, const News& news) {
  const Summary& summary = news.summary;
  body.open("summary");
  body.put("planned", summary.planned);
  for (const Status status : all_statuses) body.put(name_of(status), summary.of(status));
  body.put("waived", summary.waived);
  body.put("targets", summary.targets);
  body.put("dark", summary.dark);
  body.put("excluded", summary.excluded);
  body.put_number("score", summary.score());
  body.put_number("coverage", summary.coverage());
  body.put_number("require_coverage", news.require_coverage);
  body.close();
}

void put_waivers(Body& body, const std::vector<ExpiringWaiver>& waivers) {
  const std::span<const ExpiringWaiver> first(waivers.data(), std::min(waivers.size(), FailureList::most));
  body.open("waivers_expiring");
  body.put("count", static_cast<std::uint64_t>(waivers.size()));
  body.each("first", first, [&](const ExpiringWaiver& waiver) {
    body.open();
    body.put("id", waiver.id);
    body.put("rule", waiver.rule);
    body.put("expires", format_day(waiver.expires));
    body.put_whole("days_left", waiver.days_left);
    body.close();
  });
  body.put("more", static_cast<std::uint64_t>(waivers.size() - first.size()));
  body.close();
}

void put_change(Body& body, const std::optional<Change>& change) {
  if (!change) {
    body.put_null("change");
    body.put("note", no_comparison);
    return;
  }
  body.open("change");
  body.put("previous", change->previous);
  body.put_flag("changed", change->changed());
  body.put_flag("recovered", change->recovered);
  body.failures("new_failures", change->new_failures);
  body.put("fixed", change->fixed);
  body.put("unknown_now", change->unknown_now);
  body.put("changed_evidence", change->changed_evidence);
  body.close();
}

void put_round(Body& body, const Round& round) {
  body.open("round");
  body.put("number", round.number);
  body.put("untold", round.untold);
  body.open("changes");
  body.put("count", round.flips);
  body.each("first", round.first, [&](const Flip& flip) {
    body.open();
    body.put("kind", flip.kind);
    body.put("target", flip.target);
    body.put("name", flip.name);
    body.put("from", flip.from);
    body.put("to", flip.to);
    body.put("message", flip.message);
    body.close();
  });
  body.put("more", round.more());
  body.close();
  body.close();
}

}  // namespace

std::string json_body(const News& news, const std::vector<std::string>& reasons) {
  Body body;
  body.open();
  body.put_whole("schema", schema);
  body.put("event", name_of_event(news.event));
  body.each("reasons", reasons, [&](const std::string& reason) { body.text(reason); });
  body.open("tool");
  body.put("name", "audit");
  body.put("version", news.version);
  body.close();
  put_run(body, news);
  body.open("inventory");
  body.put("name", news.inventory_name);
  body.put("path", news.inventory_path);
  body.close();
  put_summary(body, news);
  body.failures("failures", news.failures);
  put_waivers(body, news.waivers);
  put_change(body, news.change);
  if (news.round) put_round(body, *news.round);
  body.close();
  return body.take();
}

}  // namespace audit::notify
