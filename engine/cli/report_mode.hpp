#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "inventory/inventory.hpp"

namespace audit::cli {

/// --report-mode MODE, for every command that writes reports.
void add_report_mode_option(CLI::App& command, std::string& mode);

/// Who may read the reports, as the option says, else the inventory; none leaves it to each format. Error: the option is
/// no such mode.
[[nodiscard]] Result<std::optional<std::uint32_t>> report_mode(const std::string& option,
                                                               const inventory::Inventory* inventory = nullptr);

/// Of a report that nobody said anything of: its owner's alone, for it tells how to break in. Metrics are for an exporter,
/// which is somebody else.
[[nodiscard]] std::uint32_t usual_mode(const std::string& format);

}  // namespace audit::cli
