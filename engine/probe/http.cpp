#include "probe/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "probe/conversation.hpp"
#include "probe/options.hpp"
#include "proto/http.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(10);
constexpr std::int64_t default_body = 1 << 20;
constexpr std::int64_t most_body = 16 << 20;
constexpr std::uint16_t default_port = 80;
constexpr std::size_t read_size = 16'384;

struct HttpOptions {
  proto::HttpRequest request;
  Duration timeout{};
  std::size_t max_body = 0;
};

std::string host_header(Context& context, const Endpoint& endpoint) {
  std::string host = context.target().host_name();
  if (host.empty()) host = format_bracketed(endpoint.address);
  return endpoint.port == default_port ? host : fmt::format("{}:{}", host, endpoint.port);
}

Result<HttpOptions> read_options(Context& context, const Endpoint& endpoint, const Value::Object& table) {
  Options options("http", table);
  HttpOptions read;
  read.request.method = options.text("method", "GET");
  read.request.target = options.text("path", "/");
  read.request.host = options.text("host", host_header(context, endpoint));
  read.request.body = options.text("body", "");
  read.timeout = options.seconds("timeout", default_timeout);
  read.max_body = static_cast<std::size_t>(options.integer("max_body", default_body, 0, most_body));
  const Identity& identity = context.target().services().identity;
  const std::string agent =
      identity.contact.empty() ? identity.user_agent : fmt::format("{} (+{})", identity.user_agent, identity.contact);
  read.request.headers = {{"User-Agent", agent}, {"Accept", "*/*"}, {"Connection", "close"}};
  for (const auto& [name, value] : options.object("headers")) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr) return Error(Reason::rule_error, fmt::format("http: header `{}` must be a string", name));
    std::erase_if(read.request.headers, [&name = name](const proto::HttpHeader& header) {
      return header.name.size() == name.size() &&
             std::equal(name.begin(), name.end(), header.name.begin(),
                        [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    });
    read.request.headers.push_back({name, *text});
  }
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

Value::Object describe(const proto::HttpResponse& response) {
  Value::Object headers;
  for (const proto::HttpHeader& header : response.headers) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    Value& value = headers[name];
    if (auto* before = value.get_if<std::string>()) {
      *before += ", " + header.value;
    } else {
      value = header.value;
    }
  }
  Value::Object fields;
  fields["status"] = response.status;
  fields["reason"] = response.reason;
  fields["version"] = response.version;
  fields["headers"] = std::move(headers);
  fields["title"] = proto::html_title(response.body);
  fields["body"] = response.body;
  fields["body_truncated"] = response.body_truncated;
  fields["redirects"] = Value::Array{};
  return fields;
}

/// Sends the request and reads one response.
awaitable<Result<void>> exchange(Conversation& talk, std::string request, proto::HttpResponseReader& reader,
                                 Duration timeout, Context& context) {
  using Step = proto::HttpResponseReader::Step;
  const Instant ends = context.within(timeout);
  const Result<void> written = co_await talk.write(std::move(request), timeout);
  if (!written) co_return written.error();
  while (true) {
    const Duration left = ends - context.world().now();
    const Result<std::string> bytes = co_await talk.read_some(read_size, left);
    if (!bytes && bytes.error().reason != Reason::eof) co_return bytes.error();
    const Step step = bytes ? reader.feed(*bytes) : reader.end();
    if (step == Step::done) co_return Result<void>();
    if (step == Step::failed) co_return reader.error();
    if (!bytes) co_return bytes.error();
  }
}

}  // namespace

awaitable<Answer> ask_http(Context& context, Question question) {
  const Endpoint endpoint = question.endpoints.empty() ? Endpoint() : question.endpoints.front();
  Result<HttpOptions> options = read_options(context, endpoint, question.options);
  Result<std::string> request = options ? proto::encode_http_request(options->request) : options.error();
  if (question.endpoints.empty()) request = Error(Reason::unresolved, context.target().id() + " has no address to ask");
  if (!request) {
    std::shared_ptr<Observation> refused = context.begin("http", format_endpoint(endpoint));
    const Reason kind = request.error().reason == Reason::unresolved ? Reason::unresolved : Reason::rule_error;
    co_return context.fail(refused, Error(kind, request.error().message));
  }
  const ConnectOptions connecting(std::min(options->timeout, context.target().limits().timeout));
  std::string word = "http";
  Result<std::unique_ptr<Conversation>> opened = co_await connect(context, endpoint, connecting, std::move(word));
  if (!opened) co_return Answer{nullptr, {}, opened.error()};
  Conversation& talk = **opened;
  const std::shared_ptr<Observation> observation = talk.observation();
  proto::HttpLimits limits;
  limits.body_bytes = options->max_body;
  proto::HttpResponseReader reader(options->request.method == "HEAD", limits);
  const Result<void> done = co_await exchange(talk, std::move(*request), reader, options->timeout, context);
  talk.close();
  if (!done) {
    const std::string text = done.error().message.starts_with("tcp/")
                                 ? done.error().message
                                 : fmt::format("{}: {}", format_endpoint(endpoint), done.error().message);
    observation->reason = done.error().reason;
    observation->message = text;
    co_return Answer{observation, {}, Error(done.error().reason, text)};
  }
  observation->reason = Reason::observed;
  observation->message.clear();
  Value::Object fields = describe(reader.response());
  Value::Object kept = capped(fields, 1'024);
  kept["request"] =
      fmt::format("{} {} (Host: {})", options->request.method, options->request.target, options->request.host);
  observation->fields = std::move(kept);
  Answer answer;
  answer.observation = observation;
  answer.fields = std::move(fields);
  co_return answer;
}

}  // namespace audit::probe
