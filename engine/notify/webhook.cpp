#include <fmt/format.h>

#include "base/text.hpp"
#include "notify/transfer.hpp"
#include "proto/hash.hpp"

namespace audit::notify {
namespace {

/// "sha256=…", HMAC-SHA256 (RFC 2104) of the body in lower-case hexadecimal; "" where the machine cannot.
std::string signature_of(const std::string& secret, const std::string& body) {
  proto::HashBytes bytes{};
  const std::size_t size = proto::hmac(proto::Hash::sha256, secret, body, bytes);
  if (size == 0) return "";
  const std::string raw(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  return "sha256=" + to_hex(raw);
}

}  // namespace

Sent send_webhook(const Delivery& delivery) {
  const Message& message = delivery.message;
  Post what{delivery.settings.address.url(), "application/json", message.json, {}};
  what.headers.push_back(fmt::format("Idempotency-Key: {}", visible(message.news->id)));
  if (!delivery.settings.credential.empty()) {
    const std::string signature = signature_of(delivery.secret, message.json);
    if (signature.empty())
      return {Sent::How::refused, "the message could not be signed: OpenSSL here has no HMAC-SHA256", {}};
    what.headers.push_back(fmt::format("X-Audit-Signature: {}", signature));
  }
  return post(delivery, what);
}

}  // namespace audit::notify
