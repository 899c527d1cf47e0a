#include "probe/dns_fields.hpp"

namespace audit::probe {
namespace {

Value::Array list(const std::vector<proto::DnsRecord>& records) {
  Value::Array rows;
  for (const proto::DnsRecord& record : records) {
    Value::Object row;
    row["data"] = record.address ? format_address(*record.address) : record.data;
    row["name"] = record.name;
    if (!record.strings.empty()) {
      Value::Array strings;
      for (const std::string& text : record.strings) strings.emplace_back(text);
      row["strings"] = std::move(strings);
    }
    row["ttl"] = static_cast<std::int64_t>(record.ttl);
    row["type"] = record.type;
    rows.emplace_back(std::move(row));
  }
  return rows;
}

Value::Object list(const proto::DnsFlags& flags) {
  Value::Object bits;
  bits["aa"] = flags.aa;
  bits["ad"] = flags.ad;
  bits["cd"] = flags.cd;
  bits["ra"] = flags.ra;
  bits["rd"] = flags.rd;
  bits["tc"] = flags.tc;
  return bits;
}

}  // namespace

Value::Object fields_of(const net::DnsReply& reply) {
  Value::Object fields;
  fields["additional"] = list(reply.message.additional);
  fields["answers"] = list(reply.message.answers);
  fields["authority"] = list(reply.message.authority);
  fields["flags"] = list(reply.message.flags);
  fields["rcode"] = reply.message.rcode;
  fields["server"] = format_socket(reply.server.address, reply.server.port);
  fields["transport"] = reply.over_tcp ? "tcp" : "udp";
  return fields;
}

Value::Object fields_of(const net::DnsZone& zone) {
  Value::Object fields;
  fields["rcode"] = zone.transfer.rcode();
  fields["server"] = format_socket(zone.server.address, zone.server.port);
  fields["transport"] = "tcp";
  fields["flags"] = list(zone.transfer.flags());
  fields["transferred"] = zone.transfer.complete();
  fields["records"] = static_cast<std::int64_t>(zone.transfer.count());
  fields["messages"] = static_cast<std::int64_t>(zone.transfer.messages());
  fields["answers"] = list(zone.transfer.records());
  fields["authority"] = Value::Array{};
  fields["additional"] = Value::Array{};
  return fields;
}

}  // namespace audit::probe
