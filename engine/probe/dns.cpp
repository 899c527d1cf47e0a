#include "probe/dns.hpp"

#include <fmt/format.h>

#include "probe/options.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(5);

Value::Array list(const std::vector<proto::DnsRecord>& records) {
  Value::Array rows;
  for (const proto::DnsRecord& record : records) {
    Value::Object row;
    row["name"] = record.name;
    row["type"] = record.type;
    row["ttl"] = static_cast<std::int64_t>(record.ttl);
    row["data"] = record.address ? format_address(*record.address) : record.data;
    if (!record.strings.empty()) {
      Value::Array strings;
      for (const std::string& text : record.strings) strings.emplace_back(text);
      row["strings"] = std::move(strings);
    }
    rows.emplace_back(std::move(row));
  }
  return rows;
}

Value::Object describe(const net::DnsReply& reply) {
  const proto::DnsFlags& flags = reply.message.flags;
  Value::Object bits;
  bits["aa"] = flags.aa;
  bits["tc"] = flags.tc;
  bits["rd"] = flags.rd;
  bits["ra"] = flags.ra;
  bits["ad"] = flags.ad;
  bits["cd"] = flags.cd;
  Value::Object fields;
  fields["rcode"] = reply.message.rcode;
  fields["server"] = format_socket(reply.server.address, reply.server.port);
  fields["flags"] = std::move(bits);
  fields["answers"] = list(reply.message.answers);
  fields["authority"] = list(reply.message.authority);
  fields["additional"] = list(reply.message.additional);
  return fields;
}

}  // namespace

awaitable<Answer> ask_dns(Context& context, Question question) {
  Options options("dns", question.options);
  std::string type = options.text("type", "A");
  const Duration timeout = options.seconds("timeout", default_timeout);
  const Result<void> read = options.done();
  std::shared_ptr<Observation> observation = context.begin("dns", fmt::format("{} {}", question.subject, type));
  if (!read) co_return context.fail(observation, read.error());
  const auto number = proto::dns_type(type);
  if (!number)
    co_return context.fail(observation, Error(Reason::rule_error, fmt::format("dns: no record type `{}`", type)));
  proto::DnsQuestion asked;
  asked.type = *number;
  asked.name = question.subject;
  if (const auto address = parse_address(question.subject)) asked.name = reverse_name(*address);
  Services& services = context.target().services();
  ++services.counters.asked;
  Result<net::DnsReply> reply = co_await services.resolver.ask(asked, context.within(timeout));
  if (!reply) {
    ++services.counters.sent;
    co_return context.fail(observation, reply.error());
  }
  services.counters.sent += reply->attempts;
  observation->attempts = reply->attempts;
  observation->remote = format_socket(reply->server.address, reply->server.port);
  observation->local = format_socket(reply->local.address, reply->local.port);
  if (reply->message.rcode != "NOERROR" && reply->message.rcode != "NXDOMAIN") {
    const std::string text =
        fmt::format("{} {}: {} answered {}", question.subject, type, observation->remote, reply->message.rcode);
    observation->fields = describe(*reply);
    co_return context.fail(observation, Error(Reason::unresolved, text));
  }
  co_return context.finish(std::move(observation), describe(*reply));
}

}  // namespace audit::probe
