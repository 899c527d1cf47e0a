#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace audit {

enum class Transport : std::uint8_t { tcp, udp };

[[nodiscard]] std::string_view name_of(Transport transport) noexcept;

/// A set of port numbers 1-65535 of one transport, kept as sorted, disjoint, non-adjacent ranges.
class PortSet {
 public:
  struct Range {
    std::uint16_t first;
    std::uint16_t last;
    bool operator==(const Range&) const = default;
  };

  void add(std::uint16_t first, std::uint16_t last);
  void add(const PortSet& other);
  void remove(const PortSet& other);
  [[nodiscard]] bool contains(std::uint16_t port) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  [[nodiscard]] std::uint32_t size() const noexcept;
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }
  [[nodiscard]] std::vector<std::uint16_t> list() const;
  /// "22,80-443"; "none" where it is empty.
  [[nodiscard]] std::string format() const;

  bool operator==(const PortSet&) const = default;

 private:
  std::vector<Range> ranges_;
};

/// "22-25,443" for one transport: commas, ranges, blanks around them; 1-65535; a range runs upwards.
[[nodiscard]] std::optional<PortSet> parse_ports(std::string_view text);

/// The ports of both transports.
struct TransportPorts {
  PortSet tcp;
  PortSet udp;

  [[nodiscard]] PortSet& of(Transport transport) noexcept { return transport == Transport::tcp ? tcp : udp; }
  [[nodiscard]] const PortSet& of(Transport transport) const noexcept {
    return transport == Transport::tcp ? tcp : udp;
  }
  [[nodiscard]] bool empty() const noexcept { return tcp.empty() && udp.empty(); }
  void add(const TransportPorts& other);
  /// "tcp/22,80 udp/161"; "none" where it is empty.
  [[nodiscard]] std::string format() const;
  bool operator==(const TransportPorts&) const = default;
};

/// "22", "8000-8100", "tcp/9100-9107", "udp/161,162": a transport and its ports, TCP where none is written.
[[nodiscard]] std::optional<TransportPorts> parse_transport_ports(std::string_view text);

/// Host, transport and port: what a packet is sent to.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  Transport transport = Transport::tcp;

  auto operator<=>(const Endpoint&) const = default;
};

/// "tcp/10.0.0.1:23", "tcp/[2001:db8::1]:443".
[[nodiscard]] std::string format_endpoint(const Endpoint& endpoint);
/// What format_endpoint writes; none where the text is anything else: a set of ports, a name that was looked up.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);
/// "10.0.0.1:23", "[2001:db8::1]:443".
[[nodiscard]] std::string format_socket(const IpAddress& address, std::uint16_t port);
/// What format_socket writes, or an address alone, whose port is then `port`.
[[nodiscard]] std::optional<Endpoint> parse_socket(std::string_view text, Transport transport, std::uint16_t port);

}  // namespace audit
