#include "probe/http_exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "proto/ascii.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t first_read = 2'048;  // many answers are no longer, and many are waited for at once
constexpr std::size_t next_read = 16'384;

/// The name that SNI asks for: without the dot of the root (RFC 6066 3).
std::string sni_of(const HttpHop& hop) {
  const std::string& name = hop.server_name;
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

/// Which kept connection can carry the request.
std::string connection_key(const HttpHop& hop) {
  return format_endpoint(hop.endpoint) + (hop.url.tls ? " tls " + sni_of(hop) : std::string());
}

/// May it be sent twice, where nobody knows whether the first was heard (RFC 9110 9.2.2)?
bool is_repeatable(const proto::HttpRequest& request) {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"},
      [&](std::string_view method) { return request.method == method; });
}

bool asks_to_close(const proto::HttpRequest& request) {
  const std::string* connection = proto::find_header(request.headers, "Connection");
  return connection != nullptr && !proto::same_text(*connection, "keep-alive");
}

/// Talks over one connection.
struct Talk {
  Talk(Context& context_in, const HttpHop& hop_in, Instant ends_in) : context(context_in), hop(hop_in), ends(ends_in) {}

  [[nodiscard]] Duration left() { return ends - context.world().now(); }

  awaitable<Result<void>> open() {
    const ConnectOptions connecting(std::min(left(), context.target().limits().timeout));
    std::string word = "http";
    Result<std::unique_ptr<Conversation>> opened = co_await connect(context, hop.endpoint, connecting, std::move(word));
    if (!opened) co_return opened.error();
    conversation = std::move(*opened);
    if (!hop.url.tls) co_return Result<void>();
    const net::TlsTrust trust(net::TlsTrust::Kind::system);
    net::TlsSettings settings(sni_of(hop), trust);
    settings.alpn = {"http/1.1"};
    const Result<net::TlsSession> session = co_await conversation->start_tls(std::move(settings), left());
    if (!session) co_return session.error();
    co_return Result<void>();
  }

  /// Takes the kept connection over, for one more question.
  awaitable<Result<void>> take_over() {
    ++context.target().services().counters.asked;
    conversation->continue_as(context.begin("http", format_endpoint(hop.endpoint)));
    return context.target().pace(ends);
  }

  awaitable<Result<void>> converse(std::string request, std::string shown) {
    using Step = proto::HttpResponseReader::Step;
    proto::HttpLimits limits;
    limits.body_bytes = hop.max_body;
    reader.emplace(hop.request.method == "HEAD", limits);
    heard = false;
    clean = false;
    Result<void> written = co_await conversation->write(std::move(request), left(), std::move(shown));
    // A server that has said no and closed may well have answered: reading tells.
    if (!written && written.error().reason != Reason::reset) co_return written;
    std::size_t most = first_read;
    while (true) {
      const Result<std::string> bytes = co_await conversation->read_some(most, left());
      if (bytes && bytes->size() == most) most = next_read;
      if (!bytes && bytes.error().reason != Reason::eof) co_return bytes.error();
      heard = heard || bytes;
      const Step step = bytes ? reader->feed(*bytes) : reader->end();
      if (step == Step::done) {
        clean = bytes && reader->taken() == bytes->size();
        co_return Result<void>();
      }
      if (step == Step::failed) co_return reader->error();
      if (!bytes) co_return bytes.error();
    }
  }

  Context& context;
  const HttpHop& hop;
  Instant ends;
  std::unique_ptr<Conversation> conversation;
  std::optional<proto::HttpResponseReader> reader;
  bool heard = false;  // the server has said something
  bool clean = false;  // and no more than its answer
};

Error name_endpoint(const Endpoint& endpoint, const Error& error) {
  const std::string name = format_endpoint(endpoint);
  const bool named = error.message.starts_with(name) || error.reason == Reason::missing_credential;
  if (named) return error;
  return {error.reason, fmt::format("{}: {}", name, error.message)};
}

/// A server may say back what it was sent (TRACE), and that is not for the record.
void hide_secret(const HttpSecret& secret, proto::HttpResponse& response) {
  if (secret.name.empty()) return;
  hide_secrets(response.reason, secret.forms, secret.shown());
  hide_secrets(response.body, secret.forms, secret.shown());
  for (proto::HttpHeader& header : response.headers) {
    hide_secrets(header.name, secret.forms, secret.shown());
    hide_secrets(header.value, secret.forms, secret.shown());
  }
}

