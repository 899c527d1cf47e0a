#include "net/outside.hpp"

namespace audit::net {

void KernelOutside::wait(Instant until) {
  if (until == never) {
    io_.run_one();
  } else {
    io_.run_one_until(until);
  }
}

void KernelOutside::end() {
  world_.stop();
  work_.reset();
  io_.run();
}

}  // namespace audit::net
