#include "net/dns_cache.hpp"

#include <algorithm>
#include <charconv>

namespace audit::net {
namespace {

constexpr std::size_t most_kept = 4'096;
constexpr std::uint32_t longest_seconds = 3'600;

/// The lesser of the SOA's TTL and its MINIMUM, the last of its fields (RFC 2308 5).
std::uint32_t negative_ttl(const proto::DnsRecord& soa) {
  std::uint32_t minimum = 0;
  const std::size_t last = soa.data.rfind(' ');
  const char* begin = soa.data.data() + (last == std::string::npos ? 0 : last + 1);
  std::from_chars(begin, soa.data.data() + soa.data.size(), minimum);
  return std::min(soa.ttl, minimum);
}

}  // namespace

Duration time_to_live(const proto::DnsMessage& message) {
  std::uint32_t ttl = 0;
  if (message.rcode == "NOERROR" && !message.answers.empty()) {
    ttl = longest_seconds;
    for (const proto::DnsRecord& record : message.answers) ttl = std::min(ttl, record.ttl);
  } else if (message.rcode == "NOERROR" || message.rcode == "NXDOMAIN") {
    for (const proto::DnsRecord& record : message.authority)
      if (record.type == "SOA") ttl = std::min(longest_seconds, negative_ttl(record));
  }
  return std::chrono::seconds(ttl);
}

std::shared_ptr<DnsCache::Entry> DnsCache::find(const std::string& key, Instant now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  const std::shared_ptr<Entry> entry = found->second;
  if (!entry->settled.happened()) return entry;
  if (entry->until <= now) {
    kept_.erase(entry->used);
    entries_.erase(found);
    return nullptr;
  }
  kept_.splice(kept_.begin(), kept_, entry->used);
  return entry;
}

std::shared_ptr<DnsCache::Entry> DnsCache::begin(const std::string& key) {
  auto entry = std::make_shared<Entry>(deadlines_);
  std::shared_ptr<Entry>& known = entries_[key];
  if (known && known->kept) kept_.erase(known->used);
  known = entry;
  return entry;
}

void DnsCache::settle(const std::string& key, const std::shared_ptr<Entry>& entry, const Result<DnsReply>& reply,
                      Instant now) {
  if (reply) entry->reply = std::make_shared<const DnsReply>(*reply);
  const Duration holds = reply ? time_to_live(reply->message) : Duration::zero();
  const auto known = entries_.find(key);
  const bool current = known != entries_.end() && known->second == entry;  // nobody has asked afresh since
  if (current && holds > Duration::zero()) {
    entry->until = now + holds;
    entry->kept = true;
    kept_.push_front(key);
    entry->used = kept_.begin();
    if (kept_.size() > most_kept) {
      entries_.erase(kept_.back());
      kept_.pop_back();
    }
  } else if (current) {
    entries_.erase(known);
  }
  entry->settled.happen();
}

}  // namespace audit::net
