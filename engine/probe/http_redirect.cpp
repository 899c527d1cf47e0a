#include "probe/http_redirect.hpp"

#include <algorithm>

#include "proto/ascii.hpp"

namespace audit::probe {
namespace {

constexpr std::string_view bad_location = "bad_location";
constexpr std::string_view out_of_scope = "out_of_scope";

bool is_redirect(int status) { return (status >= 301 && status <= 303) || status == 307 || status == 308; }

std::string_view without_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool same_name(std::string_view a, std::string_view b) {
  return !a.empty() && proto::same_text(without_dot(a), without_dot(b));
}

bool same_origin(const proto::HttpUrl& a, const proto::HttpUrl& b) {
  return a.tls == b.tls && a.port == b.port && same_name(a.host, b.host);
}

/// Location, where all of them say the same.
const std::string* find_location(const std::vector<proto::HttpHeader>& headers, bool& ambiguous) {
  const std::string* first = proto::find_header(headers, "Location");
  for (const proto::HttpHeader& header : headers)
    ambiguous = ambiguous || (proto::same_text(header.name, "Location") && header.value != *first);
  return first;
}

/// RFC 9110 15.4: after 303, and as every client does after 301 and 302 to a POST, a GET is sent.
void turn_to_get(int status, proto::HttpRequest& request) {
  const bool get = request.method == "GET" || request.method == "HEAD";
  const bool turns = status == 303 ? !get : status < 303 && request.method == "POST";
  if (!turns) return;
  request.method = "GET";
  request.body.clear();
  std::erase_if(request.headers, [](const proto::HttpHeader& header) {
    return proto::same_text(header.name, "Content-Length") || proto::same_text(header.name, "Content-Type");
  });
}

HttpHop make_hop(const HttpHop& from, const proto::HttpUrl& url, int status) {
  HttpHop hop = from;
  hop.url = url;
  hop.endpoint.port = url.port;
  hop.server_name = url.host;
  hop.request.target = url.target;
  hop.request.host = proto::format_host(url.host, url.port, url.tls);
  turn_to_get(status, hop.request);
  const bool elsewhere = !same_origin(from.url, url);
  std::erase_if(hop.request.headers, [&](const proto::HttpHeader& header) {
    const auto is = [&](std::string_view name) { return proto::same_text(header.name, name); };
    return is("Host") || (elsewhere && (is("Authorization") || is("Cookie") || is("Proxy-Authorization")));
  });
  return hop;
}

}  // namespace

/// Chooses the address of `to`. "" or why it may not be asked.
awaitable<std::string_view> HttpRedirects::find_host(Context& context, const HttpHop& from, HttpHop& to, Instant ends) {
  Target& target = context.target();
  const std::vector<IpAddress>& hosts = target.hosts();
  const auto permitted = [&](const IpAddress& host) {
    return std::find(hosts.begin(), hosts.end(), canonical(host)) != hosts.end();
  };
  if (const auto address = parse_address(to.url.host)) {
    if (!permitted(*address)) co_return out_of_scope;
    to.endpoint.address = canonical(*address);
  } else if (!same_name(to.url.host, from.url.host) && !same_name(to.url.host, target.host_name())) {
    const Result<net::Resolved> resolved = co_await target.services().resolver.addresses(to.url.host, ends);
    if (!resolved) co_return "unresolved";
    const std::vector<IpAddress>& found = resolved->addresses;
    const auto same = std::find_if(found.begin(), found.end(),
                                   [&](const IpAddress& host) { return canonical(host) == from.endpoint.address; });
    const auto any = same != found.end() ? same : std::find_if(found.begin(), found.end(), permitted);
    if (any == found.end()) co_return out_of_scope;
    to.endpoint.address = canonical(*any);
  }
  const bool allowed = target.permit().test(to.endpoint).ok();
  co_return allowed ? std::string_view() : out_of_scope;
}

bool HttpRedirects::leads_on(const proto::HttpResponse& response) {
  return is_redirect(response.status) && proto::find_header(response.headers, "Location") != nullptr;
}

awaitable<std::optional<HttpHop>> HttpRedirects::next(Context& context, const HttpHop& hop,
                                                      const proto::HttpResponse& response, Instant ends) {
  bool ambiguous = false;
  const std::string* location = find_location(response.headers, ambiguous);
  seen_.insert(hop.request.method + " " + proto::format_url(hop.url));
  Value::Object entry;
  entry["status"] = response.status;
  entry["location"] = *location;
  std::optional<HttpHop> to;
  std::string_view why = bad_location;
  const Result<proto::HttpUrl> url = proto::resolve_reference(hop.url, *location);
  if (url) {
    entry["url"] = proto::format_url(*url);
    entry["downgrade"] = hop.url.tls && !url->tls;
  }
  if (url && !ambiguous) {
    to = make_hop(hop, *url, response.status);
    const bool again = seen_.contains(to->request.method + " " + proto::format_url(*url));
    if (again) {
      why = "loop";
    } else if (followed_ >= most_) {
      why = "limit";
    } else {
      why = co_await find_host(context, hop, *to, ends);
    }
  }
  entry["followed"] = why.empty();
  if (!why.empty()) entry["why"] = std::string(why);
  list_.emplace_back(std::move(entry));
  if (!why.empty()) co_return std::nullopt;
  ++followed_;
  co_return to;
}

}  // namespace audit::probe
