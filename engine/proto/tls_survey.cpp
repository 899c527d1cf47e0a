#include "proto/tls_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "proto/tls_names.hpp"

namespace audit::proto {
namespace {

constexpr std::uint16_t x25519 = 29;
constexpr std::uint16_t no_protection = 0;  // what holds before a handshake; never a result of one (RFC 5246 A.5)
constexpr std::array<std::uint16_t, 5> versions{tls::v1_3, tls::v1_2, tls::v1_1, tls::v1_0, tls::ssl3};

enum Alert : std::uint8_t {
  handshake_failure = 40,
  illegal_parameter = 47,
  decode_error = 50,
  protocol_version = 70,
  insufficient_security = 71,
  inappropriate_fallback = 86,
  missing_extension = 109,
};

bool refuses_the_offer(std::uint8_t description) {
  switch (description) {
    case handshake_failure:
    case illegal_parameter:
    case protocol_version:
    case insufficient_security:
    case inappropriate_fallback:
    case missing_extension: return true;
    default: return false;
  }
}

bool contains(const std::vector<std::uint16_t>& codes, std::uint16_t code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// Suites of one key exchange; where some of them need no ECDSA certificate, only those: its curve would have to stay
/// among the groups (RFC 8422 5.1).
std::vector<std::uint16_t> with_exchange(const std::vector<std::uint16_t>& ciphers, KeyExchange::Kind kind) {
  std::vector<std::uint16_t> all;
  std::vector<std::uint16_t> free;
  for (const std::uint16_t cipher : ciphers) {
    if (key_exchange_of(cipher).kind != kind) continue;
    all.push_back(cipher);
    if (cipher_name(cipher).find("_ECDSA_") == std::string::npos) free.push_back(cipher);
  }
  return free.empty() ? all : free;
}

/// The newest version before TLS 1.3 that is spoken with suites of this exchange; null where there is none.
const TlsVersionSeen* older_with(const TlsSeen& seen, KeyExchange::Kind kind) {
  for (const TlsVersionSeen& version : seen.versions)
    if (version.version < tls::v1_3 && !with_exchange(version.ciphers, kind).empty()) return &version;
  return nullptr;
}

/// The newest spoken version that is not the newest of all, before TLS 1.3: what a client falls back to.
const TlsVersionSeen* fallback_of(const TlsSeen& seen) {
  bool newer = false;
  for (const TlsVersionSeen& version : seen.versions) {
    if (version.ciphers.empty()) continue;
    if (newer && version.version < tls::v1_3) return &version;
    newer = true;
  }
  return nullptr;
}

/// The curves that certificates have come last: where the client's order counts, all others are seen before one of them
/// is taken away.
std::vector<std::uint16_t> groups_to_offer(bool tls13) {
  std::vector<std::uint16_t> groups;
  std::vector<std::uint16_t> last;
  for (const NamedCode& group : named_groups()) {
    constexpr std::uint16_t secp256r1 = 23;
    constexpr std::uint16_t secp521r1 = 25;
    if (!tls13 && (is_tls13_group(group.code) || is_finite_field(group.code))) continue;
    const bool of_certificates = group.code >= secp256r1 && group.code <= secp521r1;
    (of_certificates ? last : groups).push_back(group.code);
  }
  groups.insert(groups.end(), last.rbegin(), last.rend());
  return groups;
}

}  // namespace

TlsSurvey::TlsSurvey(std::string server_name) : server_name_(std::move(server_name)) {
  for (const std::uint16_t version : versions) {
    queue_.push_back(seen_.versions.size());
    seen_.versions.emplace_back().version = version;
  }
}

const TlsVersionSeen* TlsSurvey::asked_version() const {
  switch (phase_) {
    case Phase::ciphers:
    case Phase::order: return &seen_.versions[queue_.front()];
    case Phase::groups13: return &seen_.versions.front();
    case Phase::groups12: return older_with(seen_, KeyExchange::Kind::ecdhe);
    case Phase::dh: return older_with(seen_, KeyExchange::Kind::dhe);
    case Phase::fallback: return fallback_of(seen_);
    default: return nullptr;
  }
}

std::vector<std::uint16_t> TlsSurvey::offer() const {
  const TlsVersionSeen& version = *asked_version();
  switch (phase_) {
    case Phase::ciphers: {
      std::vector<std::uint16_t> ciphers;
      for (const NamedCode& suite : cipher_suites())
        if (suite.code != no_protection && !is_signalling(suite.code) &&
            is_tls13_cipher(suite.code) == (version.version == tls::v1_3) && !contains(version.ciphers, suite.code))
          ciphers.push_back(suite.code);
      return ciphers;
    }
    case Phase::order: return {version.ciphers[1], version.ciphers[0]};
    case Phase::groups12: return with_exchange(version.ciphers, KeyExchange::Kind::ecdhe);
    case Phase::dh: return with_exchange(version.ciphers, KeyExchange::Kind::dhe);
    case Phase::fallback: {
      std::vector<std::uint16_t> ciphers = version.ciphers;
      ciphers.push_back(fallback_scsv);
      return ciphers;
    }
    default: return version.ciphers;
  }
}

std::vector<std::uint16_t> TlsSurvey::group_offer() const {
  std::vector<std::uint16_t> groups = groups_to_offer(asked_version()->version == tls::v1_3);
  if (phase_ == Phase::groups13) std::erase_if(groups, [this](auto group) { return contains(seen_.groups13, group); });
  if (phase_ == Phase::groups12) std::erase_if(groups, [this](auto group) { return contains(seen_.groups12, group); });
  return groups;
}

TlsQuestion TlsSurvey::question() const {
  const TlsVersionSeen& version = *asked_version();
  TlsQuestion question;
  ClientHello& hello = question.hello;
  hello.ciphers = offer();
  hello.version = std::min(version.version, tls::v1_2);
  hello.record_version = std::min(version.version, tls::v1_0);
  question.about = fmt::format("{}, {} seen", version_name(version.version), counted(version.ciphers.size(), "suite"));
  if (version.version == tls::ssl3) {
    hello.extensions = false;
    hello.ciphers.push_back(renegotiation_scsv);
  }
  hello.server_name = server_name_;
  hello.groups = group_offer();
  hello.signature_algorithms = all_signature_algorithms();
  hello.extended_master_secret = true;
  hello.renegotiation_info = true;
  if (version.version == tls::v1_3) {
    question.session_id = true;  // as a client in compatibility mode (RFC 8446 D.4)
    hello.supported_versions = {tls::v1_3};
    hello.key_shares.emplace();
    if (share_ && contains(hello.groups, x25519)) hello.key_shares->push_back({x25519, ""});
  } else {
    constexpr std::uint8_t deflate = 1;
    hello.compressions = {deflate, 0};
    if (phase_ == Phase::groups12 || phase_ == Phase::dh) question.until = ServerFlightReader::Until::key_exchange;
  }
  return question;
}

bool TlsSurvey::worth_asking() const {
  if (over_) return false;
  const TlsVersionSeen* version = asked_version();
  switch (phase_) {
    case Phase::ciphers: return !offer().empty();
    case Phase::order: return version->ciphers.size() > 1;
    case Phase::groups13: return !version->ciphers.empty() && !group_offer().empty();
    case Phase::groups12: return version != nullptr && !group_offer().empty();
    case Phase::dh:
    case Phase::fallback: return version != nullptr;
    default: return true;
  }
}

void TlsSurvey::advance() {
  while (!worth_asking()) {
    over_ = false;
    switch (phase_) {
      case Phase::ciphers:
        current().complete = true;
        phase_ = Phase::order;
        break;
      case Phase::order:
        queue_.pop_front();
        phase_ = queue_.empty() ? Phase::groups13 : Phase::ciphers;
        break;
      case Phase::groups13: phase_ = Phase::groups12; break;
      case Phase::groups12: phase_ = Phase::dh; break;
      case Phase::dh: phase_ = Phase::fallback; break;
      default: phase_ = Phase::done; return;
    }
  }
}

std::optional<TlsQuestion> TlsSurvey::next() {
  advance();
  if (phase_ == Phase::done) return std::nullopt;
  if (doubt_ == Doubt::known_good) {
    TlsQuestion again = *known_good_;
    again.about = asked_.about;
    return again;
  }
  asked_ = question();
  return asked_;
}

Result<void> TlsSurvey::take(const TlsReply& reply) {
  if (doubt_ == Doubt::known_good) {
    doubt_ = Doubt::none;
    if (reply.kind != TlsReply::Kind::hello) return doubtful_;
    take_refusal(doubtful_how_);
    return {};
  }
  switch (reply.kind) {
    case TlsReply::Kind::hello: return take_hello(reply.hello);
    case TlsReply::Kind::alert: return take_alert(reply.alert);
    default: return take_doubt(reply.error, reply.error.reason == Reason::reset ? "reset" : "closed");
  }
}

Result<void> TlsSurvey::take_alert(const TlsAlert& alert) {
  const std::string name = alert_name(alert.description);
  if (!refuses_the_offer(alert.description))
    return take_doubt(Error(Reason::tls_error, fmt::format("the server broke off with the alert {}", name)), name);
  doubt_ = Doubt::none;
  const bool wants_share = alert.description == illegal_parameter || alert.description == missing_extension;
  if (phase_ == Phase::ciphers && current().version == tls::v1_3 && current().ciphers.empty() && wants_share &&
      !share_) {
    share_ = true;
    return {};
  }
  if (phase_ == Phase::fallback) seen_.fallback_scsv = alert.description == inappropriate_fallback;
  take_refusal(name);
  return {};
}

/// Asks once more; then something that was answered before, to see that the server still lives.
Result<void> TlsSurvey::take_doubt(const Error& error, const std::string& how) {
  doubtful_ = error;
  doubtful_how_ = how;
  if (doubt_ == Doubt::none) {
    doubt_ = Doubt::again;
    return {};
  }
  if (known_good_) {
    doubt_ = Doubt::known_good;
    return {};
  }
  doubt_ = Doubt::none;
  if (++deferred_ >= queue_.size()) return error;  // nothing was ever answered
  queue_.push_back(queue_.front());
  queue_.pop_front();
  return {};
}

void TlsSurvey::take_refusal(const std::string& how) {
  over_ = true;
  if (phase_ == Phase::ciphers && current().ciphers.empty()) current().refusal = how;
}

Result<void> TlsSurvey::take_hello(const ServerHello& hello) {
  doubt_ = Doubt::none;
  known_good_ = asked_;
  const std::uint16_t asked = asked_version()->version;
  if (hello.version > asked || !contains(asked_.hello.ciphers, hello.cipher) || is_signalling(hello.cipher))
    return Error(Reason::protocol_error,
                 fmt::format("the server chose {} with {}, which it was not offered ({})", version_name(hello.version),
                             cipher_name(hello.cipher), asked_.about));
  if (hello.version < asked) {
    take_refusal("answers " + version_name(hello.version));
    return {};
  }
  switch (phase_) {
    case Phase::ciphers: take_cipher(hello); break;
    case Phase::order:
      current().server_order = hello.cipher == current().ciphers[0];
      over_ = true;
      break;
    case Phase::dh:
      seen_.dh_bits = hello.dh_bits;
      over_ = true;
      break;
    case Phase::fallback:
      seen_.fallback_scsv = false;
      over_ = true;
      break;
    default: take_group(hello);
  }
  return {};
}

void TlsSurvey::take_cipher(const ServerHello& hello) {
  TlsVersionSeen& version = current();
  if (version.ciphers.empty()) {
    version.renegotiation_info = hello.renegotiation_info;
    version.extended_master_secret = hello.extended_master_secret;
    if (version.version == tls::v1_3 && hello.group && contains(asked_.hello.groups, *hello.group))
      seen_.groups13.push_back(*hello.group);
  }
  version.compression = version.compression || hello.compression != 0;
  version.ciphers.push_back(hello.cipher);
}

void TlsSurvey::take_group(const ServerHello& hello) {
  std::vector<std::uint16_t>& groups = phase_ == Phase::groups13 ? seen_.groups13 : seen_.groups12;
  if (phase_ == Phase::groups12) seen_.groups12_version = asked_version()->version;
  if (hello.explicit_curve) seen_.explicit_curve = true;
  over_ = !hello.group || !contains(asked_.hello.groups, *hello.group);
  if (!over_)
    groups.push_back(*hello.group);
  else if (hello.group)
    seen_.group_not_offered = hello.group;
}

}  // namespace audit::proto
