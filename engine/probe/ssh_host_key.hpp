#pragma once

#include <optional>

#include "probe/ssh_talk.hpp"
#include "proto/ssh_host_key.hpp"
#include "proto/ssh_kexinit.hpp"

namespace audit::probe {

/// One host key to ask for: the way that the server offers to prove it, and the key exchange that both sides speak.
struct SshKeyWanted {
  std::string offered;                                    // the name in the server's list
  const proto::SshHostKeyAlgorithm* algorithm = nullptr;  // none where audit does not speak it
};

/// One for each type of key that the server offers, by the strongest signature offered with it, in the server's order.
[[nodiscard]] std::vector<SshKeyWanted> wanted_host_keys(const proto::SshKexInit& server);
/// The method of key exchange to use with this server; "" where it offers none that audit speaks.
[[nodiscard]] std::string_view usable_kex(const proto::SshKexInit& server);
/// A KEXINIT for a server that says nothing before it has heard the client's.
[[nodiscard]] std::string general_kexinit(Context& context);

/// Completes one key exchange for one host key: the entry of `host_keys`. `known` is what
/// the server offered; `theirs` the payload of its KEXINIT where this conversation has heard it already.
/// Errors: those of SshTalk.
[[nodiscard]] awaitable<Result<Value::Object>> ask_host_key(SshTalk& talk, const proto::SshKexInit& known,
                                                            std::string theirs, const SshKeyWanted& wanted);

}  // namespace audit::probe
