#include "probe/tls_accepts.hpp"

#include <fmt/format.h>

#include <array>

#include "probe/options.hpp"
#include "probe/starttls.hpp"
#include "probe/tls_accepts_fields.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(5);
constexpr std::size_t read_size = 16'384;
constexpr std::size_t most_evidence_bytes = 4'096;
constexpr std::size_t random_size = 32;

struct AcceptsOptions {
  Duration timeout;
  std::string server_name;
  const proto::StarttlsProtocol* starttls;

  static Result<AcceptsOptions> read(Context& context, std::uint16_t port, const Value::Object& table) {
    Options options("tls_accepts", table);
    const Duration timeout = options.seconds("timeout", default_timeout);
    std::string server_name = options.text("server_name", context.target().host_name());
    const Result<const proto::StarttlsProtocol*> starttls =
        read_starttls("tls_accepts", options.text("starttls", ""), port);
    if (Result<void> done = options.done(); !done) return done.error();
    if (!starttls) return starttls.error();
    return AcceptsOptions(timeout, std::move(server_name), *starttls);
  }

 private:
  AcceptsOptions(Duration timeout_in, std::string server_name_in, const proto::StarttlsProtocol* starttls_in)
      : timeout(timeout_in), server_name(std::move(server_name_in)), starttls(starttls_in) {}
};

std::string random_bytes(net::World& world, std::string_view what, const Endpoint& endpoint) {
  std::array<std::uint8_t, random_size> bytes{};
  world.random_for(fmt::format("tls_accepts {} {}", what, format_endpoint(endpoint)), bytes);
  return {bytes.begin(), bytes.end()};
}

Result<std::string> encode(proto::TlsQuestion question, net::World& world, const Endpoint& endpoint) {
  question.hello.random = random_bytes(world, "random", endpoint);
  if (question.session_id) question.hello.session_id = random_bytes(world, "session", endpoint);
  if (question.hello.key_shares)
    for (proto::KeyShare& share : *question.hello.key_shares)
      if (share.key.empty()) share.key = random_bytes(world, "share", endpoint);
  return proto::encode_client_hello(question.hello);
}

/// The connections of one survey: what they have in common.
class Surveyor {
 public:
  Surveyor(Context& context, const Endpoint& endpoint, const AcceptsOptions& options,
           std::shared_ptr<Observation> observation)
      : context_(context), endpoint_(endpoint), options_(options), observation_(std::move(observation)) {}

  /// Puts one question. Errors: what is no answer of a TLS server.
  awaitable<Result<proto::TlsReply>> ask(proto::TlsQuestion question) {
    auto own = std::make_shared<Observation>();
    const ConnectOptions connecting(std::min(options_.timeout, context_.target().limits().timeout));
    ++connections_;
    auto opened = co_await connect(context_, endpoint_, connecting, own);
    if (!opened) co_return opened.error();
    Conversation& talk = **opened;
    observation_->local = own->local;
    observation_->remote = own->remote;
    if (options_.starttls != nullptr) {
      std::string theirs = options_.server_name;
      const Result<void> led =
          co_await lead_to_tls(context_, talk, *options_.starttls, std::move(theirs), options_.timeout);
      if (!led) co_return led.error();
    }
    const Result<std::string> hello = encode(question, context_.world(), endpoint_);
    if (!hello) co_return hello.error();
    Result<proto::TlsReply> reply = co_await exchange(talk, *hello, question.until);
    talk.close();
    co_return reply;
  }

  [[nodiscard]] std::int64_t connections() const noexcept { return connections_; }

 private:
  awaitable<Result<proto::TlsReply>> exchange(Conversation& talk, std::string hello,
                                              proto::ServerFlightReader::Until until) {
    using Step = proto::ServerFlightReader::Step;
    const Instant ends = context_.within(options_.timeout);
    proto::ServerFlightReader reader(until);
    proto::TlsReply reply;
    const Result<void> written = co_await talk.write(std::move(hello), options_.timeout);
    Step step = Step::need_more;
    while (step == Step::need_more) {
      Result<std::string> bytes = Error();
      if (written) {
        bytes = co_await talk.read_some(read_size, ends - context_.world().now());
      } else {
        bytes = written.error();
      }
      if (!bytes) {
        const Reason reason = bytes.error().reason;
        if ((reason == Reason::eof || reason == Reason::reset) && reader.silent()) {
          reply.error = bytes.error();
          co_return reply;
        }
        if (reason != Reason::eof) co_return bytes.error();
      }
      step = bytes ? reader.feed(*bytes) : reader.end();
    }
    if (step == Step::failed)
      co_return Error(reader.error().reason, fmt::format("{}: {}", format_endpoint(endpoint_), reader.error().message));
    reply.kind = step == Step::hello ? proto::TlsReply::Kind::hello : proto::TlsReply::Kind::alert;
    reply.hello = reader.hello();
    reply.alert = reader.alert();
    co_return reply;
  }

  Context& context_;
  Endpoint endpoint_;
  const AcceptsOptions& options_;
  std::shared_ptr<Observation> observation_;
  std::int64_t connections_ = 0;
};

}  // namespace

awaitable<Answer> ask_tls_accepts(Context& context, Question question) {
  ++context.target().services().counters.asked;
  const Endpoint endpoint = question.endpoints.empty() ? Endpoint() : question.endpoints.front();
  const std::string where = question.endpoints.empty() ? question.subject : format_endpoint(endpoint);
  const std::shared_ptr<Observation> observation = context.begin("tls_accepts", where);
  if (question.endpoints.empty())
    co_return context.fail(observation, Error(Reason::unresolved, context.target().id() + " has no address to ask"));
  const Result<AcceptsOptions> options = AcceptsOptions::read(context, endpoint.port, question.options);
  if (!options) co_return context.fail(observation, options.error());
  const bool is_address = parse_address(options->server_name).has_value();
  proto::TlsSurvey survey(is_address ? std::string() : options->server_name);
  Surveyor surveyor(context, endpoint, *options, observation);
  Result<void> outcome;
  while (outcome) {
    std::optional<proto::TlsQuestion> next = survey.next();
    if (!next) break;
    const std::string about = next->about;
    const Result<proto::TlsReply> reply = co_await surveyor.ask(std::move(*next));
    outcome = reply ? survey.take(*reply) : Result<void>(reply.error());
    if (outcome) continue;
    const std::string text = outcome.error().message;
    outcome =
        Error(outcome.error().reason, fmt::format("{} (connection {}, asking for {})",
                                                  text.starts_with(where) ? text : fmt::format("{}: {}", where, text),
                                                  surveyor.connections(), about));
  }
  Value::Object fields = tls_accepts_fields(survey.seen());
  if (outcome && fields["versions"].get_if<Value::Array>()->empty())
    outcome = Error(Reason::tls_error, where + ": the server refuses every version of TLS with all suites");
  fields["complete"] = outcome.ok();
  fields["connections"] = surveyor.connections();
  fields["starttls"] = options->starttls != nullptr ? std::string(options->starttls->name) : std::string("none");
  fields["server_name"] = options->server_name;
  if (outcome) co_return context.finish(observation, std::move(fields));
  observation->fields = capped(fields, most_evidence_bytes);
  co_return context.fail(observation, outcome.error());
}

}  // namespace audit::probe
