#include "cli/earlier_targets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/journaling.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

bool has_candidates(const inventory::Inventory& inventory) {
  return std::any_of(inventory.entries.begin(), inventory.entries.end(), [](const inventory::Entry& entry) {
    return entry.kind == inventory::Entry::Kind::block && !entry.settings->assume_up;
  });
}

Result<core::EarlierTargets> targets_of_last_run(const std::string& state, const std::string& scope) {
  const Result<store::History> history = store::History::open(state);
  if (!history) return core::EarlierTargets();  // there is none yet; to begin one says what is wrong with it
  const Result<std::optional<store::RunRow>> run = history->last_complete(scope);
  if (!run) return run.error();
  if (!*run) return core::EarlierTargets();
  core::EarlierTargets targets((*run)->id, "");
  const Result<void> read = history->targets(**run, [&](const TargetRecord& target) {
    if (target.kind == TargetKind::candidate) targets.add(target.id);
  });
  if (!read) return read.error();
  targets.settle();
  return targets;
}

}  // namespace

void recall_targets(core::Plan& plan, const Sources& sources, const EarlierSource& source) {
  if (source.replayed != nullptr) {
    plan.earlier = core::EarlierTargets(source.replayed->earlier_run, source.replayed->earlier_targets);
  } else if (source.resumed) {
    plan.earlier = core::EarlierTargets(source.resumed->earlier_run, source.resumed->earlier_targets);
  } else if (!source.state.empty() && has_candidates(*plan.inventory)) {
    Result<core::EarlierTargets> last = targets_of_last_run(source.state, start_of(plan, sources).scope);
    if (last)
      plan.earlier = std::move(*last);
    else
      plan.notices.push_back(
          fmt::format("which candidates were targets in the last run is not known: {}; silent ones are dark",
                      last.error().message));
  }
}

}  // namespace audit::cli
