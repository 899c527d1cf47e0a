#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `banner`: timeout (s, for all of it, default 5), idle (s of silence that end it,
/// default 0.3), max (bytes, 1-65536, default 4096), send (bytes to say first).
struct BannerOptions {
  Duration timeout;
  Duration idle;
  std::size_t max;
  std::string send;

  [[nodiscard]] static Result<BannerOptions> read(const Value::Object& table);
  BannerOptions(Duration timeout_in, Duration idle_in, std::size_t max_in, std::string send_in)
      : timeout(timeout_in), idle(idle_in), max(max_in), send(std::move(send_in)) {}
};

/// Reads what a service says first. Ends at `idle` of silence, `max` bytes, the peer's end or the deadline, whichever is
/// nearest. Fields: bytes; ended (idle eof cap reset deadline); ssh (protocol, software, comments; RFC 4253 4.2) and
/// telnet (the options it negotiates; RFC 854) where the bytes are that. Errors: refused, reset, timeout (nothing came), eof (closed
/// without a word), unreachable, out_of_scope, local_fault.
[[nodiscard]] awaitable<Answer> ask_banner(Context& context, Question question);

}  // namespace audit::probe
