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

/// All of it under the cache's mutex.
class DnsCache::Question {
 public:
  bool settled = false;
  std::shared_ptr<const DnsReply> reply;
  std::vector<std::shared_ptr<ShardWaiter>> waiting;
};

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

DnsCache::Found DnsCache::find(const std::string& key, Instant now) {
  const std::lock_guard lock(mutex_);
  Found found;
  if (const auto asked = under_way_.find(key); asked != under_way_.end()) {
    found.question = asked->second;
    return found;
  }
  const auto answer = answers_.find(key);
  if (answer == answers_.end() || answer->second.until <= now) {
    found.question = begin_locked(key);
    found.own = true;
    return found;
  }
  used_.splice(used_.begin(), used_, answer->second.used);
  found.reply = answer->second.reply;
  return found;
}

std::shared_ptr<DnsCache::Question> DnsCache::begin(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return begin_locked(key);
}

std::shared_ptr<DnsCache::Question> DnsCache::begin_locked(const std::string& key) {
  auto question = std::make_shared<Question>();
  if (const auto answer = answers_.find(key); answer != answers_.end()) forget(answer);
  under_way_[key] = question;
  return question;
}

void DnsCache::settle(const std::string& key, const std::shared_ptr<Question>& question, const Result<DnsReply>& reply,
                      Instant now) {
  const std::lock_guard lock(mutex_);
  question->settled = true;
  if (reply) question->reply = std::make_shared<const DnsReply>(*reply);
  for (const std::shared_ptr<ShardWaiter>& waiter : question->waiting) waiter->wake();
  question->waiting.clear();
  const auto asked = under_way_.find(key);
  if (asked == under_way_.end() || asked->second != question) return;  // somebody has asked afresh since
  under_way_.erase(asked);
  const Duration holds = reply ? time_to_live(reply->message) : Duration::zero();
  if (holds > Duration::zero()) keep(key, question->reply, now + holds);
}

awaitable<DnsCache::Heard> DnsCache::wait(std::shared_ptr<Question> question, World& world, Instant deadline) {
  Heard heard;
  std::shared_ptr<ShardWaiter> waiter;
  {
    const std::lock_guard lock(mutex_);
    heard.reply = question->reply;
    if (question->settled) co_return heard;
    waiter = std::make_shared<ShardWaiter>(world);
    question->waiting.push_back(waiter);
  }
  heard.wake = co_await waiter->wait(deadline);
  const std::lock_guard lock(mutex_);
  std::erase(question->waiting, waiter);
  heard.reply = question->reply;
  co_return heard;
}

void DnsCache::keep(const std::string& key, std::shared_ptr<const DnsReply> reply, Instant until) {
  used_.push_front(key);
  answers_[key] = Answer{std::move(reply), until, used_.begin()};
  if (used_.size() > most_kept) forget(answers_.find(used_.back()));
}

void DnsCache::forget(Answers::iterator answer) {
  used_.erase(answer->second.used);
  answers_.erase(answer);
}

}  // namespace audit::net
