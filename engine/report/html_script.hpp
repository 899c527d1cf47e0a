#pragma once

#include "report/page.hpp"

namespace audit::report {

/// Filters, sorts and folds what the page has. Nothing is missing without it, nothing of a record is in it, and it makes
/// text of what it reads, never markup.
[[nodiscard]] Markup script();
/// What the page's Content-Security-Policy lets run: this script by its SHA-256, and nothing else.
[[nodiscard]] Markup script_source();

}  // namespace audit::report
