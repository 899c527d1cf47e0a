#include "cli/shell_commands.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "base/text.hpp"
#include "probe/words.hpp"

namespace audit::cli {
namespace {

CommandEnd help(ShellSession& session, const std::string& what);
CommandEnd words(ShellSession& session, const std::string& what);

CommandEnd quit(ShellSession& /*session*/, const std::string& /*what*/) { return CommandEnd::quit; }

CommandEnd reset(ShellSession& session, const std::string& /*what*/) {
  session.reset();
  return CommandEnd::done;
}

CommandEnd aim(ShellSession& session, const std::string& what) {
  if (what.empty()) {
    fmt::print("{}\n", session.target_id().empty() ? "no target; name one, :target HOST" : session.target_id());
    return CommandEnd::done;
  }
  if (const Result<void> aimed = session.aim(what); !aimed) {
    fmt::print(stderr, "audit shell: {}: {}\n", name_of(aimed.error().reason), visible(aimed.error().message));
    return CommandEnd::failed;
  }
  return CommandEnd::done;
}

struct ShellCommand {
  const char* name;
  const char* help;
  CommandEnd (*run)(ShellSession& session, const std::string& what);
};

constexpr ShellCommand rows[] = {
    {":help", "this", help},
    {":quit", "leaves; so does Ctrl-D", quit},
    {":reset", "forgets every value and closes every stream", reset},
    {":target", "HOST: asks this host or name from now on; alone: says which it is", aim},
    {":words", "what a target can be asked", words},
};

CommandEnd help(ShellSession& /*session*/, const std::string& /*what*/) {
  fmt::print(
      "An expression is shown, a statement is run; an unfinished one goes on in the next line. Globals stay, `local`s "
      "do\n"
      "not. TAB completes, Ctrl-C ends what runs.\n");
  for (const ShellCommand& row : rows) fmt::print("  {:<10} {}\n", row.name, row.help);
  fmt::print(
      "  target:port(22)      a question to the target; its answer is evidence\n"
      "  try(f, ...)          nil, kind and message in place of an error\n"
      "  print(...)           the shell's own; rules have none\n"
      "  pass(\"...\", answer)  the verdict that a rule would give\n");
  return CommandEnd::done;
}

CommandEnd words(ShellSession& /*session*/, const std::string& /*what*/) {
  constexpr const char* arguments[] = {"port", "port", "name", "address"};
  for (const probe::Word& word : probe::words())
    fmt::print("  {:<32} {}\n",
               fmt::format("target:{}({})", word.name, arguments[static_cast<std::size_t>(word.argument)]), word.help);
  fmt::print("  {:<32} {}\n", "target:connect(port)", "A stream: read, read_until, read_line, write, starttls, close");
  fmt::print("  {:<32} {}\n", "target:credential(name)", "A secret of the inventory, to be sent and never seen");
  return CommandEnd::done;
}

/// An error's text may have lines, a traceback's; what else is in it is made safe.
std::string shown(const std::string& message) {
  std::string text;
  for (std::size_t at = 0; at <= message.size();) {
    const std::size_t end = std::min(message.find('\n', at), message.size());
    std::string line = message.substr(at, end - at);
    const bool indented = line.starts_with('\t');
    text += (at > 0 ? "\n" : "") + std::string(indented ? "  " : "") + visible(indented ? line.substr(1) : line);
    at = end + 1;
  }
  return text;
}

bool show_verdict(const lua::Outcome& outcome) {
  const Finding& finding = outcome.finding;
  const bool failed = finding.status == Status::error;
  if (failed) {
    fmt::print(stderr, "verdict error ({}): {}\n", name_of(finding.reason), shown(finding.message));
    return false;
  }
  std::string head = std::string(name_of(finding.status));
  if (finding.status == Status::fail) head += fmt::format(", {}", name_of(finding.severity));
  if (finding.reason != Reason::observed) head += fmt::format(" ({})", name_of(finding.reason));
  if (!finding.key.empty()) head += fmt::format(", key {}", visible(finding.key));
  fmt::print("verdict {}: {}\n", head, visible(finding.message));
  for (const ObservationPtr& seen : outcome.record)
    fmt::print("  rests on {} {} ({})\n", visible(seen->probe), visible(seen->endpoint), name_of(seen->reason));
  return true;
}

}  // namespace

std::vector<std::string> shell_command_names() {
  std::vector<std::string> names;
  for (const ShellCommand& row : rows) names.emplace_back(row.name);
  return names;
}

bool is_shell_command(const std::string& line) { return line.starts_with(':') && !line.starts_with("::"); }

CommandEnd run_shell_command(const std::string& line, ShellSession& session) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string name = line.substr(0, space);
  const std::size_t begin = line.find_first_not_of(' ', space);
  std::string what = begin == std::string::npos ? std::string() : line.substr(begin);
  while (what.ends_with(' ')) what.pop_back();
  for (const ShellCommand& row : rows)
    if (row.name == name) return row.run(session, what);
  const std::vector<std::string> names = shell_command_names();
  const std::string_view close = nearest(name, std::vector<std::string_view>(names.begin(), names.end()));
  fmt::print(stderr, "audit shell: there is no `{}`; {}\n", visible(name),
             close.empty() ? ":help says what there is" : fmt::format("did you mean `{}`?", close));
  return CommandEnd::failed;
}

bool show_reply(const lua::Reply& reply, const ShellSession& session) {
  for (const std::string& value : reply.values) fmt::print("{}\n", value);
  bool good = true;
  if (reply.verdict) good = show_verdict(*reply.verdict);
  if (reply.error) {
    good = false;
    std::fflush(stdout);
    if (!session.stopped_by().empty() && reply.error->reason == Reason::stopped) {
      fmt::print(stderr, "interrupted\n");
    } else {
      const bool hint = session.target_id().empty() && reply.error->message.find("'target'") != std::string::npos;
      fmt::print(stderr, "{}: {}{}\n", name_of(reply.error->reason), shown(reply.error->message),
                 hint ? " (there is no target yet: `:target HOST`)" : "");
    }
  }
  if (session.closed_streams() > 0)
    fmt::print(stderr, "{} closed by the interruption\n",
               counted(session.closed_streams(), "stream was", "streams were"));
  std::fflush(stdout);
  return good;
}

}  // namespace audit::cli
