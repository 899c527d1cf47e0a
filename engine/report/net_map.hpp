#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/run_record.hpp"

namespace audit::report {

/// What the checks of some targets came to.
struct Tallied {
  std::array<std::uint64_t, status_count> checks{};  // by Status
  std::uint64_t failures = 0;                        // failed results, waived ones too
  std::uint64_t waived = 0;                          // of these
  Severity worst = Severity::info;                   // of the failures that no waiver covers

  void count(const Check& check);
  void add(const Tallied& other);
  [[nodiscard]] std::uint64_t of(Status status) const { return checks[static_cast<std::size_t>(status)]; }
  /// error and not_reviewed
  [[nodiscard]] std::uint64_t blind() const { return of(Status::error) + of(Status::not_reviewed); }
};
/// "3 failures, worst high, 1 waived, 2 not judged"; "no failure" where all was judged.
[[nodiscard]] std::string words_of(const Tallied& tally);

/// A target on the map. Points into the record, which must outlive it.
struct MappedHost {
  const TargetRecord* target;
  Tallied tally;
};

/// The /24 or /64 that targets are in by their first address; "" for those without one.
struct MappedSubnet {
  std::string name;
  std::vector<MappedHost> hosts;  // by ordinal
};

struct MappedZone {
  std::string name;  // "" for what is in none
  std::vector<MappedSubnet> subnets;
};

/// Zones by name, subnets by address.
struct NetMap {
  std::vector<MappedZone> zones;
  std::size_t hosts = 0;
};

[[nodiscard]] NetMap map_of(const RunRecord& record);

/// "10.20.1.0/24"; "without an address".
[[nodiscard]] std::string title_of(const MappedSubnet& subnet);
[[nodiscard]] Tallied tally_of(const MappedSubnet& subnet);
/// How many of its targets showed life.
[[nodiscard]] std::size_t alive_in(const MappedSubnet& subnet);

/// A service and how often it is open in a subnet.
struct CommonService {
  std::uint64_t hosts = 0;
  std::string name;  // "22/tcp ssh", as it came
};
/// The most common first, then by transport and port.
[[nodiscard]] std::vector<CommonService> common_services(const MappedSubnet& subnet, const RunRecord& record);

/// The open services of a port row: "22/tcp ssh"; "" where it is not open.
[[nodiscard]] std::string service_of(const PortRecord& port, const RunRecord& record);

}  // namespace audit::report
