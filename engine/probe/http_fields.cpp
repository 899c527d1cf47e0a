#include "probe/http_fields.hpp"

#include <algorithm>
#include <utility>

#include "proto/ascii.hpp"

namespace audit::probe {
namespace {

/// One value a name, joined as RFC 9110 5.3 allows; Set-Cookie cannot be joined and is always a list.
Value::Object describe_headers(const std::vector<proto::HttpHeader>& headers) {
  std::vector<std::pair<std::string, const std::string*>> sorted;  // those of one name as they came
  sorted.reserve(headers.size());
  for (const proto::HttpHeader& header : headers) sorted.emplace_back(proto::lowered(header.name), &header.value);
  std::sort(sorted.begin(), sorted.end());
  Value::Object described;
  described.reserve(sorted.size());
  for (const auto& [name, text] : sorted) {
    Value& value = described[name];
    if (name == "set-cookie") {
      if (value.empty()) value = Value::Array();
      value.get_if<Value::Array>()->emplace_back(*text);
    } else if (auto* before = value.get_if<std::string>()) {
      *before += ", " + *text;
    } else {
      value = *text;
    }
  }
  return described;
}

}  // namespace

Value::Object describe_http(const HttpHop& hop, HttpExchange exchange, Value::Array redirects) {
  proto::HttpResponse& response = exchange.response;
  std::string title = proto::html_title(response.body);
  const bool coded = !response.coding.empty();
  const std::size_t decoded_bytes = response.body.size();
  Value::Object fields;  // filled in the order it keeps: the order of the names
  fields.reserve(16);
  fields["body"] = std::move(response.body);
  fields["body_truncated"] = response.body_truncated;
  if (coded) fields["decoded_bytes"] = static_cast<std::int64_t>(decoded_bytes);
  if (coded) fields["encoded_bytes"] = static_cast<std::int64_t>(response.body_size);
  fields["encoding"] = response.coding;
  if (!response.coding_problem.empty()) fields["encoding_error"] = response.coding_problem;
  fields["headers"] = describe_headers(response.headers);
  fields["reason"] = response.reason;
  fields["redirects"] = std::move(redirects);
  fields["request"] = std::move(exchange.request);
  fields["reused"] = exchange.reused;
  fields["status"] = response.status;
  fields["title"] = std::move(title);
  if (!exchange.tls.empty()) fields["tls"] = std::move(exchange.tls);
  fields["url"] = proto::format_url(hop.url);
  fields["version"] = response.version;
  return fields;
}

}  // namespace audit::probe
