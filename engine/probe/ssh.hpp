#pragma once

#include "probe/words.hpp"

namespace audit::probe {

/// Options of `ssh`: timeout (s, of each connection, default 10), host_keys (default true: one key exchange for each type
/// of host key, on a connection of its own).
struct SshOptions {
  Duration timeout;
  bool host_keys;

  [[nodiscard]] static Result<SshOptions> read(const Value::Object& table);
  SshOptions(Duration timeout_in, bool host_keys_in) : timeout(timeout_in), host_keys(host_keys_in) {}
};

/// What an SSH server says before anybody logs in (RFC 4253): its identification, its algorithms in both directions, its
/// host keys, each proven by a key exchange of its own. Fields: scripts/README.md. A host key that could not be had is in
/// the list with its error. Errors: refused reset timeout eof protocol_error unreachable out_of_scope local_fault stopped.
[[nodiscard]] awaitable<Answer> ask_ssh(Context& context, Question question);

}  // namespace audit::probe
