#include "inventory/command_output.hpp"

#include <fmt/format.h>

#include <cstring>

#include "base/child_program.hpp"
#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most_complaint = 4'096;
constexpr std::size_t longest_shown = 200;

std::string first_line(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("\r\n \t");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  return visible(text.substr(0, text.find_first_of("\r\n")), longest_shown);
}

}  // namespace

std::variant<std::string, Unreadable> output_of(const std::vector<std::string>& command, const std::string& folder,
                                                Duration timeout, std::size_t most) {
  ProgramLimits limits;
  limits.timeout = timeout;
  limits.most_output = most;
  limits.most_complaint = most_complaint;
  ProgramEnd end = run_program(command, folder, limits);
  const std::string said = first_line(end.complaint);
  const std::string also = said.empty() ? "" : fmt::format("; it said: {}", said);
  switch (end.how) {
    case ProgramEnd::How::not_run: return Unreadable{fmt::format("cannot be run: {}", std::strerror(end.number))};
    case ProgramEnd::How::late: return Unreadable{fmt::format("did not end within {}", format_duration(timeout))};
    case ProgramEnd::How::too_much: return Unreadable{fmt::format("printed more than {} MiB", most >> 20U)};
    case ProgramEnd::How::signalled: return Unreadable{fmt::format("was killed by signal {}{}", end.number, also)};
    case ProgramEnd::How::exited: break;
  }
  if (end.number != 0) return Unreadable{fmt::format("ended with {}{}", end.number, also)};
  return std::move(end.output);
}

}  // namespace audit::inventory
