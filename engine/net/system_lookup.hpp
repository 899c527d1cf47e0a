#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "net/asio.hpp"
#include "net/deadline_list.hpp"

namespace audit::net {

/// getaddrinfo on a thread of its own, because it blocks for as long as it likes: past the deadline the thread is left
/// to end by itself. Errors: unresolved, timeout, stopped, local_fault.
[[nodiscard]] awaitable<Result<std::vector<IpAddress>>> system_lookup(asio::io_context& io, DeadlineList& deadlines,
                                                                      std::string name, Instant deadline);

}  // namespace audit::net
