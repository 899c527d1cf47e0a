#include <unistd.h>

#include "notify/delivery.hpp"
#include "notify/syslog_line.hpp"
#include "notify/syslog_socket.hpp"

namespace audit::notify {

Sent send_syslog(const Delivery& delivery) {
  const std::string line = syslog_line(delivery.message, delivery.settings.facility, ::getpid());
  const Result<void> sent = send_to_syslog(delivery.settings.address, line, delivery.timeout);
  if (sent) return {Sent::How::delivered, "", {}};
  return {Sent::How::failed, sent.error().message, {}};
}

}  // namespace audit::notify
