#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <system_error>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/setup.hpp"
#include "cli/shell_commands.hpp"
#include "cli/shell_completion.hpp"
#include "cli/shell_history.hpp"
#include "cli/source_options.hpp"
#include "cli/trace.hpp"

namespace audit::cli {
namespace {

using Parsed = lua::Interactive::Parsed;

struct ShellOptions {
  std::string target;
  std::string inventory;
  std::vector<std::string> codes;
  std::string trace;
  bool no_history = false;
  bool allow_commands = false;
};

/// Inputs as they come, line by line.
class Dialogue {
 public:
  Dialogue(ShellSession& session, std::string name) : session_(session), name_(std::move(name)) {}

  enum class Next : std::uint8_t { input, more, leave };

  /// One more line: runs what it completes.
  Next feed(const std::string& line) {
    ++line_;
    if (pending_.empty()) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) return Next::input;
      begins_ = line_;
      if (is_shell_command(line)) return command(line);
    }
    pending_ += (pending_.empty() ? "" : "\n") + line;
    std::string problem;
    const Parsed parsed = session_.parse(pending_, name_, begins_, problem);
    if (parsed == Parsed::unfinished) return Next::more;
    pending_.clear();
    if (parsed == Parsed::wrong) return fail(problem);
    const lua::Reply reply = session_.run();
    failed_ = !show_reply(reply, session_) || failed_;
    return Next::input;
  }

  /// No line follows.
  void finish() {
    if (pending_.empty()) return;
    std::string problem;
    static_cast<void>(session_.parse(pending_, name_, begins_, problem));
    pending_.clear();
    static_cast<void>(fail(problem));
  }

  void forget() { pending_.clear(); }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  Next command(const std::string& line) {
    const CommandEnd end = run_shell_command(line, session_);
    std::fflush(stdout);
    failed_ = failed_ || end == CommandEnd::failed;
    return end == CommandEnd::quit ? Next::leave : Next::input;
  }
  Next fail(const std::string& problem) {
    std::fflush(stdout);
    fmt::print(stderr, "rule_error: {}\n", visible(problem));
    failed_ = true;
    return Next::input;
  }

  ShellSession& session_;
  std::string name_;
  std::string pending_;
  std::size_t line_ = 0;
  std::size_t begins_ = 0;
  bool failed_ = false;
};

int exit_code_of_signal(const std::string& signal) { return signal == "SIGINT" ? exit_sigint : exit_sigterm; }

/// What was typed at -e, or comes through a pipe: no prompts, and what interrupts an input ends it all.
template <class Source>
int run_lines(ShellSession& session, Dialogue& talk, Source&& next_line) {
  for (std::string line; next_line(line);) {
    const Dialogue::Next next = talk.feed(line);
    if (!session.stopped_by().empty()) return exit_code_of_signal(session.stopped_by());
    if (std::ferror(stdout) != 0) throw std::system_error(std::make_error_code(std::errc::io_error));
    if (next == Dialogue::Next::leave) break;
  }
  talk.finish();
  return talk.failed() ? exit_findings : exit_complete;
}

int run_codes(ShellSession& session, const std::vector<std::string>& codes) {
  bool failed = false;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    Dialogue talk(session, i == 0 ? "-e" : fmt::format("-e {}", i + 1));
    bool given = false;
    const int code = run_lines(session, talk, [&](std::string& line) {
      line = codes[i];
      return !std::exchange(given, true);
    });
    if (code == exit_sigint || code == exit_sigterm) return code;
    failed = failed || code != exit_complete;
  }
  return failed ? exit_findings : exit_complete;
}

int converse(ShellSession& session, const ShellOptions& options) {
  ShellHistory history(options.no_history ? std::string() : ShellHistory::usual_path());
  ShellEditor editor(history,
                     [&](const std::string& line) { return complete_line(line, session.language(), session.rules()); });
  fmt::print("audit shell: the rule language; :help says what there is, Ctrl-D leaves\n");
  Dialogue talk(session, "shell");
  Dialogue::Next next = Dialogue::Next::input;
  bool told = false;
  while (next != Dialogue::Next::leave) {
    const std::string prompt = next == Dialogue::Next::more ? ">> " : visible(session.target_id()) + "> ";
    std::string line;
    const ShellEditor::Event event = editor.read(prompt, line);
    if (event == ShellEditor::Event::terminated) return exit_sigterm;
    if (event == ShellEditor::Event::end) break;
    if (event == ShellEditor::Event::interrupted) {
      talk.forget();
      next = Dialogue::Next::input;
      continue;
    }
    if (!history.problem().empty() && !std::exchange(told, true))
      fmt::print(stderr, "audit shell: {}\n", history.problem());
    next = talk.feed(line);
    if (session.stopped_by() == "SIGTERM") return exit_sigterm;
  }
  return exit_complete;
}

int shell(const ShellOptions& options) {
  std::shared_ptr<const inventory::Inventory> inventory;
  if (!options.inventory.empty()) {
    Sources sources;
    sources.inventory = options.inventory;
    int refused = exit_config;
    inventory = load_inventory(sources, refused);
    if (!inventory) return refused;
  }
  ShellSession session(inventory, options.trace, options.allow_commands);
  if (!options.target.empty()) {
    if (const Result<void> aimed = session.aim(options.target); !aimed) {
      std::cerr << fmt::format("audit shell: {}: {}\n", name_of(aimed.error().reason), visible(aimed.error().message));
      return exit_usage;
    }
  }
  if (!options.codes.empty()) return run_codes(session, options.codes);
  if (isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0) return converse(session, options);
  Dialogue talk(session, "stdin");
  return run_lines(session, talk, [](std::string& line) { return static_cast<bool>(std::getline(std::cin, line)); });
}

}  // namespace

void add_shell(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("shell", "The rule language, interactively");
  const auto options = std::make_shared<ShellOptions>();
  command->add_option("TARGET", options->target, "What `target` is: a host or a name")->type_name("");
  command->add_option("-e,--execute", options->codes, "Run this, and leave; again for another input")
      ->type_name("CODE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--inventory", options->inventory,
                   "Its targets and no others, with its scope, limits, credentials and resolvers")
      ->type_name("FILE");
  add_allow_commands(*command, options->allow_commands);
  command->add_flag("--no-history", options->no_history, "Keep nothing of what is typed");
  add_trace_option(*command, options->trace);
  command->footer(
      "An expression is shown, a statement is run; an unfinished one goes on in the next line. Each has the budget of "
      "a\n"
      "check. Globals stay from one to the next, `local`s do not. Where standard input is no terminal, its lines are "
      "run\n"
      "without prompts.\n\n"
      "Exit codes: 0; 1 an input failed (not at a terminal); 64 usage, or TARGET cannot be asked;\n"
      "73 standard output is gone; 78 bad inventory.\n\n"
      "Examples:\n"
      "  audit shell 127.0.0.1\n"
      "  audit shell 127.0.0.1 -e 'target:port(22).state' -e 'try(target.banner, target, 22)'\n"
      "  echo 'require(\"version\").find(\"OpenSSH_9.2p1\")' | audit shell");
  command->callback([options, &code] {
    try {
      code = shell(*options);
    } catch (const std::system_error& failure) {  // whoever read it is gone
      std::cerr << "audit shell: standard output: " << failure.code().message() << '\n';
      code = exit_report;
    }
  });
}

}  // namespace audit::cli
