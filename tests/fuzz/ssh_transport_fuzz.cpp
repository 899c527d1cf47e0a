#include <string>

#include "fuzz.hpp"
#include "proto/ssh_kexinit.hpp"
#include "proto/ssh_transport.hpp"

using namespace audit::proto;

/// All that one reader gives, fed piece by piece.
static std::string heard(std::string_view bytes, std::size_t piece) {
  using Step = SshTransportReader::Step;
  SshTransportReader reader;
  std::string all;
  for (std::size_t at = 0; at <= bytes.size(); at += piece) {
    Step step = at == bytes.size() ? reader.end() : reader.feed(bytes.substr(at, piece));
    for (; step == Step::ident || step == Step::message; step = reader.next()) {
      all += step == Step::ident ? reader.ident_reader().ident().line : std::string(reader.payload());
      all += '\n';
    }
  }
  if (bytes.size() % piece != 0) reader.end();
  return all + reader.error().message;
}

/// The outcome does not depend on how the bytes were split, and a KEXINIT that is read is one that can be written.
AUDIT_FUZZ_TARGET(bytes) {
  require(heard(bytes, 1) == heard(bytes, bytes.empty() ? 1 : bytes.size()));
  const audit::Result<SshKexInit> message = parse_ssh_kexinit(bytes);
  if (!message) return;
  require(message->kex.names.size() <= 512);
  const audit::Result<SshKexInit> again = parse_ssh_kexinit(encode_ssh_kexinit(*message));
  require(again.ok());
  require(again->kex.names == message->kex.names);
  require(again->languages_to_client.names == message->languages_to_client.names);
  require(again->cookie == message->cookie);
}
