#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "net/dns_reply.hpp"
#include "net/shard_waiter.hpp"

namespace audit::net {

/// What the run's resolvers answered, for as long as they said it holds (RFC 1035 3.2.1, 2308 5), an hour at the most;
/// and the questions that are under way, so that a thousand targets that ask the same ask once, whichever shard they are
/// on. Keeps 4,096 answers, the last used ones. One a run, thread-safe.
class DnsCache {
 public:
  class Question;  // under way
  /// The answer where it is known, else the question: somebody else's, or the finder's own, who is to ask it.
  struct Found {
    std::shared_ptr<const DnsReply> reply;
    std::shared_ptr<Question> question;
    bool own = false;
  };
  /// How a wait for another's question ended. The answer is null where it failed, or is not there yet.
  struct Heard {
    Wake wake = Wake::signalled;
    std::shared_ptr<const DnsReply> reply;
  };

  /// A question that nobody has asked is begun.
  [[nodiscard]] Found find(const std::string& key, Instant now);
  /// From now on others wait for this one, whatever is known. Whoever begins a question settles it.
  [[nodiscard]] std::shared_ptr<Question> begin(const std::string& key);
  /// Kept only where the answer says how long it holds; those who wait have it in any case.
  void settle(const std::string& key, const std::shared_ptr<Question>& question, const Result<DnsReply>& reply,
              Instant now);
  /// On the world's shard.
  [[nodiscard]] awaitable<Heard> wait(std::shared_ptr<Question> question, World& world, Instant deadline);

 private:
  struct Answer {
    std::shared_ptr<const DnsReply> reply;
    Instant until{};
    std::list<std::string>::iterator used;  // its place in the order of use
  };
  using Answers = std::unordered_map<std::string, Answer>;

  void keep(const std::string& key, std::shared_ptr<const DnsReply> reply, Instant until);
  void forget(Answers::iterator answer);
  [[nodiscard]] std::shared_ptr<Question> begin_locked(const std::string& key);

  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Question>> under_way_;
  Answers answers_;
  std::list<std::string> used_;  // the last used first
};

/// How long an answer holds: the least TTL of what it says, or of the SOA where it says that there is nothing. Zero where
/// it does not say.
[[nodiscard]] Duration time_to_live(const proto::DnsMessage& message);

}  // namespace audit::net
