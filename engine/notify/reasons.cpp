#include "notify/reasons.hpp"

#include <fmt/format.h>

namespace audit::notify {
namespace {

/// Of a round of a watch, which always has what was confirmed before to compare with.
std::vector<std::string> reasons_of_round(const NotifyWhen& when, const News& news) {
  std::vector<std::string> reasons;
  const Change change = news.change.value_or(Change());
  const bool flipped = news.round->flips > 0;
  if (when.always && flipped) reasons.emplace_back("always");
  if (when.changed && flipped) reasons.emplace_back("changed");
  if (when.new_failures && change.new_failures.count_from(*when.new_failures) > 0)
    reasons.push_back(fmt::format("new_failures >= {}", name_of(*when.new_failures)));
  if (when.incomplete && change.unknown_now > 0) reasons.emplace_back("incomplete");
  if (when.recovered && change.recovered) reasons.emplace_back("recovered");
  if (when.waiver_expiring && !news.waivers.empty()) reasons.emplace_back("waiver_expiring");
  return reasons;
}

}  // namespace

std::vector<std::string> reasons_of(const NotifyWhen& when, const News& news) {
  if (news.round) return reasons_of_round(when, news);
  std::vector<std::string> reasons;
  const auto unknown = [&](std::string_view condition) {
    reasons.push_back(fmt::format("{} ({})", condition, no_comparison));
  };
  if (when.always) reasons.emplace_back("always");
  if (when.changed) {
    if (!news.change)
      unknown("changed");
    else if (news.change->changed())
      reasons.emplace_back("changed");
  }
  if (when.new_failures) {
    const std::string condition = fmt::format("new_failures >= {}", name_of(*when.new_failures));
    const FailureList& list = news.change ? news.change->new_failures : news.failures;
    if (list.count_from(*when.new_failures) > 0) {
      if (news.change)
        reasons.push_back(condition);
      else
        unknown(condition);
    }
  }
  if (when.incomplete && !news.complete) reasons.emplace_back("incomplete");
  if (when.recovered) {
    if (news.change && news.change->recovered) reasons.emplace_back("recovered");
    if (!news.change && news.complete && news.failures.count() == 0) unknown("recovered");
  }
  if (when.waiver_expiring && !news.waivers.empty()) reasons.emplace_back("waiver_expiring");
  return reasons;
}

std::string joined(const std::vector<std::string>& reasons) { return fmt::format("{}", fmt::join(reasons, ", ")); }

}  // namespace audit::notify
