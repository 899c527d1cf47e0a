#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/model.hpp"

namespace audit {

/// What of a target is compared from run to run besides the results of rules.
enum class ObservedKind : std::uint8_t { port, certificate, host_key, banner };
inline constexpr std::size_t observed_kinds = 4;
[[nodiscard]] std::string_view name_of(ObservedKind kind) noexcept;

/// One thing that a target may have.
struct ObservedKey {
  ObservedKind kind = ObservedKind::port;
  std::string endpoint;  // "tcp/10.0.0.1:443"
  std::string name;      // of a certificate the server name that was asked for; of a host key its type

  auto operator<=>(const ObservedKey&) const = default;
};

/// How it was seen.
struct ObservedValue {
  std::string id;       // a port's state, a fingerprint, the bytes of a banner: what tells one from another
  std::string subject;  // the rest is a certificate's, where it could be read
  std::string issuer;
  std::string not_after;

  bool operator==(const ObservedValue& other) const { return id == other.id; }
};

/// All that one run says of one thing.
struct Sight {
  enum class State : std::uint8_t {
    there,
    absent,   // it was looked at, and it is not there
    unknown,  // it was not looked at, or could not be seen
  };
  State state = State::unknown;
  std::vector<ObservedValue> values;  // where it is there, by id: one, or as many as differ
  std::string why;                    // where it is not
};

/// The ports of one host that are not open, as the run says for sure.
struct ShutPorts {
  TransportPorts closed;
  TransportPorts filtered;            // no answer, of a host that answers elsewhere
  TransportPorts closed_or_filtered;  // one of the two: only counts were kept
};

/// What one run saw of one target. What was capped, cut off or not asked is unknown, never absent.
struct TargetSight {
  std::string target;
  std::map<ObservedKey, std::vector<ObservedValue>> things;  // what is there
  std::map<ObservedKey, std::string> missed;                 // what was asked in vain, and why it was not seen
  std::set<std::string> listed;                              // endpoints whose types of host key are all known
  std::vector<std::pair<IpAddress, std::shared_ptr<const ShutPorts>>> hosts;
  std::string life;  // why nothing may be known of it, where it gave no sign of life

  [[nodiscard]] Sight look(const ObservedKey& key) const;
};

/// Of a target's record, its checks, and observations of it that others hold.
[[nodiscard]] TargetSight sight_of(const TargetRecord& record, std::span<const Check> checks,
                                   const std::vector<ObservationPtr>& others = {});

}  // namespace audit
