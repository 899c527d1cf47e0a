#include "proto/starttls.hpp"

#include "fuzz.hpp"

using namespace audit::proto;

namespace {

StarttlsStep run(const StarttlsProtocol& protocol, std::string_view bytes, std::size_t size) {
  Starttls machine(protocol, StarttlsNames("scan.example", "im.example"));
  std::size_t said = 0;
  const auto listen = [&](StarttlsStep step) {
    while (step.kind == StarttlsStep::Kind::say) {
      require(++said <= 3);
      step = machine.feed("");
    }
    return step;
  };
  StarttlsStep step = listen(machine.feed(""));
  for (std::size_t at = 0; at < bytes.size(); at += size) step = listen(machine.feed(bytes.substr(at, size)));
  return step;
}

}  // namespace

/// The first byte picks the protocol; the outcome does not depend on how the rest was split.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  const auto& table = starttls_protocols();
  const StarttlsProtocol& protocol = table[static_cast<unsigned char>(bytes[0]) % table.size()];
  bytes.remove_prefix(1);
  const StarttlsStep whole = run(protocol, bytes, bytes.size() + 1);
  const StarttlsStep split = run(protocol, bytes, 1);
  require(whole.kind == split.kind);
  require(whole.error.reason == split.error.reason);
}
