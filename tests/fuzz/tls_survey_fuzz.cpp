#include <algorithm>
#include <set>
#include <utility>

#include "fuzz.hpp"
#include "proto/tls_survey.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

/// A server that answers as the bytes say, and breaks off once they are spent.
class Server {
 public:
  explicit Server(std::string_view bytes) : bytes_(bytes) {}

  TlsReply answer(const ClientHello& hello) {
    TlsReply reply;
    const unsigned kind = take();
    if (bytes_.empty() || kind % 8 == 0) {
      reply.error = Error((kind & 8U) != 0    ? Reason::reset
                          : (kind & 16U) != 0 ? Reason::timeout
                                              : Reason::eof,
                          "broken");
      return reply;
    }
    if (kind % 8 == 1) {
      reply.kind = TlsReply::Kind::alert;
      reply.alert = {static_cast<std::uint8_t>(1 + (kind & 8U) / 8), take()};
      return reply;
    }
    reply.kind = TlsReply::Kind::hello;
    ServerHello& said = reply.hello;
    said.version = chosen(hello.supported_versions, hello.version);
    said.cipher = chosen(hello.ciphers, 0);
    if ((kind & 8U) != 0) said.group = chosen(hello.groups, 23);
    said.retry = (kind & 16U) != 0;
    said.compression = (kind & 32U) != 0 ? 1 : 0;
    said.explicit_curve = (kind & 64U) != 0;
    said.dh_bits = (kind & 128U) != 0 ? 1'024 : 0;
    return reply;
  }

 private:
  std::uint8_t take() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }

  /// One of what was offered, mostly.
  std::uint16_t chosen(const std::vector<std::uint16_t>& offered, std::uint16_t otherwise) {
    const std::uint8_t byte = take();
    if (byte == 0xff) return static_cast<std::uint16_t>(take() << 8U | take());
    return offered.empty() ? otherwise : offered[byte % offered.size()];
  }

  std::string_view bytes_;
};

}  // namespace

/// Whatever a server does, the survey comes to its end, asks what can be sent, and believes no suite twice.
AUDIT_FUZZ_TARGET(bytes) {
  constexpr std::size_t most_questions = 5'000;
  Server server(bytes);
  TlsSurvey survey("lab.test");
  std::size_t asked = 0;
  while (std::optional<TlsQuestion> question = survey.next()) {
    require(++asked <= most_questions);
    question->hello.random.assign(32, 'r');
    if (question->session_id) question->hello.session_id.assign(32, 's');
    if (question->hello.key_shares)
      for (auto& share : *question->hello.key_shares)
        if (share.key.empty()) share.key.assign(32, 'k');
    require(encode_client_hello(question->hello).ok());
    if (!survey.take(server.answer(question->hello))) break;
  }
  for (const TlsVersionSeen& version : survey.seen().versions) {
    const std::set<std::uint16_t> once(version.ciphers.begin(), version.ciphers.end());
    require(once.size() == version.ciphers.size());
  }
}
