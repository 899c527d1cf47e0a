#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/address.hpp"
#include "base/reason.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "net/asio.hpp"

namespace audit::net {

/// How echoes reach the network: a ping socket, which needs no privileges, or a raw one.
enum class EchoMethod : std::uint8_t { icmp, icmp_raw };

/// "icmp", "icmp-raw".
[[nodiscard]] constexpr std::string_view name_of(EchoMethod method) noexcept {
  return method == EchoMethod::icmp ? "icmp" : "icmp-raw";
}

/// What came back for one request.
struct EchoAnswer {
  std::uint32_t number = 0;  // of the request, from 0
  Duration took{};
  Reason reason = Reason::observed;  // unreachable where an ICMP error came in place of the reply
  std::string message;               // who said so
};

/// Payload of an echo, in bytes: enough for no stranger to guess, and what an IPv4 packet holds.
inline constexpr std::size_t least_echo = 16;
inline constexpr std::size_t usual_echo = 56;
inline constexpr std::size_t largest_echo = 65'507;

/// An exchange of echoes with one host, under a random payload of its own: a reply counts that comes from that host with
/// the id, sequence and payload of a request, once. Lives on its shard's thread, no longer than its world.
class Echo {
 public:
  virtual ~Echo() = default;

  /// The next request. Errors: local_fault.
  [[nodiscard]] virtual Result<void> send() = 0;
  /// What came back next, in the order of arrival. Errors: timeout, stopped.
  [[nodiscard]] virtual awaitable<Result<EchoAnswer>> receive(Instant deadline) = 0;
  /// Ends a `receive` that waits, and every later one, with timeout.
  virtual void cancel() = 0;

  [[nodiscard]] EchoMethod method() const noexcept { return method_; }
  [[nodiscard]] const IpAddress& remote() const noexcept { return remote_; }
  /// What every request carries, and every reply that counts.
  [[nodiscard]] const std::string& payload() const noexcept { return payload_; }
  /// Replies to a request that had been replied to.
  [[nodiscard]] virtual std::uint32_t duplicates() const noexcept { return duplicates_; }
  /// Replies with the id and sequence of a request, and another source or payload: not believed.
  [[nodiscard]] virtual std::uint32_t foreign() const noexcept { return foreign_; }

 protected:
  IpAddress remote_;
  EchoMethod method_ = EchoMethod::icmp;
  std::string payload_;
  std::uint32_t duplicates_ = 0;
  std::uint32_t foreign_ = 0;
};

}  // namespace audit::net
