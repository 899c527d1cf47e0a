#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/run_diff.hpp"
#include "report/html_sections.hpp"

namespace audit::report {

// What the page of a comparison has before and after its own sections, and what a run's page shows of one too.

/// `headline` is `visible`.
void begin_comparison(const std::string& headline, const DiffSide& before, const DiffSide& after, Page& page);
/// Says how many of `size` are left out where only `most` are written.
void write_more(std::size_t size, std::size_t most, Page& page);
/// A table of the first `most` items, as `label` names it; those in `shown` are findings of this page, and links to them.
void write_items(Markup label, const std::vector<DiffItem>& items, std::size_t most, const std::set<std::string>& shown,
                 Page& page);
/// Likewise of what was judged before, and is not now.
void write_unknown(const std::vector<UnknownItem>& items, std::size_t most, Page& page);
/// What of the plan is another one, in `visible` sentences.
void end_comparison(const std::vector<std::string>& sentences, Page& page);

}  // namespace audit::report
