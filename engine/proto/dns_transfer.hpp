#pragma once

#include "proto/dns.hpp"

namespace audit::proto {

/// The records of a zone transfer (AXFR, RFC 5936), message by message: the SOA, the zone, the SOA again. Counts every
/// record, keeps the first `most_kept`.
class DnsTransfer {
 public:
  enum class Step { need_more, done, failed };
  static constexpr std::size_t most_kept = 1'000;

  DnsTransfer(std::string zone, std::uint16_t id);

  /// One message. Done at the second SOA, or where the server refuses (`rcode` says how); failed is protocol_error.
  Step feed(std::string_view message);

  [[nodiscard]] const std::string& rcode() const noexcept { return rcode_; }
  [[nodiscard]] const DnsFlags& flags() const noexcept { return flags_; }
  /// The zone was sent whole.
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  [[nodiscard]] const std::vector<DnsRecord>& records() const noexcept { return records_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t messages() const noexcept { return messages_; }
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Step fail(std::string text);

  DnsQuestion question_;
  std::uint16_t id_;
  Step step_ = Step::need_more;
  std::string rcode_;
  DnsFlags flags_;
  bool complete_ = false;
  std::vector<DnsRecord> records_;
  std::uint64_t count_ = 0;
  std::uint32_t messages_ = 0;
  std::string first_soa_;
  Error error_;
};

}  // namespace audit::proto
