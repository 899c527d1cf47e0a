#pragma once

#include <memory>
#include <span>

namespace audit::net {

/// Room for one datagram of any size: one buffer a thread, good until the next call that receives on it.
inline std::span<char> datagram_scratch() {
  constexpr std::size_t size = 65'536;
  thread_local const std::unique_ptr<char[]> buffer = std::make_unique<char[]>(size);
  return {buffer.get(), size};
}

}  // namespace audit::net