/// A redirect may have led to another host of the name, and only a handshake shows who answers there.
Result<void> may_prove(Context& context, const HttpHop& hop, const Channel& channel) {
  if (hop.secret.name.empty() || proto::find_header(hop.request.headers, "Authorization") == nullptr) return {};
  const Credentials& credentials = *context.target().services().identity.credentials;
  return credentials.permit(hop.secret.name, context.target(), hop.endpoint, channel);
}

/// Closes and says why in the record.
HttpExchange failed(Talk& talk, const Error& error) {
  HttpExchange exchange;
  const Error named = name_endpoint(talk.hop.endpoint, error);
  exchange.outcome = named;
  if (!talk.conversation) return exchange;
  exchange.observation = talk.conversation->observation();
  talk.conversation->close();
  note_failure(*exchange.observation, named);
  auto& fields = *exchange.observation->fields.get_if<Value::Object>();
  if (const auto received = fields.find("received"); received != fields.end() && !talk.hop.secret.name.empty())
    hide_secrets(*received->second.get_if<std::string>(), talk.hop.secret.forms, talk.hop.secret.shown());
  return exchange;
}

}  // namespace

awaitable<HttpExchange> exchange_http(Context& context, const HttpHop& hop, Instant ends) {
  const Result<std::string> request = encode_http_request(hop.request);
  Talk talk(context, hop, ends);
  if (!request) {
    const Error mistake(Reason::rule_error, request.error().message);
    HttpExchange refused;
    refused.observation = context.begin("http", format_endpoint(hop.endpoint));
    const Answer noted = context.fail(refused.observation, mistake);
    refused.outcome = mistake;
    co_return refused;
  }
  const Channel hoped = hop.url.tls ? Channel::proven() : Channel();
  if (Result<void> allowed = may_prove(context, hop, hoped); !allowed) {
    HttpExchange refused;
    refused.observation = context.begin("http", format_endpoint(hop.endpoint));
    const Answer noted = context.fail(refused.observation, allowed.error());
    refused.outcome = allowed;
    co_return refused;
  }
  const std::string shown = shown_request(hop.request, *request, hop.secret);
  const std::string key = connection_key(hop);
  std::unique_ptr<Conversation> kept = context.take_kept(key);
  if (kept && !kept->stream().silent()) kept.reset();  // what nobody asked for is no answer to this
  std::uint32_t attempts = 0;
  HttpExchange exchange;
  while (true) {
    ++attempts;
    exchange.reused = attempts == 1 && kept != nullptr && is_repeatable(hop.request);
    if (exchange.reused) talk.conversation = std::move(kept);
    kept.reset();
    Result<void> ready;
    if (exchange.reused) {
      ready = co_await talk.take_over();
    } else {
      ready = co_await talk.open();
    }
    if (ready && exchange.reused && !talk.conversation->stream().silent()) {  // it came while this waited for its turn
      const HttpExchange unasked =
          failed(talk, Error(Reason::protocol_error, "the server said something before it was asked"));
      talk.conversation.reset();
      continue;
    }
    if (ready) ready = may_prove(context, hop, talk.conversation->channel());
    if (!ready) co_return failed(talk, ready.error());
    Result<void> done = co_await talk.converse(*request, shown);
    const std::shared_ptr<Observation> observation = talk.conversation->observation();
    observation->attempts += attempts - 1;
    if (done) break;
    const bool was_closed = done.error().reason == Reason::eof || done.error().reason == Reason::reset;
    HttpExchange lost = failed(talk, done.error());
    if (!exchange.reused || talk.heard || !was_closed) co_return lost;
    talk.conversation.reset();
  }
  exchange.request = shown;
  exchange.observation = talk.conversation->observation();
  exchange.observation->reason = Reason::observed;
  exchange.observation->message.clear();
  exchange.response = std::move(talk.reader->response());
  hide_secret(hop.secret, exchange.response);
  if (const Value* tls = exchange.observation->fields.find("tls")) exchange.tls = *tls;
  if (exchange.response.reusable && talk.clean && !asks_to_close(hop.request)) {
    talk.conversation->pause();
    context.keep(key, std::move(talk.conversation));
  } else {
    talk.conversation->close();
  }
  co_return exchange;
}

}  // namespace audit::probe
