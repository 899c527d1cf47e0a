#include "cli/secret_command.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/child_program.hpp"
#include "base/text.hpp"
#include "cli/secret_file.hpp"

namespace audit::cli {
namespace {

Error missing(std::string text) { return {Reason::missing_credential, std::move(text)}; }

constexpr std::string_view by_hand = "run it by hand to see what it says";

}  // namespace

Result<std::string> run_secret_command(const std::vector<std::string>& command, Duration timeout,
                                       const std::string& folder) {
  const std::string shown = visible(command.front());
  ProgramLimits limits;
  limits.timeout = timeout;
  limits.most_output = longest_secret;
  ProgramEnd end = run_program(command, folder, limits);
  switch (end.how) {
    case ProgramEnd::How::not_run:
      return missing(
          fmt::format("has a command that cannot be run: {}: {}", shown, std::generic_category().message(end.number)));
    case ProgramEnd::How::late:
      return missing(
          fmt::format("has a command that took longer than its timeout of {}: {}", format_duration(timeout), shown));
    case ProgramEnd::How::too_much:
      return missing(fmt::format("has a command that said more than {} bytes: {}", longest_secret, shown));
    case ProgramEnd::How::signalled:
      return missing(fmt::format("has a command that was ended by signal {}: {}; {}", end.number, shown, by_hand));
    case ProgramEnd::How::exited: break;
  }
  if (end.number != 0)
    return missing(fmt::format("has a command that ended with status {}: {}; {}", end.number, shown, by_hand));
  if (end.output.empty()) return missing(fmt::format("has a command that said nothing: {}", shown));
  return std::move(end.output);
}

}  // namespace audit::cli
