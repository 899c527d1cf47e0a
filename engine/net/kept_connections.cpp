#include "net/kept_connections.hpp"

#include <algorithm>

namespace audit::net {

KeptConnections::~KeptConnections() {
  deadlines_.remove(*this);
  trim(0, nullptr);
}

void KeptConnections::want(PortSet ports, std::uint32_t most) {
  ports_ = std::move(ports);
  most_ = most;
}

bool KeptConnections::wants(const Endpoint& to) const {
  return kept_.size() < most_ && ports_.contains(to.port) &&
         std::none_of(kept_.begin(), kept_.end(), [&](const Kept& one) { return one.to == to; });
}

void KeptConnections::keep(const Endpoint& to, std::unique_ptr<Stream> stream, Instant now) {
  kept_.push_back({to, std::move(stream)});
  if (!waiting()) deadlines_.add(*this, now + longest_kept);  // the first counts: none is kept for longer
}

std::unique_ptr<Stream> KeptConnections::take(const Endpoint& to) {
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& one) { return one.to == to; });
  if (found == kept_.end()) return nullptr;
  std::unique_ptr<Stream> stream = std::move(found->stream);
  kept_.erase(found);
  if (kept_.empty()) deadlines_.remove(*this);
  if (stream->still_open()) return stream;
  stream->abandon();
  return nullptr;
}

void KeptConnections::trim(std::uint32_t most, const Endpoint* spared) {
  std::size_t left = most;
  for (auto one = kept_.begin(); one != kept_.end();) {
    if (spared != nullptr && one->to == *spared) {
      ++one;
    } else if (left > 0) {
      --left;
      ++one;
    } else {
      one->stream->abandon();
      one = kept_.erase(one);
    }
  }
  if (kept_.empty()) deadlines_.remove(*this);
}

void KeptConnections::expired(Expiry /*why*/) { trim(0, nullptr); }

}  // namespace audit::net
