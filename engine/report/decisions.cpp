#include "report/decisions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "report/groups.hpp"
#include "report/shown.hpp"

namespace audit::report {
namespace {

constexpr std::size_t longest_name = 120;
constexpr std::size_t most_patterns = 12;

int urgency(WaiverState state) {
  switch (state) {
    case WaiverState::expired: return 0;
    case WaiverState::expiring: return 1;
    case WaiverState::active: return 2;
    case WaiverState::future: return 3;
  }
  return 3;
}

std::string days(std::int64_t count) { return counted(static_cast<std::uint64_t>(std::abs(count)), "day"); }

void add_count(std::string& text, std::uint64_t count, std::string_view what) {
  if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
}

}  // namespace

std::vector<const WaiverRecord*> by_urgency(const std::vector<WaiverRecord>& waivers) {
  std::vector<const WaiverRecord*> order;
  for (const WaiverRecord& waiver : waivers) order.push_back(&waiver);
  std::stable_sort(order.begin(), order.end(),
                   [](const WaiverRecord* a, const WaiverRecord* b) { return urgency(a->state) < urgency(b->state); });
  return order;
}

std::string time_of(const WaiverRecord& waiver) {
  switch (waiver.state) {
    case WaiverState::future:
      return fmt::format("from {} to {}", format_day(waiver.starts), format_day(waiver.expires));
    case WaiverState::expired:
      return fmt::format("since the end of {}, {} ago", format_day(waiver.expires), days(waiver.days_left));
    case WaiverState::active:
    case WaiverState::expiring: break;
  }
  return fmt::format("until the end of {}, {} left", format_day(waiver.expires), days(waiver.days_left));
}

std::string reach_of(const WaiverRecord& waiver) {
  std::string text = fmt::format("{} on {}", shown(waiver.rule, longest_name),
                                 examples({waiver.targets.begin(), waiver.targets.end()}, most_patterns));
  if (!waiver.endpoint.empty()) text += ", at " + shown(waiver.endpoint, longest_name);
  std::string covers;
  for (const std::string& word : waiver.covers) covers += (covers.empty() ? "" : " and ") + shown(word, longest_name);
  return text + "; covers " + covers;
}

std::string effect_of(const WaiverRecord& waiver) {
  const std::string results = counted(waiver.matched, "result");
  switch (waiver.state) {
    case WaiverState::future:
      return waiver.matched == 0 ? "nothing in this run would need it"
                                 : fmt::format("it will cover {} of this run once it starts; until then {} in full",
                                               results, waiver.matched == 1 ? "it counts" : "they count");
    case WaiverState::expired:
      return waiver.matched == 0
                 ? "nothing in this run would need it"
                 : fmt::format("{} that it covered {} again", results, waiver.matched == 1 ? "counts" : "count");
    case WaiverState::active:
    case WaiverState::expiring: break;
  }
  if (waiver.named == 0) return "unused: it names no result of this run";
  if (waiver.matched == 0)
    return fmt::format("unused: {} that it names did not need it", counted(waiver.named, "result"));
  std::string text = fmt::format("{} waived", counted(waiver.waived, "result"));
  if (waiver.waived < waiver.matched)
    text += fmt::format("; {} that it covers too {} another waiver", waiver.matched - waiver.waived,
                        waiver.matched - waiver.waived == 1 ? "carries" : "carry");
  return text;
}

std::string tally_of(const std::vector<WaiverRecord>& waivers) {
  std::string text;
  for (const WaiverState state :
       {WaiverState::expired, WaiverState::expiring, WaiverState::active, WaiverState::future})
    add_count(text,
              static_cast<std::uint64_t>(std::count_if(waivers.begin(), waivers.end(),
                                                       [&](const WaiverRecord& one) { return one.state == state; })),
              name_of(state));
  add_count(text,
            static_cast<std::uint64_t>(
                std::count_if(waivers.begin(), waivers.end(), [](const WaiverRecord& one) { return one.unused(); })),
            "unused");
  return text;
}

std::string standing_of(const AttestationRecord& attestation) {
  const std::string until = format_day(attestation.valid_until);
  switch (attestation.state) {
    case AttestationState::current:
      return fmt::format("{}, valid until the end of {}", name_of(attestation.status), until);
    case AttestationState::expired:
      return fmt::format("not_reviewed: expired at the end of {} (it said {})", until, name_of(attestation.status));
    case AttestationState::future:
      return fmt::format("not_reviewed: dated {}, after this run (it says {})", format_day(attestation.date),
                         name_of(attestation.status));
  }
  return {};
}

std::array<std::uint64_t, status_count> count_attestations(const RunRecord& record) {
  std::array<std::uint64_t, status_count> counts{};
  for (const AttestationRecord& attestation : record.attestations)
    ++counts[static_cast<std::size_t>(attestation.effective())];
  return counts;
}

std::string tally_of_attestations(const RunRecord& record) {
  const auto counts = count_attestations(record);
  std::string text;
  for (const Status status : all_statuses) add_count(text, counts[static_cast<std::size_t>(status)], name_of(status));
  return text;
}

}  // namespace audit::report
