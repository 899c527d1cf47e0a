#pragma once

#include <memory>

#include "net/stream.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// A UDP socket, connected until it is to hear other ports, that keeps the ICMP errors its datagrams cause. It holds its
/// place among the descriptors until it is destroyed. Errors: local_fault.
[[nodiscard]] Result<std::unique_ptr<Datagram>> open_kernel_datagram(asio::io_context& io, DeadlineList& deadlines,
                                                                     const Endpoint& to, Place place);

}  // namespace audit::net
