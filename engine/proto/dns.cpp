#include "proto/dns.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/ascii.hpp"
#include "proto/dns_chain.hpp"
#include "proto/dns_name.hpp"
#include "proto/dns_rdata.hpp"
#include "proto/dns_type.hpp"
#include "proto/wire.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t message_max = 65535;
constexpr std::size_t record_head = 10;        // type, class, TTL, RDLENGTH
constexpr std::size_t unfolded_max = 900'000;  // bytes that the records of one message may take in memory
constexpr std::size_t block_overhead = 16;     // what malloc adds, at most

constexpr std::uint16_t flag_qr = 0x8000;
constexpr std::uint16_t flag_aa = 0x0400;
constexpr std::uint16_t flag_tc = 0x0200;
constexpr std::uint16_t flag_rd = 0x0100;
constexpr std::uint16_t flag_ra = 0x0080;
constexpr std::uint16_t flag_ad = 0x0020;
constexpr std::uint16_t flag_cd = 0x0010;
constexpr std::uint16_t opcode_mask = 0x7800;
constexpr std::uint16_t edns_do = 0x8000;

constexpr std::uint16_t type_ixfr = 251;
constexpr std::uint16_t type_axfr = 252;

constexpr unsigned rcode_formerr = 1;
constexpr unsigned rcode_notimp = 4;

Error refuse(std::string why) { return Error(Reason::protocol_error, "the DNS answer " + std::move(why)); }

std::size_t heap_of(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() + 1 + block_overhead : 0;
}

std::size_t heap_of(const DnsRecord& record) {
  std::size_t size = heap_of(record.name) + heap_of(record.type) + heap_of(record.data);
  if (!record.strings.empty()) size += record.strings.capacity() * sizeof(std::string) + block_overhead;
  for (const std::string& text : record.strings) size += heap_of(text);
  return size;
}

/// Reads one message: first a walk that only measures, so that nothing is allocated for counts that lie, then the
/// records.
class ResponseReader {
 public:
  ResponseReader(std::string_view bytes, bool continuation) : bytes_(bytes), continuation_(continuation) {}

  Result<DnsMessage> read(const DnsQuestion& asked, std::uint16_t id);

 private:
  Result<void> read_header(std::uint16_t id);
  Result<void> read_question(const DnsQuestion& asked);
  Result<void> measure();
  Result<void> read_record(std::size_t section, std::vector<DnsRecord>& records);
  Result<void> read_edns(std::size_t owner, std::uint32_t ttl);
  Result<void> look_for_strays(const DnsQuestion& asked);

  std::string_view bytes_;
  bool continuation_;
  std::size_t at_ = header_size;
  std::uint16_t questions_ = 0;
  std::array<std::size_t, 3> counts_{};  // of answers, authority, additional
  unsigned rcode_ = 0;
  bool edns_seen_ = false;
  std::size_t budget_ = unfolded_max;
  DnsMessage message_;
};

Result<void> ResponseReader::read_header(std::uint16_t id) {
  if (bytes_.size() < header_size) return refuse(fmt::format("has {} bytes, fewer than its header", bytes_.size()));
  if (bytes_.size() > message_max)
    return refuse(fmt::format("has {} bytes; a message has at most 65535", bytes_.size()));
  message_.id = get16(bytes_, 0);
  const std::uint16_t flags = get16(bytes_, 2);
  if (message_.id != id) return refuse(fmt::format("has id {}, asked was {}", message_.id, id));
  if ((flags & flag_qr) == 0) return refuse("is a query, not a response");
  if ((flags & opcode_mask) != 0)
    return refuse(fmt::format("has opcode {}, asked was 0 (QUERY)", (flags & opcode_mask) >> 11));
  message_.flags.aa = (flags & flag_aa) != 0;
  message_.flags.tc = (flags & flag_tc) != 0;
  message_.flags.rd = (flags & flag_rd) != 0;
  message_.flags.ra = (flags & flag_ra) != 0;
  message_.flags.ad = (flags & flag_ad) != 0;
  message_.flags.cd = (flags & flag_cd) != 0;
  rcode_ = flags & 0xfu;
  questions_ = get16(bytes_, 4);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] = get16(bytes_, 6 + 2 * i);
  return {};
}

Result<void> ResponseReader::read_question(const DnsQuestion& asked) {
  const bool records = counts_[0] + counts_[1] + counts_[2] > 0;
  if (questions_ == 0 && continuation_) return {};
  if (questions_ == 0 && !records && (rcode_ == rcode_formerr || rcode_ == rcode_notimp)) return {};
  if (questions_ != 1) return refuse(fmt::format("repeats {} questions, asked was one", questions_));
  auto expected = name_to_wire(asked.name);
  if (!expected) return expected.error();
  std::string wire;
  if (read_name(bytes_, at_, bytes_.size(), wire) != NameRead::ok || at_ + 4 > bytes_.size())
    return refuse("has a malformed question");
  const std::uint16_t type = get16(bytes_, at_);
  const std::uint16_t klass = get16(bytes_, at_ + 2);
  at_ += 4;
  if (!same_text(wire, *expected) || type != asked.type || klass != dns_class_in) {
    std::string name;
    append_name(name, wire);
    return refuse(fmt::format("is for another question: {} {}", visible(name, 300), dns_type_name(type)));
  }
  return {};
}

