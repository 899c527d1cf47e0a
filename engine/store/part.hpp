#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/entry.hpp"

namespace audit::store {

/// Ports in a row that a sweep left in one state.
struct SweptPorts {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  Reason state = Reason::stopped;
  std::uint8_t attempts = 0;
  bool unreachable = false;
  std::uint16_t fault_number = 0;
  std::uint32_t took_us = 0;  // of the first
};

struct SweptHost {
  IpAddress address;
  std::vector<SweptPorts> ports;
};

struct SignOfLife {
  IpAddress host;
  std::string how;
};

struct Sweep {
  WallTime time{};
  std::vector<SweptHost> hosts;
  std::uint32_t echoes = 0;
  std::string no_echo;
  std::vector<std::string> tarpits;
  std::vector<SignOfLife> lively;
};

/// What came of a target that was still open, since the last part of it: all of them together, in their order, are what a
/// run that goes on need not ask again. The target's entry says all of it, and takes their place.
struct Part {
  /// What a name led to when it was asked for the first time, or why to nothing.
  struct Resolution {
    std::string name;
    std::vector<IpAddress> addresses;
    std::string notice;
    std::optional<Error> error;
  };
  struct Answer {
    std::string key;  // of the question
    Value fields;     // an object
    std::optional<Error> error;
    ObservationPtr observation;
    std::vector<ObservationPtr> record;
  };

  /// Of the run itself, and of no member.
  static constexpr std::uint64_t of_run = ~std::uint64_t{0} >> 1U;
  std::uint64_t ordinal = 0;  // of the member
  std::vector<Resolution> resolutions;
  std::optional<Sweep> swept;
  std::vector<SignOfLife> lively;  // since the sweep
  std::vector<Check> checks;       // that have ended; `rule` and `target` are empty: who reads them knows the member
  std::vector<CollectedEntry> collected;
  std::vector<Answer> answers;
};

/// Appends the part's bytes.
void write_part(const Part& part, std::string& out);
/// The part that the bytes are, whole; none where they are no part of a run with so many rules.
[[nodiscard]] std::optional<Part> read_part(std::string_view bytes, std::size_t rules);

}  // namespace audit::store
