#include "cli/watch_trips.hpp"

#include <algorithm>

namespace audit::cli {

void RoundTrips::add(const core::Echoes& echoes) {
  last.reset();
  sent += echoes.sent;
  if (echoes.received == 0) return;
  least = received == 0 ? echoes.least : std::min(least, echoes.least);
  most = std::max(most, echoes.most);
  sum += echoes.sum;
  received += echoes.received;
  last = echoes.sum / echoes.received;
}

}  // namespace audit::cli
