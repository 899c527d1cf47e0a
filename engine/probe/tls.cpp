#include "probe/tls.hpp"

#include <fmt/format.h>

#include "net/trust_store.hpp"
#include "probe/conversation.hpp"
#include "probe/options.hpp"
#include "probe/starttls.hpp"
#include "probe/tls_fields.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(10);
constexpr std::size_t most_evidence_bytes = 4'096;

Answer refuse(Context& context, const Question& question, Error error) {
  return context.fail(context.begin("tls", question.subject), std::move(error));
}

Answer fail(Conversation& talk, const Error& error) {
  talk.close();
  note_failure(*talk.observation(), error);
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
  const bool given = table.find("trust_pem") != table.end();
  const std::string pem = options.text("trust_pem", "");
  const std::string starttls = of == Of::word ? options.text("starttls", "") : "none";
  if (Result<void> done = options.done(); !done) return done.error();
  if (trust != "system" && trust != "none")
    return Error(Reason::rule_error, fmt::format("{}: option `trust` must be \"system\" or \"none\"", word));
  if (trust == "system") read.settings.trust = net::TlsTrust(net::TlsTrust::Kind::system);
  if (given) {
    read.settings.trust = net::TlsTrust(pem);
    const auto store = net::TrustStore::of(read.settings.trust);
    if (!store)
      return Error(store.error().reason, fmt::format("{}: option `trust_pem`: {}", word, store.error().message));
  }
  const Result<const proto::StarttlsProtocol*> protocol = read_starttls(word, starttls, port);
  if (!protocol) return protocol.error();
  read.starttls = *protocol;
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
    std::string theirs = server_name;
    const Result<void> led =
        co_await lead_to_tls(context, talk, *options->starttls, std::move(theirs), ends - context.world().now());
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
