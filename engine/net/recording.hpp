#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "net/transcript.hpp"

namespace audit::net {

/// An exchange of the transcript, and whether somebody was given it.
struct Kept {
  Exchange exchange;
  bool taken = false;
};

/// All of a transcript, by what was asked of whom, in the order of asking. For one replay, on its thread.
class Recording {
 public:
  /// Takes the next record. Errors: protocol_error (out of order, or none at all), over_budget (more than fits).
  [[nodiscard]] Result<void> add(std::string_view record);
  /// After the last. Error: protocol_error where the beginning or the end is not there.
  [[nodiscard]] Result<void> finish();
  /// Puts these forms of secrets (see Redaction) where the transcript leaves theirs out. Error: protocol_error.
  [[nodiscard]] Result<void> restore(const std::vector<std::string>& forms);

  [[nodiscard]] const RunStart& start() const noexcept { return start_; }
  [[nodiscard]] const RunEnd& end() const noexcept { return end_; }
  [[nodiscard]] const std::optional<Stopped>& stopped() const noexcept { return stopped_; }
  [[nodiscard]] const std::vector<PutForward>& put_forward() const noexcept { return put_forward_; }

  /// The next answer of this port, the last one where it was asked more often; null where it never was.
  [[nodiscard]] const PortAsked* next_port(const Endpoint& to);
  /// Conversations of a kind with an endpoint (of an echo: the host, and the size as port).
  [[nodiscard]] std::vector<Kept*>* with(Exchange::Kind kind, const Endpoint& to);
  /// Datagram conversations with an endpoint that begin by sending this.
  [[nodiscard]] std::vector<Kept*>* beginning(const Endpoint& to, bool other_ports, const std::string& sent);
  [[nodiscard]] std::vector<Kept*>* look_ups(const std::string& name);

 private:
  struct Ports {
    std::vector<PortAsked> asked;
    std::size_t next = 0;
  };
  using Key = std::pair<Exchange::Kind, Endpoint>;

  RunStart start_;
  RunEnd end_;
  std::optional<Stopped> stopped_;
  std::vector<PutForward> put_forward_;  // in the order of time
  bool has_start_ = false;
  bool has_end_ = false;
  std::size_t cost_ = 0;
  std::map<Endpoint, Ports> ports_;
  std::vector<std::unique_ptr<Kept>> kept_;
  std::map<Key, std::vector<Kept*>> by_endpoint_;
  std::map<std::tuple<Endpoint, bool, std::string>, std::vector<Kept*>> by_first_;
  std::map<std::string, std::vector<Kept*>> by_name_;
};

/// The one to answer with: the first that nobody was given, else the first that was opened.
[[nodiscard]] Kept& choose(const std::vector<Kept*>& candidates);

}  // namespace audit::net
