#include "proto/dns_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::proto {
namespace {

constexpr std::uint16_t type_axfr = 252;

std::string identity_of(const DnsRecord& soa) { return soa.name + ' ' + soa.data; }

}  // namespace

DnsTransfer::DnsTransfer(std::string zone, std::uint16_t id) : id_(id) {
  question_.name = std::move(zone);
  question_.type = type_axfr;
}

DnsTransfer::Step DnsTransfer::fail(std::string text) {
  error_ = Error(Reason::protocol_error, "the zone transfer " + std::move(text));
  return step_ = Step::failed;
}

DnsTransfer::Step DnsTransfer::feed(std::string_view bytes) {
  if (step_ != Step::need_more) return step_;
  const Result<DnsMessage> message =
      messages_ == 0 ? decode_dns_response(bytes, question_, id_) : decode_dns_continuation(bytes, question_, id_);
  if (!message) {
    error_ = message.error();
    return step_ = Step::failed;
  }
  if (++messages_ == 1) flags_ = message->flags;
  rcode_ = message->rcode;
  if (rcode_ != "NOERROR") return step_ = Step::done;
  if (message->answers.empty()) {
    if (messages_ == 1) return step_ = Step::done;  // no error and no record: it is not served
    return fail("has a message without a record");
  }
  for (const DnsRecord& record : message->answers) {
    if (complete_) return fail("goes on after the second SOA");
    if (count_ == 0) {
      if (record.type != "SOA") return fail(fmt::format("begins with a record of type {}, not SOA", record.type));
      first_soa_ = identity_of(record);
    } else if (record.type == "SOA") {
      if (identity_of(record) != first_soa_) return fail("ends with another SOA than it began with");
      complete_ = true;
    }
    ++count_;
    if (records_.size() < most_kept) records_.push_back(record);
  }
  return complete_ ? step_ = Step::done : Step::need_more;
}

}  // namespace audit::proto
