#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run_record.hpp"
#include "report/groups.hpp"

namespace audit::report {

/// What is known of one port of one host. `unlisted`: no row of its own; closed, filtered or not asked, which only the
/// target's counts tell. `unknown`: this machine or the end of the run kept it from being asked, or may have.
enum class Cell : std::uint8_t { open, closed, filtered, unlisted, unknown, unasked };

/// The word in a cell; nothing rests on colour.
[[nodiscard]] std::string_view word_of(Cell cell);

struct Column {
  Transport transport = Transport::tcp;
  std::uint16_t port = 0;
  std::string_view service;  // "" where nobody has named it
  std::uint64_t open = 0;    // on how many hosts

  [[nodiscard]] std::string title() const;  // "22", "udp/161"
};

/// One address of a target; none where the target has no address.
struct Host {
  const TargetRecord* target;
  std::optional<IpAddress> address;
  Standing standing;

  [[nodiscard]] std::string label() const;  // `visible` already: "sw-1 (10.0.0.1)"
};

/// The ports that are open or have a row somewhere, and the few that rules name outright; by transport and number.
[[nodiscard]] std::vector<Column> columns_of(const RunRecord& record);
/// The columns in the order in which they deserve room: open on most hosts, then by number.
[[nodiscard]] std::vector<std::size_t> by_worth(const std::vector<Column>& columns);
/// At most `most` of them, the worthiest, by number again.
[[nodiscard]] std::vector<Column> worthiest(std::vector<Column> columns, std::size_t most);

/// Every host in the order of the record; where there are more than `most`, those with failures first, then those with
/// open ports.
[[nodiscard]] std::vector<Host> hosts_of(const RunRecord& record, std::size_t most);
[[nodiscard]] std::vector<Cell> cells_of(const Host& host, const std::vector<Column>& columns);

}  // namespace audit::report
