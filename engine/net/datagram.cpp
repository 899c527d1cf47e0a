#include "net/permit.hpp"
#include "net/stream.hpp"

namespace audit::net {

Result<void> Datagram::answer(const Endpoint& to, const Permit& permit, std::string_view bytes) {
  if (to.transport != Transport::udp || canonical(to.address) != canonical(remote_.address))
    return Error(Reason::out_of_scope, format_endpoint(to) + ": not a port of " + format_address(remote_.address));
  if (Result<void> allowed = permit.test(to); !allowed) return allowed.error();
  return do_answer(to, bytes);
}

}  // namespace audit::net
