#include "fuzz.hpp"
#include "proto/ssh_kex.hpp"

using namespace audit::proto;

/// The first byte names the method; the second says how long the first message is, and the rest is the second message.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.size() < 2) return;
  const auto& methods = ssh_kex_methods();
  const std::string_view method = methods[static_cast<unsigned char>(bytes[0]) % methods.size()];
  const std::string_view first = bytes.substr(2, static_cast<unsigned char>(bytes[1]));
  const std::string_view second = bytes.substr(2 + first.size());
  SshKex kex(method, SshTranscript(), std::string(ssh_random_size, '\x42'));
  SshKex::Step step = kex.receive(first);
  if (step == SshKex::Step::send) step = kex.receive(second);
  if (step == SshKex::Step::done) require(kex.reply().hash.size() >= 20);
  if (step == SshKex::Step::failed) require(kex.error().reason == audit::Reason::protocol_error);
}