/// Whether the counts and lengths are true. A truncated message is cut down to its whole records.
Result<void> ResponseReader::measure() {
  std::size_t at = at_;
  std::size_t total = 0;
  for (std::size_t section = 0; section < counts_.size(); ++section) {
    for (std::size_t i = 0; i < counts_[section]; ++i, ++total) {
      const std::size_t start = at;
      const NameRead owner = skip_name(bytes_, at);
      if (owner == NameRead::malformed) return refuse(fmt::format("has a malformed name in record {}", total + 1));
      if (owner == NameRead::ok && at + record_head <= bytes_.size())
        at += record_head + get16(bytes_, at + 8);
      else
        at = bytes_.size() + 1;
      if (at <= bytes_.size()) continue;
      if (!message_.flags.tc)
        return refuse(fmt::format("ends within record {}, which its counts or lengths promise", total + 1));
      counts_[section] = i;
      for (std::size_t later = section + 1; later < counts_.size(); ++later) counts_[later] = 0;
      bytes_ = bytes_.substr(0, start);
      at = start;
    }
  }
  if (at != bytes_.size()) return refuse(fmt::format("has {} bytes after its last record", bytes_.size() - at));
  if (total * sizeof(DnsRecord) > budget_) return refuse(fmt::format("has {} records, more than are kept", total));
  budget_ -= total * sizeof(DnsRecord);
  return {};
}

Result<void> ResponseReader::read_edns(std::size_t owner, std::uint32_t ttl) {
  if (edns_seen_ || bytes_[owner] != '\0') return refuse("has a malformed OPT record");
  edns_seen_ = true;
  rcode_ |= ttl >> 24 << 4;
  return {};
}

Result<void> ResponseReader::read_record(std::size_t section, std::vector<DnsRecord>& records) {
  const std::size_t owner = at_;
  std::string wire;
  if (read_name(bytes_, at_, bytes_.size(), wire) != NameRead::ok)
    return refuse("has a malformed or looping owner name");
  const std::uint16_t type = get16(bytes_, at_);
  const std::uint16_t klass = get16(bytes_, at_ + 2);
  const std::uint32_t ttl = get32(bytes_, at_ + 4);
  const std::size_t length = get16(bytes_, at_ + 8);
  const std::size_t rdata = at_ + record_head;
  at_ = rdata + length;
  if (type == dns_type_opt && section == 2) return read_edns(owner, ttl);
  if (klass != dns_class_in) return refuse(fmt::format("has a record of class {}, asked was IN", klass));
  DnsRecord& record = records.emplace_back();
  append_name(record.name, wire);
  append_type(record.type, type);
  record.ttl = ttl;
  const RdataRead read = decode_rdata(bytes_, rdata, length, type, record, budget_);
  if (read == RdataRead::malformed) return refuse(fmt::format("has a malformed {} record", record.type));
  record.data.shrink_to_fit();
  const std::size_t size = heap_of(record);
  if (read == RdataRead::too_much || size > budget_)
    return refuse(fmt::format("unfolds into more than {} bytes", unfolded_max));
  budget_ -= size;
  return {};
}

/// A record of another name answers nothing. What is left of a truncated message may lack the CNAME that led to it.
Result<void> ResponseReader::look_for_strays(const DnsQuestion& asked) {
  if (asked.type == type_axfr || asked.type == type_ixfr) return {};
  const Result<std::string> wire = name_to_wire(asked.name);
  if (!wire) return wire.error();
  std::string name;
  append_name(name, *wire);
  const DnsRecord* stray = stray_record(message_.answers, name);
  if (stray == nullptr) return {};
  if (!message_.flags.tc)
    return refuse(fmt::format("has a record of {}, which was not asked for: {} {}", visible(stray->name, 300),
                              stray->type, visible(stray->data, 300)));
  message_.answers.resize(static_cast<std::size_t>(stray - message_.answers.data()));
  if (stray_record(message_.answers, name) != nullptr) message_.answers.clear();  // it is asked again over TCP
  return {};
}

Result<DnsMessage> ResponseReader::read(const DnsQuestion& asked, std::uint16_t id) {
  if (auto header = read_header(id); !header) return header.error();
  if (auto question = read_question(asked); !question) return question.error();
  if (auto measured = measure(); !measured) return measured.error();
  const std::array<std::vector<DnsRecord>*, 3> sections{&message_.answers, &message_.authority, &message_.additional};
  for (std::size_t section = 0; section < sections.size(); ++section) {
    sections[section]->reserve(counts_[section]);
    for (std::size_t i = 0; i < counts_[section]; ++i)
      if (auto record = read_record(section, *sections[section]); !record) return record.error();
  }
  message_.rcode = dns_rcode_name(rcode_);
  if (Result<void> asked_for = look_for_strays(asked); !asked_for) return asked_for.error();
  return std::move(message_);
}

}  // namespace

Result<std::string> encode_dns_query(const DnsQuestion& question, std::uint16_t id, bool recursion,
                                     std::uint16_t udp_size, bool dnssec_ok) {
  auto name = name_to_wire(question.name);
  if (!name) return name.error();
  const bool edns = udp_size != 0;
  std::string query;
  query.reserve(header_size + name->size() + 4 + 1 + record_head);
  put16(query, id);
  put16(query, recursion ? flag_rd : 0);
  put16(query, 1);
  put16(query, 0);
  put16(query, 0);
  put16(query, edns ? 1 : 0);
  query += *name;
  put16(query, question.type);
  put16(query, dns_class_in);
  if (edns) {
    query += '\0';
    put16(query, dns_type_opt);
    put16(query, std::max<std::uint16_t>(udp_size, 512));
    put16(query, 0);
    put16(query, dnssec_ok ? edns_do : 0);
    put16(query, 0);
  }
  return query;
}

Result<DnsMessage> decode_dns_response(std::string_view bytes, const DnsQuestion& asked, std::uint16_t id) {
  return ResponseReader(bytes, false).read(asked, id);
}

Result<DnsMessage> decode_dns_continuation(std::string_view bytes, const DnsQuestion& asked, std::uint16_t id) {
  return ResponseReader(bytes, true).read(asked, id);
}

}  // namespace audit::proto
