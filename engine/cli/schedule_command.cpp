#include <memory>

#include "cli/commands.hpp"
#include "cli/schedule_job.hpp"
#include "cli/schedule_verbs.hpp"
#include "cli/source_options.hpp"

namespace audit::cli {
namespace {

void add_root(CLI::App& command, std::string& root) {
  command.add_option("--root", root, "The tree of another system, such as an image: nothing there is started")
      ->type_name("DIR");
}

void add_install(CLI::App& schedule, int& code) {
  CLI::App* command = schedule.add_subcommand("install", "Run an inventory again and again, by systemd or cron");
  const auto options = std::make_shared<ScheduleOptions>();
  command->add_option("INVENTORY", options->inventory, "The inventory, a TOML file")->required();
  command->add_option("RUN_OPTIONS", options->more, "After --: more options of the run, such as --select ssh")
      ->type_name("");
  command->add_flag("--hourly", options->hourly, "At each full hour");
  command->add_option("--daily", options->daily, "Each day at this local time, 00:00 to 23:59")->type_name("HH:MM");
  command->add_option("--weekly", options->weekly, "Each week on this day (Mon to Sun) at this local time")
      ->type_name("DAY HH:MM")
      ->type_size(2);
  command->add_option("--on-calendar", options->on_calendar, "As systemd.time(7) has it: Mon..Fri *-*-* 02:30")
      ->type_name("EXPR");
  command->add_option("--jitter", options->jitter, "Later by up to so long, each inventory by another time: 30m")
      ->type_name("DURATION");
  command->add_option("--report", options->reports, "Write each run's report there: json=/srv/audit/last.json")
      ->type_name("FORMAT=PATH")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--state", options->state, "The folder of lock and history; default /var/lib/audit, or yours")
      ->type_name("DIR");
  command
      ->add_option("--engine", options->engine, "What starts it: auto, systemd or cron; auto is systemd where it runs")
      ->type_name("ENGINE")
      ->check(CLI::IsMember({"auto", "systemd", "cron"}));
  command->add_flag("--user", options->user, "As you and by your own systemd or crontab, not the system's");
  add_root(*command, options->root);
  command->add_flag("--print", options->print, "Print what would be written, and write nothing");
  command->footer(
      "A run that is due while another of its inventory goes on is skipped. A run with findings is no failure of the\n"
      "unit; one that saw less than the inventory requires is, as is any other exit code.\n\n"
      "Examples:\n"
      "  audit schedule install campus.toml --daily 02:30 --jitter 30m --report html=/srv/audit/campus.html\n"
      "  audit schedule install campus.toml --weekly Mon 02:30 --user -- --select ssh --fail-on high\n"
      "  audit schedule install campus.toml --hourly --print\n\n"
      "Exit codes: 0 installed; 64 usage; 73 it could not be written, or what is there is not ours; 78 bad inventory.");
  command->callback([options, &code] { code = install_schedule(*options); });
}

}  // namespace

void add_schedule(CLI::App& program, int& code) {
  CLI::App* schedule =
      program.add_subcommand("schedule", "Run an inventory again and again, by the system's own systemd or cron");
  schedule->require_subcommand(1);
  schedule->footer("audit schedule COMMAND --help tells more.");
  add_install(*schedule, code);

  CLI::App* shown = schedule->add_subcommand("show", "What is scheduled, and when it runs next");
  const auto wanted = std::make_shared<std::string>();
  const auto root = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>();
  shown->add_option("INVENTORY", *wanted, "Only this one: its path, or the name that is shown");
  add_root(*shown, *root);
  add_json_option(*shown, *json);
  shown->footer(
      "Exit codes: 0 shown; 1 this inventory is not scheduled; 73 not everything could be read.\n\n"
      "Example: audit schedule show campus.toml --json");
  shown->callback([=, &code] { code = show_schedules(*wanted, root->empty() ? "" : whole_path(*root), *json); });

  CLI::App* removed = schedule->add_subcommand("remove", "Schedule an inventory no more");
  const auto unwanted = std::make_shared<std::string>();
  const auto from = std::make_shared<std::string>();
  const auto user = std::make_shared<bool>();
  removed->add_option("INVENTORY", *unwanted, "Its path, or the name that `show` prints")->required();
  removed->add_flag("--user", *user, "From your own systemd or crontab, not the system's");
  add_root(*removed, *from);
  removed->footer(
      "A run under way goes on to its end; state and reports stay. Only what `install` wrote is touched.\n\n"
      "Exit codes: 0 removed; 1 it was not scheduled; 73 it could not be removed, or is not ours.\n\n"
      "Example: audit schedule remove campus.toml");
  removed->callback([=, &code] { code = remove_schedule(*unwanted, from->empty() ? "" : whole_path(*from), *user); });
}

}  // namespace audit::cli
