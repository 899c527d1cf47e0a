#include "probe/tls.hpp"

#include <fmt/format.h>

#include "probe/conversation.hpp"
#include "probe/options.hpp"
#include "probe/tls_fields.hpp"
#include "proto/starttls.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(10);
constexpr std::size_t read_size = 16'384;
constexpr std::size_t most_evidence_bytes = 4'096;

/// How we name ourselves to a mail server: by the address it sees us come from (RFC 5321 4.1.3).
std::string address_literal(const IpAddress& address) {
  return fmt::format("[{}{}]", address.family == Family::v4 ? "" : "IPv6:", format_address(address));
}

std::string protocol_names() {
  std::string names;
  for (const proto::StarttlsProtocol& protocol : proto::starttls_protocols())
    names += fmt::format("{}, ", protocol.name);
  return names + "none";
}

/// Speaks in clear until the server is ready for TLS.
awaitable<Result<void>> lead(Conversation& talk, const proto::StarttlsProtocol& protocol, std::string theirs,
                             Instant ends, Context& context) {
  using Kind = proto::StarttlsStep::Kind;
  proto::StarttlsNames names(address_literal(talk.stream().local().address), std::move(theirs));
  proto::Starttls starttls(protocol, std::move(names));
  proto::StarttlsStep step = starttls.feed("");
  while (step.kind != Kind::ready) {
    if (step.kind == Kind::failed)
      co_return Error(step.error.reason,
                      fmt::format("{}: {}", format_endpoint(talk.stream().remote()), step.error.message));
    if (step.kind == Kind::say) {
      const Result<void> written = co_await talk.write(step.say, ends - context.world().now());
      if (!written) co_return written.error();
      step = starttls.feed("");
      continue;
    }
    const Result<std::string> bytes = co_await talk.read_some(read_size, ends - context.world().now());
    if (!bytes && bytes.error().reason != Reason::eof) co_return bytes.error();
    step = bytes ? starttls.feed(*bytes) : starttls.end();
  }
  co_return Result<void>();
}

Answer refuse(Context& context, const Question& question, Error error) {
  return context.fail(context.begin("tls", question.subject), std::move(error));
}

Answer fail(Conversation& talk, const Error& error) {
  talk.close();
  talk.observation()->reason = error.reason;
  talk.observation()->message = error.message;
  return {talk.observation(), {}, error};
}

}  // namespace

Result<TlsOptions> TlsOptions::read(Of of, const std::string& host_name, std::uint16_t port,
                                    const Value::Object& table) {
  const std::string_view word = of == Of::word ? "tls" : "starttls";
  Options options(word, table);
  TlsOptions read(options.seconds("timeout", default_timeout), net::TlsSettings());
  read.settings.server_name = options.text("server_name", host_name);
  read.settings.alpn = options.texts("alpn");
  const std::string trust = options.text("trust", "system");
  const std::string pem = options.text("trust_pem", "");
  std::string starttls = "none";
  if (of == Of::word) {
    const proto::StarttlsProtocol* usual = proto::usual_starttls(port);
    starttls = options.text("starttls", usual != nullptr ? std::string(usual->name) : "none");
  }
  if (Result<void> done = options.done(); !done) return done.error();
  if (trust != "system" && trust != "none")
    return Error(Reason::rule_error, fmt::format("{}: option `trust` must be \"system\" or \"none\"", word));
  if (trust == "system") read.settings.trust = net::TlsTrust(net::TlsTrust::Kind::system);
  if (!pem.empty()) read.settings.trust = net::TlsTrust(pem);
  if (starttls == "none") return read;
  read.starttls = proto::find_starttls(starttls);
  if (read.starttls == nullptr)
    return Error(Reason::rule_error, fmt::format("{}: option `starttls` must be one of {}", word, protocol_names()));
  return read;
}

awaitable<Answer> ask_tls(Context& context, Question question) {
  if (question.endpoints.empty()) {
    const Error error(Reason::unresolved, context.target().id() + " has no address to ask");
    co_return refuse(context, question, error);
  }
  const Endpoint endpoint = question.endpoints.front();
  Result<TlsOptions> options =
      TlsOptions::read(TlsOptions::Of::word, context.target().host_name(), endpoint.port, question.options);
  if (!options) co_return refuse(context, question, options.error());
  const Instant ends = context.within(options->timeout);
  const ConnectOptions connecting(std::min(options->timeout, context.target().limits().timeout));
  std::string word = "tls";
  Result<std::unique_ptr<Conversation>> opened = co_await connect(context, endpoint, connecting, std::move(word));
  if (!opened) co_return Answer{nullptr, {}, opened.error()};
  Conversation& talk = **opened;
  const std::string server_name = options->settings.server_name;
  if (options->starttls != nullptr) {
    const Result<void> led = co_await lead(talk, *options->starttls, server_name, ends, context);
    if (!led) co_return fail(talk, led.error());
  }
  const Result<net::TlsSession> session =
      co_await talk.start_tls(std::move(options->settings), ends - context.world().now());
  if (!session) co_return fail(talk, session.error());
  talk.close();
  Value::Object fields = tls_fields(*session, context.world().wall());
  fields["starttls"] = options->starttls != nullptr ? std::string(options->starttls->name) : std::string("none");
  fields["server_name"] = server_name;
  if (const Value* time = talk.observation()->fields.find("connect_time")) fields["connect_time"] = *time;
  talk.observation()->reason = Reason::observed;
  talk.observation()->message.clear();
  talk.observation()->fields = capped(without_der(fields), most_evidence_bytes);
  Answer answer;
  answer.observation = talk.observation();
  answer.fields = std::move(fields);
  co_return answer;
}

}  // namespace audit::probe
