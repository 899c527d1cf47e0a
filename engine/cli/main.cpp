#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/standard_streams.hpp"
#include "cli/usage_mistake.hpp"
#include "cli/version.hpp"

namespace {

bool is_command(const CLI::App& program, const std::string& word) {
  const auto commands = program.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(), [&](const CLI::App* one) { return one->get_name() == word; });
}

bool is_option(const std::string& word) { return word.size() > 1 && word.starts_with('-'); }

/// `audit INVENTORY` is `audit run INVENTORY`: an argument that is neither a command nor an option is an inventory.
std::vector<std::string> arguments_of(int count, char** values, const CLI::App& program) {
  std::vector<std::string> arguments(values + 1, values + count);
  if (arguments.empty()) return arguments;
  const std::string& first = arguments.front();
  if (!is_option(first) && !is_command(program, first)) arguments.insert(arguments.begin(), "run");
  return arguments;
}

/// Whether what was typed first is neither a command nor a file, and close to a command; says so.
bool is_slip(const CLI::App& program, const std::string& first) {
  std::error_code none;
  if (is_option(first) || is_command(program, first) || std::filesystem::exists(first, none)) return false;
  const std::string meant = audit::cli::command_meant(program, first);
  if (!meant.empty())
    std::cerr << "audit: " << audit::visible(first) << ": no such command or inventory" << meant << '\n';
  return !meant.empty();
}

/// The command of this name with all its options; all of them where none has it, to be shown or suggested.
void add_commands(CLI::App& program, std::string_view name, std::vector<std::string>& arguments, int& code) {
  using Add = void (*)(CLI::App&, int&);
  constexpr std::array<std::pair<std::string_view, Add>, 13> others{{
      {"plan", audit::cli::add_plan},
      {"inventory", audit::cli::add_inventory},
      {"baseline", audit::cli::add_baseline},
      {"notify", audit::cli::add_notify},
      {"probe", audit::cli::add_probe},
      {"rules", audit::cli::add_rules},
      {"schedule", audit::cli::add_schedule},
      {"watch", audit::cli::add_watch},
      {"shell", audit::cli::add_shell},
      {"history", audit::cli::add_history},
      {"report", audit::cli::add_report},
      {"verify", audit::cli::add_verify},
      {"diff", audit::cli::add_diff},
  }};
  const auto named = std::find_if(others.begin(), others.end(), [&](const auto& other) { return other.first == name; });
  if (named != others.end()) return named->second(program, code);
  audit::cli::add_run(program, arguments, code);
  if (name == "run") return;
  for (const auto& [other, add] : others) add(program, code);
}

int audit_main(int count, char** values) {
  static CLI::App& program = *new CLI::App(  // never taken apart: the process ends when it would be
      "Asks every system of an inventory the questions that Lua rules pose, and writes a report that a reviewer can "
      "sign.\n"
      "What was not seen is never a pass.");
  program.name("audit");
  program.set_version_flag("--version", std::string("audit ") + audit::cli::version);
  program.require_subcommand(1);
  program.failure_message(audit::cli::usage_mistake);
  program.footer(
      "Examples:\n"
      "  audit inventory.toml                              run the inventory, print the findings\n"
      "  audit run --target 127.0.0.1 --report html=r.html run without a file, write a page\n"
      "  audit plan inventory.toml                         what would be asked; sends nothing\n"
      "  audit inventory inventory.toml --explain HOST     where each value of a target comes from\n"
      "  audit baseline inventory.toml > baseline.toml     what is there now, as expectations to review\n"
      "  audit diff last~1 last --state DIR                what changed from one kept run to the next\n"
      "  audit notify test inventory.toml                  a test message to whoever is told of runs\n"
      "  audit probe port 127.0.0.1 22-25,443              one question by hand\n"
      "  audit rules list --select exposure                which rules there are, and which a selection means\n"
      "  audit schedule install inventory.toml --daily 02:30   run it every night, by systemd or cron\n"
      "  audit watch inventory.toml --every 30s            the same again and again; says what changes\n"
      "  audit verify run.tar.zst --key auditor.pub        whether a packed run is what it was, and who signed it\n"
      "  audit shell 127.0.0.1                             the rule language, interactively\n\n"
      "audit COMMAND --help tells more.");
  int code = audit::cli::exit_complete;
  std::vector<std::string> arguments;
  add_commands(program, count > 1 ? values[1] : "", arguments, code);
  arguments = arguments_of(count, values, program);
  if (arguments.empty()) {
    std::cerr << program.help();
    return audit::cli::exit_usage;
  }
  if (is_slip(program, values[1])) return audit::cli::exit_usage;
  std::vector<std::string> backwards(arguments.rbegin(), arguments.rend());
  try {
    program.parse(backwards);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? audit::cli::exit_complete : audit::cli::exit_usage;
  }
  return code;
}

int unheard() {
  std::cerr << "audit: standard output could not be written\n";
  return audit::cli::exit_report;
}

/// What a command printed has to have arrived: a full disk is no empty answer.
int told(int code) {
  const bool whole = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.flush().good();
  return whole || code == audit::cli::exit_report ? code : unheard();
}

/// All is written by now. The kernel frees what is left in a fraction of the time that taking it apart would need; a
/// sanitizer looks at what is left, and is waited for.
int leave(int code) {
#if defined(AUDIT_LEAVES_AT_ONCE)
  std::_Exit(code);
#else
  return code;
#endif
}

}  // namespace

int main(int count, char** values) {
  audit::cli::hold_standard_streams();
  try {
    return leave(told(audit_main(count, values)));
  } catch (const std::exception& failure) {
    if (std::ferror(stdout) != 0) return unheard();  // fmt throws where a FILE does not take what it prints
    std::cerr << "audit: internal error: " << failure.what()
              << "\nThis is a bug of the program; the run's result is not known.\n";
    return audit::cli::exit_internal;
  }
}
