#include "probe/http_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "probe/options.hpp"
#include "proto/ascii.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(10);
constexpr std::int64_t default_body = 1 << 20;
constexpr std::int64_t most_body = 16 << 20;
constexpr std::int64_t most_redirects = 10;
constexpr std::size_t usual_headers = 8;

bool usually_tls(std::uint16_t port) { return port == 443 || port == 8443; }

std::string agent_of(const Identity& identity) {
  return identity.contact.empty() ? identity.user_agent
                                  : fmt::format("{} (+{})", identity.user_agent, identity.contact);
}

Result<void> read_headers(const Value::Object& table, std::vector<proto::HttpHeader>& headers) {
  for (const auto& [name, value] : table) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr) return Error(Reason::rule_error, fmt::format("http: header `{}` must be a string", name));
    std::erase_if(headers,
                  [&name = name](const proto::HttpHeader& header) { return proto::same_text(header.name, name); });
    headers.push_back({name, *text});
  }
  return {};
}

/// What the option names: a credential by its name, or sealed bytes that hold nothing but one.
Result<std::string> find_secret(Context& context, const Sealed* sealed, std::string& name) {
  if (sealed == nullptr && name.find(':') != std::string::npos)
    return Error(Reason::rule_error,
                 "http: option `auth` takes a credential of the inventory or its name; a secret is not written into a "
                 "rule");
  if (sealed == nullptr) return context.target().services().identity.credentials->find(name, context.target());
  if (sealed->credentials.size() != 1)
    return Error(Reason::rule_error, "http: option `auth` takes one credential, user:password");
  name = sealed->credentials.front();
  return sealed->bytes;
}

/// Adds Authorization: Basic (RFC 7617).
Result<void> prove(Context& context, const Sealed* sealed, std::string name, HttpOptions& options) {
  const Result<std::string> secret = find_secret(context, sealed, name);
  if (!secret) return secret.error();
  const std::size_t colon = secret->find(':');
  if (colon == std::string::npos)
    return Error(Reason::missing_credential, fmt::format("credential `{}` is not of the form user:password", name));
  const std::string value = proto::basic_authorization(*secret);
  std::erase_if(options.request.headers,
                [](const proto::HttpHeader& header) { return proto::same_text(header.name, "Authorization"); });
  options.request.headers.push_back({"Authorization", value});
  options.secret.name = name;
  options.secret.forms = {*secret, value.substr(value.find(' ') + 1), secret->substr(colon + 1)};
  return {};
}

bool proves_who_asks(const proto::HttpHeader& header) {
  return std::ranges::any_of(std::initializer_list<std::string_view>{"Authorization", "Proxy-Authorization", "Cookie"},
                             [&](std::string_view proof) { return proto::same_text(header.name, proof); });
}

/// The host that a Host header names; the target's own where it names none.
std::string url_host(const std::string& host_header, const std::string& own) {
  const Result<proto::HttpUrl> url = proto::parse_http_url("http://" + host_header);
  return url ? url->host : own;
}

}  // namespace

Result<HttpOptions> HttpOptions::read(Context& context, const Endpoint& endpoint, const Question& question) {
  Options options("http", question.options);
  HttpOptions read;
  read.url.tls = options.flag("tls", usually_tls(endpoint.port));
  read.url.port = endpoint.port;
  read.url.target = options.text("path", "/");
  const std::string& name = context.target().host_name();
  const std::string own = name.empty() ? format_address(endpoint.address) : name;
  read.request.method = options.text("method", "GET");
  read.request.target = read.url.target;
  read.request.host = options.text("host", proto::format_host(own, endpoint.port, read.url.tls));
  read.request.body = options.text("body", "");
  read.request.headers.reserve(usual_headers);
  read.request.headers.push_back({"User-Agent", agent_of(context.target().services().identity)});
  read.request.headers.push_back({"Accept", "*/*"});
  read.server_name = options.text("server_name", "");
  read.redirects = options.integer("redirects", 0, 0, most_redirects);
  read.timeout = options.seconds("timeout", default_timeout);
  read.max_body = static_cast<std::size_t>(options.integer("max_body", default_body, 0, most_body));
  const Value::Object headers = options.object("headers");
  std::optional<std::size_t> sealed;
  const std::string credential = options.text_or_sealed("auth", sealed);
  if (Result<void> done = options.done(); !done) return done.error();
  if (Result<void> good = read_headers(headers, read.request.headers); !good) return good.error();
  const Sealed* proof = sealed ? question.sealed.at(*sealed).get() : nullptr;
  if (proof != nullptr || !credential.empty())
    if (Result<void> proved = prove(context, proof, credential, read); !proved) return proved.error();
  const std::string* host = proto::find_header(read.request.headers, "Host");
  if (host == nullptr && question.options.contains("host")) host = &read.request.host;
  read.url.host = host != nullptr ? url_host(*host, own) : proto::lowered(own);
  return read;
}

std::string why_http_is_intrusive(const Value::Object& options) {
  constexpr std::size_t method_shown = 40;
  const auto found = options.find("method");
  const auto* method = found == options.end() ? nullptr : found->second.get_if<std::string>();
  if (method == nullptr) return "";
  for (const std::string_view safe : {"GET", "HEAD", "OPTIONS", "TRACE"})
    if (*method == safe) return "";
  return fmt::format(
      "the method {} may change what is there (GET, HEAD, OPTIONS and TRACE do not, RFC 9110 section 9.2.1): only a "
      "rule "
      "that declares safety = \"intrusive\" may send it",
      visible(*method, method_shown));
}

std::string shown_request(const proto::HttpRequest& request, const std::string& bytes, const HttpSecret& secret) {
  if (std::none_of(request.headers.begin(), request.headers.end(), proves_who_asks)) return bytes;
  proto::HttpRequest shown = request;
  for (proto::HttpHeader& header : shown.headers)
    if (proves_who_asks(header)) header.value = "(not shown)";
  if (!secret.name.empty())
    for (proto::HttpHeader& header : shown.headers)
      if (proto::same_text(header.name, "Authorization")) header.value = secret.shown();
  const Result<std::string> encoded = encode_http_request(shown);
  return encoded ? *encoded : std::string();
}

}  // namespace audit::probe
