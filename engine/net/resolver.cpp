#include "net/resolver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "net/jitter.hpp"
#include "proto/resolv_conf.hpp"

namespace audit::net {
namespace {

constexpr std::uint16_t dns_port = 53;
constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_aaaa = 28;

std::string slurp(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// One text for equal questions: names are equal without case (RFC 4343).
std::string key_of(const proto::DnsQuestion& question, const DnsManner& manner) {
  std::string name = question.name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.ends_with('.')) name.pop_back();
  name += ' ';
  name += std::to_string(question.type);
  for (const bool flag : {manner.recursion, manner.dnssec, manner.only_tcp}) name += flag ? '1' : '0';
  return name;
}

/// Settles a question whatever happens to who asks it.
class Asking {
 public:
  Asking(DnsCache& cache, World& world, std::string key, std::shared_ptr<DnsCache::Question> question)
      : cache_(cache), world_(world), key_(std::move(key)), question_(std::move(question)) {}
  ~Asking() {
    if (question_) cache_.settle(key_, question_, Error(Reason::stopped, ""), world_.now());
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  void settle(const Result<DnsReply>& reply) {
    cache_.settle(key_, question_, reply, world_.now());
    question_.reset();
  }

 private:
  DnsCache& cache_;
  World& world_;
  std::string key_;
  std::shared_ptr<DnsCache::Question> question_;
};

bool answers_question(const std::string& rcode) { return rcode == "NOERROR" || rcode == "NXDOMAIN"; }

}  // namespace

SystemNames SystemNames::read() {
  SystemNames names;
  names.resolv_conf = slurp("/etc/resolv.conf");
  names.hosts = slurp("/etc/hosts");
  return names;
}

ResolverConfig ResolverConfig::of_system(const SystemNames& names) {
  const proto::ResolvConf file = proto::parse_resolv_conf(names.resolv_conf);
  ResolverConfig config;
  for (const std::string& text : file.nameservers) {
    Endpoint server;
    server.port = dns_port;
    server.transport = Transport::udp;
    if (const auto address = parse_address(text)) {
      server.address = *address;
      config.servers.push_back(server);
    }
  }
  config.search = file.search;
  config.ndots = file.ndots;
  config.timeout = std::chrono::seconds(std::max(1, file.timeout_s));
  config.attempts = static_cast<std::uint32_t>(std::max(1, file.attempts));
  config.hosts = std::make_shared<const proto::HostsFile>(names.hosts);
  return config;
}

Resolver::Resolver(World& world, const ResolverConfig& config, std::shared_ptr<DnsCache> cache)
    : world_(world), config_(config), client_(world, config.servers), permit_(Permit::for_endpoints(config.servers)),
      cache_(std::move(cache)) {}

awaitable<Result<DnsReply>> Resolver::ask_servers(proto::DnsQuestion question, DnsManner manner, Instant deadline) {
  std::uint32_t attempts = 0;
  Result<DnsReply> last = Error(Reason::timeout, question.name + ": no DNS server answered");
  for (std::uint32_t round = 0; round < config_.attempts; ++round) {
    for (const Endpoint& server : config_.servers) {
      ++attempts;
      const Result<Place> turn = co_await client_.turn(server, deadline);
      if (!turn && (attempts == 1 || turn.error().reason == Reason::stopped)) co_return turn.error();
      if (!turn) co_return last;
      const auto most = static_cast<std::uint32_t>(config_.attempts * config_.servers.size());
      const Duration wait = attempt_time(world_, config_.timeout, attempts, most);
      const Instant attempt_ends = std::min(deadline, world_.now() + wait);
      Result<DnsReply> reply = co_await client_.ask(server, question, manner, permit_, attempt_ends);
      if (reply) reply->attempts = attempts;
      if (reply && answers_question(reply->message.rcode)) co_return reply;
      if (!reply && reply.error().reason == Reason::stopped) co_return reply;
      const bool said_something = last.ok();
      if (reply || !said_something) last = std::move(reply);
      if (world_.now() >= deadline) co_return last;
    }
  }
  co_return last;
}

awaitable<Result<DnsReply>> Resolver::ask(proto::DnsQuestion question, DnsManner manner, bool fresh, Instant deadline) {
  if (config_.servers.empty())
    co_return Error(Reason::unresolved,
                    "no DNS server is known: /etc/resolv.conf names none (write [audit] resolvers in the inventory)");
  const std::string key = key_of(question, manner);
  std::shared_ptr<DnsCache::Question> own;
  if (!fresh) {
    DnsCache::Found known = cache_->find(key, world_.now());
    if (known.own) {
      own = std::move(known.question);
    } else if (known.question) {
      const DnsCache::Heard heard = co_await cache_->wait(known.question, world_, deadline);
      if (heard.wake == Wake::stopped) co_return Error(Reason::stopped, question.name + ": the run was stopped");
      if (heard.wake == Wake::deadline)
        co_return Error(Reason::timeout, question.name + ": no DNS server answered in time");
      known.reply = heard.reply;  // none: whoever asked had no answer, perhaps for want of time
    }
    if (known.reply) {
      DnsReply reply = *known.reply;
      reply.cached = true;
      co_return reply;
    }
  }
  if (!own) own = cache_->begin(key);
  Asking asking(*cache_, world_, key, std::move(own));
  Result<DnsReply> reply = co_await ask_servers(std::move(question), manner, deadline);
  asking.settle(reply);
  co_return reply;
}

std::vector<std::string> Resolver::candidates(const std::string& name) const {
  if (name.ends_with('.')) return {name};  // absolute (RFC 1034 3.1)
  const auto dots = std::count(name.begin(), name.end(), '.');
  std::vector<std::string> names;
  if (dots >= config_.ndots) names.push_back(name);
  for (const std::string& domain : config_.search) names.push_back(name + "." + domain);
  if (dots < config_.ndots) names.push_back(name);
  return names;
}

/// A and AAAA at once: a server that is slow for one does not hold up the other.
struct Resolver::BothFamilies {
  BothFamilies(World& world, Resolver& resolver) : world_(world), resolver_(resolver), done_(world.deadlines()) {}

