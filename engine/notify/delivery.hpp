#pragma once

#include <atomic>
#include <string>

#include "base/notifier.hpp"
#include "notify/message.hpp"

namespace audit::notify {

/// One attempt to deliver one message. Everything it names outlives it.
struct Delivery {
  const NotifySettings& settings;
  const Message& message;
  const std::string& secret;  // "" where no credential is named
  bool allow_commands = false;
  Duration timeout{};             // of this attempt
  const std::atomic<bool>& stop;  // somebody asked this process to end
};

/// What came of an attempt.
struct Sent {
  enum class How { delivered, failed, refused };  // refused: another attempt would end alike
  How how = How::failed;
  std::string message;  // host:port, what happened, what to do; "" where it was delivered
  Duration after{};     // before which the receiver does not want to be asked again
};

// The kinds of notifiers, each in its own file. Any thread.
[[nodiscard]] Sent send_webhook(const Delivery& delivery);
[[nodiscard]] Sent send_mail(const Delivery& delivery);
[[nodiscard]] Sent send_syslog(const Delivery& delivery);
[[nodiscard]] Sent send_command(const Delivery& delivery);
[[nodiscard]] Sent send_ping(const Delivery& delivery);

using Send = Sent (*)(const Delivery& delivery);
[[nodiscard]] Send sender_of(NotifierKind kind) noexcept;

}  // namespace audit::notify
