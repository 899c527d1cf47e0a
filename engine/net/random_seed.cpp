#include "net/random_seed.hpp"

#include <sys/random.h>

#include <stdexcept>

namespace audit::net {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != static_cast<ssize_t>(sizeof seed))
    throw std::runtime_error("getrandom failed: this kernel gives no randomness");
  return seed >> 16U;  // short enough to type
}

std::string random_key() {
  std::string key(32, '\0');
  if (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
    throw std::runtime_error("getrandom failed: this kernel gives no randomness");
  return key;
}

}  // namespace audit::net