  awaitable<void> ask(const std::string& name, Instant deadline) {
    start(name, type_a, a, deadline);
    start(name, type_aaaa, aaaa, deadline);
    while (left_ > 0) co_await done_.wait(never);  // both end by their deadline, or by the stop
    if (failure_) std::rethrow_exception(failure_);
  }

  Result<DnsReply> a = Error(Reason::stopped, "");
  Result<DnsReply> aaaa = Error(Reason::stopped, "");

 private:
  void start(const std::string& name, std::uint16_t type, Result<DnsReply>& into, Instant deadline) {
    ++left_;
    asio::co_spawn(world_.io(), one(name, type, into, deadline), [this](const std::exception_ptr& failure) {
      if (failure) failure_ = failure;
      if (--left_ == 0) done_.happen();
    });
  }
  awaitable<void> one(std::string name, std::uint16_t type, Result<DnsReply>& into, Instant deadline) {
    proto::DnsQuestion question;
    question.name = std::move(name);
    question.type = type;
    const DnsManner manner;
    into = co_await resolver_.ask(std::move(question), manner, false, deadline);
  }

  World& world_;
  Resolver& resolver_;
  Event done_;
  int left_ = 0;
  std::exception_ptr failure_;
};

awaitable<Result<Resolved>> Resolver::addresses_from_dns(std::string name, Instant deadline) {
  Resolved resolved;
  std::string said;
  Reason kind = Reason::unresolved;
  BothFamilies both(world_, *this);
  co_await both.ask(name, deadline);
  for (const std::uint16_t type : {type_a, type_aaaa}) {
    const Result<DnsReply>& reply = type == type_a ? both.a : both.aaaa;
    if (!reply) {
      if (reply.error().reason == Reason::stopped) co_return reply.error();
      const Reason why = reply.error().reason;
      if (why == Reason::local_fault || why == Reason::not_recorded)
        kind = why;
      else if (kind == Reason::unresolved)
        kind = Reason::timeout;  // nobody said that there is no such address
      said += fmt::format("{}{}: {}", said.empty() ? "" : "; ", proto::dns_type_name(type), reply.error().message);
      continue;
    }
    if (reply->message.rcode != "NOERROR") {
      said += fmt::format("{}{}: {} from {}", said.empty() ? "" : "; ", proto::dns_type_name(type),
                          reply->message.rcode, format_socket(reply->server.address, reply->server.port));
      if (!answers_question(reply->message.rcode) && kind == Reason::unresolved) kind = Reason::timeout;
      continue;  // what such an answer holds beside is not believed
    }
    for (const proto::DnsRecord& record : reply->message.answers)
      if (record.address &&
          std::find(resolved.addresses.begin(), resolved.addresses.end(), *record.address) == resolved.addresses.end())
        resolved.addresses.push_back(*record.address);
  }
  if (resolved.addresses.empty())
    co_return Error(kind,
                    fmt::format("{} does not resolve: {}", name, said.empty() ? "it has no A or AAAA record" : said));
  if (!said.empty()) resolved.notice = fmt::format("{} was resolved only in part: {}", name, said);
  co_return resolved;
}

awaitable<Result<Resolved>> Resolver::addresses(std::string name, Instant deadline) {
  if (config_.use_system && config_.hosts) {
    Resolved listed;
    listed.addresses = config_.hosts->lookup(name);
    if (!listed.addresses.empty()) co_return listed;
  }
  const bool for_system = name.find('.') == std::string::npos || name.ends_with(".local") || config_.servers.empty();
  if (config_.use_system && for_system) {
    Result<std::vector<IpAddress>> answer = co_await world_.look_up(name, deadline);
    if (!answer)
      co_return Error(answer.error().reason, fmt::format("{} does not resolve: {}", name, answer.error().message));
    Resolved resolved;
    resolved.addresses = std::move(*answer);
    co_return resolved;
  }
  Result<Resolved> last = Error(Reason::unresolved, name + " does not resolve");
  std::optional<Error> unsure;
  for (const std::string& candidate : candidates(name)) {
    Result<Resolved> found = co_await addresses_from_dns(candidate, deadline);
    const bool ended = found || found.error().reason == Reason::stopped ||
                       found.error().reason == Reason::local_fault || found.error().reason == Reason::not_recorded;
    const Reason found_reason = found ? Reason::observed : found.error().reason;
    std::string found_message = found ? std::string() : found.error().message;
    if (ended || candidate == name) last = std::move(found);  // what was said of the name as written says most
    if (ended) break;
    if (found_reason == Reason::timeout && !unsure) unsure = Error(found_reason, std::move(found_message));
  }
  if (!last && last.error().reason == Reason::unresolved && unsure) co_return *unsure;
  co_return last;
}

}  // namespace audit::net
