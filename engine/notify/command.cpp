#include <fmt/format.h>

#include <system_error>

#include "base/child_program.hpp"
#include "base/text.hpp"
#include "notify/delivery.hpp"

namespace audit::notify {
namespace {

constexpr int temporary = 75;  // EX_TEMPFAIL of sysexits.h
constexpr std::size_t most_output = std::size_t{64} << 10U;
constexpr std::size_t most_complaint = 500;

}  // namespace

Sent send_command(const Delivery& delivery) {
  const NotifySettings& settings = delivery.settings;
  const std::string program = visible(settings.command.front());
  if (!delivery.allow_commands)
    return {
        Sent::How::refused, fmt::format("{}: no command of an inventory is run without --allow-commands", program), {}};
  ProgramLimits limits;
  limits.timeout = delivery.timeout;
  limits.most_output = most_output;
  limits.most_complaint = most_complaint;
  const ProgramEnd end = run_program(settings.command, settings.folder, limits, delivery.message.json);
  switch (end.how) {
    case ProgramEnd::How::not_run:
      return {Sent::How::refused,
              fmt::format("{} cannot be run: {}", program, std::generic_category().message(end.number)),
              {}};
    case ProgramEnd::How::late:
      return {Sent::How::refused,
              fmt::format("{} took longer than {} and was ended", program, format_duration(delivery.timeout)),
              {}};
    case ProgramEnd::How::too_much:
      return {Sent::How::refused, fmt::format("{} said more than {} bytes and was ended", program, most_output), {}};
    case ProgramEnd::How::signalled:
      return {Sent::How::refused, fmt::format("{} was ended by signal {}", program, end.number), {}};
    case ProgramEnd::How::exited: break;
  }
  if (end.number == 0) return {Sent::How::delivered, "", {}};
  std::string message = fmt::format("{} ended with status {}", program, end.number);
  if (!end.complaint.empty()) message += fmt::format(": {}", visible(end.complaint, most_complaint));
  return {end.number == temporary ? Sent::How::failed : Sent::How::refused, std::move(message), {}};
}

}  // namespace audit::notify
