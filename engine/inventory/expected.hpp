#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/block.hpp"
#include "base/ports.hpp"
#include "inventory/place.hpp"

namespace audit::inventory {

/// A port, and the reason that the inventory gives for allowing it.
struct AllowedPort {
  PortSet::Range ports;
  std::string why;
  Place place;
};

/// `expect.tcp` or `expect.udp` of a group or a target.
struct ExpectedPorts {
  PortSet sweep;    // where one looks for ports that are not allowed
  PortSet require;  // must be open
  std::vector<AllowedPort> allow;
  PortSet deny;             // must not be open, allowed or not
  bool others_fail = true;  // an open port of `sweep` that nothing above names; else it is only told
  Place place;

  /// require and allow together, less deny: the ports that may be open.
  [[nodiscard]] PortSet permitted() const;
  /// Every port that one looks at.
  [[nodiscard]] PortSet looked_at() const;
  /// The `why` of the first item of allow that names this port; "" where it has none.
  [[nodiscard]] std::string_view why(std::uint16_t port) const;
};

/// One item of `expect.certificates`. Those of one port and server name are alternatives; of one item all has to hold.
struct ExpectedCertificate {
  std::uint16_t port = 443;
  std::string server_name;  // "" for the target's own
  std::string fingerprint;  // SHA-256 of the leaf, 64 lower-case hex digits; "" for any
  std::string issuer;       // its issuer's distinguished name as RFC 4514 writes it; "" for any
};

/// One item of `expect.ssh_host_keys`: a key that a server on that port may show.
struct ExpectedHostKey {
  std::uint16_t port = 22;
  std::string fingerprint;  // "SHA256:…", 43 characters of base64
};

/// One item of `expect.services`: what answers at a port speaks this.
struct ExpectedService {
  std::uint16_t port = 0;
  std::string service;  // one of expected_services()
};

/// What name servers and services are expected to say of a target: the keys of `expect` besides tcp and udp.
struct ExpectedAnswers {
  std::optional<std::vector<std::string>> names;       // of its reverse records, globs; an empty list: none at all
  std::optional<std::vector<AddressBlock>> addresses;  // that its name resolves to
  std::vector<std::string> address_texts;              // as written
  std::vector<ExpectedCertificate> certificates;
  std::vector<ExpectedHostKey> ssh_host_keys;
  std::vector<ExpectedService> services;

  /// The TCP ports that these are asked at.
  [[nodiscard]] PortSet ports() const;
};

/// What `service` may be: "ssh", "http", "https", "tls", …
[[nodiscard]] const std::vector<std::string_view>& expected_services();

}  // namespace audit::inventory
