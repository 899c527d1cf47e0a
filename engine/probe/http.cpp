#include "probe/http.hpp"

#include <algorithm>

#include "probe/http_fields.hpp"
#include "probe/http_options.hpp"
#include "probe/http_redirect.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t most_evidence_bytes = 1'024;  // of each field

HttpHop first_hop(const Endpoint& endpoint, HttpOptions& options) {
  HttpHop hop;
  hop.endpoint = endpoint;
  hop.url = options.url;
  hop.request = std::move(options.request);
  hop.server_name = options.server_name.empty() ? options.url.host : options.server_name;
  hop.secret = options.secret;
  hop.max_body = options.max_body;
  return hop;
}

Answer refuse(Context& context, const std::string& subject, Error error) {
  return context.fail(context.begin("http", subject), std::move(error));
}

}  // namespace

awaitable<Answer> ask_http(Context& context, Question question) {
  if (question.endpoints.empty())
    co_return refuse(context, question.subject,
                     Error(Reason::unresolved, context.target().id() + " has no address to ask"));
  const Endpoint endpoint = question.endpoints.front();
  Result<HttpOptions> options = HttpOptions::read(context, endpoint, question);
  if (!options) co_return refuse(context, format_endpoint(endpoint), options.error());
  const Instant ends = context.within(options->timeout);
  HttpRedirects redirects(options->redirects);
  HttpHop hop = first_hop(endpoint, *options);
  while (true) {
    HttpExchange exchange = co_await exchange_http(context, hop, ends);
    if (!exchange.outcome) co_return Answer{exchange.observation, {}, exchange.outcome.error()};
    std::optional<HttpHop> next;
    if (HttpRedirects::leads_on(exchange.response))
      next = co_await redirects.next(context, hop, exchange.response, ends);
    const std::shared_ptr<Observation> observation = exchange.observation;
    exchange.request.resize(std::min(exchange.request.size(), most_evidence_bytes));
    Value::Object fields = describe_http(hop, std::move(exchange), redirects.list());
    observation->fields = capped(fields, most_evidence_bytes);
    fields.erase("request");  // evidence: the rule knows what it asked
    if (next) {
      hop = std::move(*next);
      continue;
    }
    Answer answer;
    answer.observation = observation;
    answer.fields = std::move(fields);
    co_return answer;
  }
}

}  // namespace audit::probe
