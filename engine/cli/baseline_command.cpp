#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <mutex>

#include "audit/baseline.hpp"
#include "audit/run.hpp"
#include "base/text.hpp"
#include "cli/attendant.hpp"
#include "cli/baseline_toml.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/paths.hpp"
#include "cli/setup.hpp"
#include "cli/source_options.hpp"
#include "net/random_seed.hpp"

namespace audit::cli {
namespace {

constexpr std::string_view usual_sweep = "1-1024";

struct BaselineCommand {
  std::string inventory;
  std::string sweep;
  std::string udp;
  std::string max_runtime;
  bool targets_only = false;
  bool allow_commands = false;
  bool quiet = false;
};

/// Keeps what the targets turned out to be.
class Keeping final : public core::Sink {
 public:
  void deliver(core::TargetMessage& message) override {
    const std::lock_guard lock(mutex_);
    if (message.fate == core::Fate::target)
      messages.push_back(std::move(message));
    else if (message.fate == core::Fate::dark)
      ++dark;
    else if (message.fate == core::Fate::unasked)
      ++unasked;
  }
  std::vector<core::TargetMessage> messages;
  std::uint64_t dark = 0;
  std::uint64_t unasked = 0;

 private:
  std::mutex mutex_;
};

bool read_ports(const char* option, const std::string& text, std::optional<PortSet>& ports) {
  if (text.empty()) return true;
  ports = parse_ports(text);
  if (!ports)
    std::cerr << "audit baseline: " << option << " takes ports such as 22, 1-1024 or 22,80,8000-8100, not `"
              << visible(text) << "`\n";
  return ports.has_value();
}

/// Looks at everything; false where the run was stopped.
bool look(const core::Plan& plan, bool allow_commands, Duration limit, Keeping& keeping, std::string& stopped_by) {
  const net::ResolverConfig resolvers = resolvers_of(*plan.inventory, net::SystemNames::read());
  const probe::Identity identity = identity_of(*plan.inventory, allow_commands);
  net::Rate rate(plan.inventory->limits.rate);
  core::RunShared shared(plan, rate, resolvers, identity, keeping);
  Attendant::block_signals();
  core::Run run(shared, core::measure_machinery());
  const auto stop = [&](const std::string& why) {
    stopped_by = why;
    run.stop();
  };
  core::RunOutcome outcome;
  {
    const Attendant attendant(
        stop, [] {}, limit);
    outcome = run.execute();
  }
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  return stopped_by.empty();
}

int baseline(const BaselineCommand& command) {
  core::BaselineOptions options;
  options.fallback = *parse_ports(usual_sweep);
  if (!read_ports("--sweep", command.sweep, options.tcp) || !read_ports("--udp", command.udp, options.udp))
    return exit_usage;
  Duration limit{};
  if (!command.max_runtime.empty()) {
    const auto parsed = parse_duration(command.max_runtime);
    if (!parsed || *parsed == Duration::zero()) {
      std::cerr << "audit baseline: --max-runtime takes a duration such as 90s, 15m or 2h, not `"
                << visible(command.max_runtime) << "`\n";
      return exit_usage;
    }
    limit = *parsed;
  }
  Sources sources;
  sources.inventory = command.inventory;
  sources.allow_commands = command.allow_commands;
  int refused = exit_config;
  const std::shared_ptr<inventory::Inventory> inventory = load_inventory(sources, refused);
  if (!inventory) return refused;
  lua::LoadedRules scripts = lua::load_rules({}, shipped_folder("scripts"));
  core::PlanResult planned =
      core::plan_baseline(*inventory, std::move(scripts.set.modules), options, net::random_seed());
  for (const std::string& mistake : planned.mistakes) std::cerr << "audit: " << mistake << '\n';
  if (!planned.plan) return exit_config;
  if (!command.quiet)
    for (const std::string& notice : planned.plan->notices) std::cerr << "Note: " << visible(notice) << '\n';
  const WallTime started = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  Keeping keeping;
  std::string stopped_by;
  const bool ended = look(*planned.plan, command.allow_commands, limit, keeping, stopped_by);
  std::sort(
      keeping.messages.begin(), keeping.messages.end(),
      [](const core::TargetMessage& a, const core::TargetMessage& b) { return a.member.ordinal < b.member.ordinal; });
  const std::string written = fmt::format("Written {} by audit baseline {}", format_utc(started).substr(0, 19) + "Z",
                                          visible(command.inventory));
  const BaselineSeen seen{*inventory, std::move(keeping.messages), keeping.dark, keeping.unasked, written};
  const BaselineText text = write_baseline(seen, command.targets_only);
  std::cout << text.toml << std::flush;
  if (!std::cout) {
    std::cerr << "audit baseline: standard output could not be written\n";
    return exit_report;
  }
  if (!command.quiet)
    std::cerr << counted(seen.messages.size(), "target")
              << (ended && text.complete ? "; review it before you commit it\n"
                                         : "; not everything was seen: its comments say what is left out\n");
  if (stopped_by == "SIGINT") return exit_sigint;
  if (stopped_by == "SIGTERM") return exit_sigterm;
  return ended && text.complete ? exit_complete : exit_incomplete;
}

}  // namespace

void add_baseline(CLI::App& program, int& code) {
  CLI::App* command =
      program.add_subcommand("baseline", "Write what is there now as expectations, to review and commit");
  const auto options = std::make_shared<BaselineCommand>();
  command->add_option("INVENTORY", options->inventory, "The inventory, a TOML file; - for standard input")->required();
  command
      ->add_option("--sweep", options->sweep,
                   "TCP ports to look at; default those that the inventory expects something of, else 1-1024")
      ->type_name("PORTS");
  command
      ->add_option("--udp", options->udp,
                   "UDP ports to look at; default those of the inventory's expect.udp, else none")
      ->type_name("PORTS");
  command->add_option("--max-runtime", options->max_runtime, "Stop after so long (90s, 15m, 2h)")
      ->type_name("DURATION");
  add_allow_commands(*command, options->allow_commands);
  command->add_flag("--targets-only", options->targets_only,
                    "Only the [[targets]], for an inventory that has groups and scope itself");
  command->add_flag("--quiet", options->quiet, "No notes on standard error");
  command->footer(
      "Sweeps, and looks at services, certificates, SSH host keys and reverse names. What was not seen is a comment,\n"
      "never an expectation. The output is an inventory: `audit baseline.toml` tells what has changed since.\n\n"
      "Exit codes: 0 everything was seen; 2 it was not (the output is written); 64 usage; 73 the output could not be\n"
      "written; 78 bad inventory; 130, 143 stopped by SIGINT, SIGTERM.\n\n"
      "Example: audit baseline inventory.toml --sweep 1-65535 --udp 53,123,161 > baseline.toml");
  command->callback([options, &code] { code = baseline(*options); });
}

}  // namespace audit::cli
