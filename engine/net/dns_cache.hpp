#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.hpp"
#include "net/dns_reply.hpp"
#include "net/waiting.hpp"

namespace audit::net {

/// What the run's resolvers answered, for as long as they said it holds (RFC 1035 3.2.1, 2308 5), an hour at the most;
/// and the questions that are under way, so that a thousand targets that ask the same ask once. Keeps 4,096 answers, the
/// last used ones. One a shard.
class DnsCache {
 public:
  struct Entry {
    explicit Entry(DeadlineList& deadlines) : settled(deadlines) {}
    Event settled;
    std::shared_ptr<const DnsReply> reply;  // none while under way, and where it failed
    Instant until{};
    bool kept = false;
    std::list<std::string>::iterator used;  // where it is kept, its place in the order of use
  };

  explicit DnsCache(DeadlineList& deadlines) : deadlines_(deadlines) {}

  /// Known and still good at `now`, or under way; null otherwise.
  [[nodiscard]] std::shared_ptr<Entry> find(const std::string& key, Instant now);
  [[nodiscard]] std::shared_ptr<Entry> begin(const std::string& key);
  /// Ends what `begin` began. Kept only where the answer says how long it holds; those who wait have it in any case.
  void settle(const std::string& key, const std::shared_ptr<Entry>& entry, const Result<DnsReply>& reply, Instant now);

 private:
  DeadlineList& deadlines_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
  std::list<std::string> kept_;  // the last used first
};

/// How long an answer holds: the least TTL of what it says, or of the SOA where it says that there is nothing. Zero where
/// it does not say.
[[nodiscard]] Duration time_to_live(const proto::DnsMessage& message);

}  // namespace audit::net
