#include "cli/report_mode.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "inventory/report_keys.hpp"

namespace audit::cli {
namespace {

constexpr std::uint32_t owner_only = 0600;
constexpr std::uint32_t readable = 0644;

}  // namespace

void add_report_mode_option(CLI::App& command, std::string& mode) {
  command
      .add_option("--report-mode", mode,
                  "Who may read the files of --report: 0600 to 0664 (default 0600; prometheus 0644), less the umask")
      ->type_name("MODE");
}

Result<std::optional<std::uint32_t>> report_mode(const std::string& option, const inventory::Inventory* inventory) {
  if (option.empty()) return inventory == nullptr ? std::nullopt : inventory->report_mode;
  const std::optional<std::uint32_t> mode = inventory::parse_file_mode(option);
  if (mode) return mode;
  return Error(Reason::rule_error,
               fmt::format("--report-mode takes {}, not `{}`", inventory::file_mode_wanted, visible(option)));
}

std::uint32_t usual_mode(const std::string& format) { return format == "prometheus" ? readable : owner_only; }

}  // namespace audit::cli
