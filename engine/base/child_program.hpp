#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace audit {

struct ProgramLimits {
  Duration timeout{};
  std::size_t most_output = 0;     // bytes of standard output
  std::size_t most_complaint = 0;  // bytes kept of standard error; 0: nobody reads it
};

/// How a program that was run came to its end.
struct ProgramEnd {
  enum class How { exited, signalled, late, too_much, not_run };
  How how = How::not_run;
  int number = 0;         // its status, the signal, or errno
  std::string output;     // no more than the limit, where it exited
  std::string complaint;  // what it wrote to standard error first
};

/// Runs a program with its arguments, never through a shell, in `folder` ("" for this one), with `input` on its standard
/// input. It and what it started are killed at the timeout, beyond the limit of output, and where SIGINT, SIGTERM or SIGHUP comes:
/// the signal then does what it would have done. Waits; called before there are other
/// threads, or with these signals blocked in all of them.
[[nodiscard]] ProgramEnd run_program(const std::vector<std::string>& command, const std::string& folder,
                                     const ProgramLimits& limits, std::string_view input = {});

}  // namespace audit
