#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/notifying.hpp"
#include "cli/source_options.hpp"
#include "inventory/read_value.hpp"

namespace audit::cli {
namespace {

struct NotifyOptions {
  Sources sources;
  std::string name;
};

/// Is there such a notifier, or any?
bool is_known(const inventory::Inventory& inventory, const std::string& name) {
  std::vector<std::string_view> names;
  for (const NotifySettings& one : inventory.notifiers) names.push_back(one.name);
  if (names.empty()) {
    std::cerr << "audit notify test: " << visible(inventory.path) << " has no [[notify]]: nobody would be told\n";
    return false;
  }
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return true;
  std::cerr << fmt::format("audit notify test: there is no notifier {}{}\n", inventory::quoted(name),
                           inventory::suggestion(name, names));
  return false;
}

int test(const NotifyOptions& options) {
  int code = exit_config;
  const std::shared_ptr<inventory::Inventory> inventory = load_inventory(options.sources, code);
  if (!inventory) return code;
  if (!is_known(*inventory, options.name)) return exit_usage;
  Notifying notifying(*inventory, options.sources.allow_commands, true);
  bool good = true;
  for (const notify::Outcome& outcome : notifying.test(options.name)) {
    const auto settings = std::find_if(inventory->notifiers.begin(), inventory->notifiers.end(),
                                       [&](const NotifySettings& one) { return one.name == outcome.notifier; });
    fmt::print("{:<16} {:<8} {:<40} {}{}\n", outcome.notifier, name_of(settings->kind), destination_of(*settings),
               outcome.ok ? "told, " + counted(outcome.attempts, "attempt") : "not told: ", outcome.message);
    good = good && outcome.ok;
  }
  return good ? exit_complete : exit_findings;
}

}  // namespace

void add_notify(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("notify", "Try who is told what came of a run");
  command->require_subcommand(1);
  CLI::App* test_command = command->add_subcommand("test", "Send each notifier a message that says it is a test");
  const auto options = std::make_shared<NotifyOptions>();
  test_command->add_option("INVENTORY", options->sources.inventory, "The inventory, a TOML file")->required();
  test_command->add_option("NAME", options->name, "Only this notifier");
  add_allow_commands(*test_command, options->sources.allow_commands);
  test_command->footer(
      "No target is asked anything. Exit codes: 0 every notifier was told; 1 one was not; 64 usage; 78 bad "
      "inventory.\n\n"
      "Example: audit notify test campus.toml ops");
  test_command->callback([options, &code] { code = test(*options); });
}

}  // namespace audit::cli
