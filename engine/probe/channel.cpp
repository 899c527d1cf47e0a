#include "probe/channel.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace audit::probe {

Channel channel_of(const net::TlsSession& session) {
  if (session.checked && session.verified && session.name_matches) return Channel::proven();
  std::string doubt;
  if (!session.checked) {
    doubt = "no trust was asked for, so it was not verified";
  } else if (!session.verified) {
    doubt = session.verify_reason;
  }
  if (!session.name_matches)
    doubt += fmt::format("{}it is not for {}", doubt.empty() ? "" : "; ", visible(session.name, 100));
  return {Channel::Kind::unproven, std::move(doubt)};
}

}  // namespace audit::probe
