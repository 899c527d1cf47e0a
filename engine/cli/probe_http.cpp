#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"
#include "proto/ascii.hpp"
#include "proto/http_url.hpp"

namespace audit::cli {
namespace {

std::string text_of(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  const auto* text = found == fields.end() ? nullptr : found->second.get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

/// "Name: value" lines as one table; error where one has no colon, or the name of another.
Result<Value::Object> read_headers(const std::vector<std::string>& lines) {
  Value::Object headers;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos)
      return Error(Reason::rule_error, "a name, a colon and a value, such as 'Accept: text/html'");
    const std::string name = line.substr(0, colon);
    for (const auto& [other, unused] : headers)
      if (proto::same_text(name, other))
        return Error(Reason::rule_error, fmt::format("`{}` is given twice; one line with both values says the same "
                                                     "(RFC 9110 5.3), of cookies with \"; \" between",
                                                     visible(name)));
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    headers[name] = value == std::string::npos ? std::string() : line.substr(value);
  }
  return headers;
}

/// One line a redirect: "301 http://a/ → https://a/".
std::string show_redirects(const Value::Array& redirects) {
  std::string text;
  for (const Value& redirect : redirects) {
    const auto& entry = *redirect.get_if<Value::Object>();
    const std::string url = text_of(entry, "url");
    const std::string why = text_of(entry, "why");
    text += fmt::format("{} redirects to {}{}\n", *entry.at("status").get_if<std::int64_t>(),
                        visible(url.empty() ? text_of(entry, "location") : url, 500),
                        why.empty() ? std::string() : fmt::format(" (not followed: {})", why));
  }
  return text;
}

void show_header(std::string& text, const std::string& name, const Value& value) {
  if (const auto* list = value.get_if<Value::Array>()) {
    for (const Value& item : *list) show_header(text, name, item);
  } else {
    text += fmt::format("\n{}: {}", visible(name), visible(*value.get_if<std::string>(), 500));
  }
}

std::string show(const Value::Object& fields, std::int64_t status) {
  std::string text = show_redirects(*fields.at("redirects").get_if<Value::Array>());
  text += fmt::format("HTTP/{} {} {}", visible(text_of(fields, "version")), status, visible(text_of(fields, "reason")));
  for (const auto& [name, value] : *fields.at("headers").get_if<Value::Object>()) show_header(text, name, value);
  if (const std::string title = text_of(fields, "title"); !title.empty())
    text += fmt::format("\ntitle: {}", visible(title));
  if (const std::string problem = text_of(fields, "encoding_error"); !problem.empty())
    text += fmt::format("\nencoding: {}", visible(problem));
  return text;
}

}  // namespace

int probe_http(const ProbeOptions& options) {
  if (options.arguments.size() != 1) return usage("http URL");
  const Result<proto::HttpUrl> url = proto::parse_http_url(options.arguments.front());
  if (!url) return usage("http: " + url.error().message);
  const Result<Value::Object> headers = read_headers(options.headers);
  if (!headers) return usage("http --header: " + headers.error().message);
  ProbeSession session(std::nullopt, options.trace);
  PortSet named;
  named.add(url->port, url->port);
  if (!session.aim({url->host}, named)) return exit_usage;
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    for (const Endpoint& endpoint : target.endpoints(url->port, Transport::tcp)) {
      probe::Context context(target, never);
      Value::Object asked;
      asked["path"] = url->target;
      asked["tls"] = url->tls;
      asked["method"] = !options.method.empty() ? options.method : options.data.empty() ? "GET" : "POST";
      asked["headers"] = *headers;
      asked["body"] = options.data;
      asked["redirects"] = options.follow;
      asked["max_body"] = options.max_body;
      options.hand_timeout(asked);
      const probe::Answer answer = co_await ask_once(context, "http", endpoint, std::move(asked));
      if (!answer.outcome) {
        output.failure(target.id(), "http", answer.outcome.error());
        continue;
      }
      const std::int64_t status = *answer.fields.at("status").get_if<std::int64_t>();
      status < 400 ? output.good() : output.bad();
      output.answer(target.id(), *answer.observation, show(answer.fields, status));
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, "http", error); }, options.rate,
      options.limits());
  return output.exit_code(false);
}

void add_http_options(CLI::App& command, ProbeOptions& options) {
  command.add_option("--method", options.method, "GET by default, POST with --data")->type_name("METHOD");
  command.add_option("--header", options.headers, "Name: value; in place of the usual one of that name")
      ->type_name("HEADER")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--data", options.data, "The body of the request")->type_name("TEXT");
  command.add_option("--follow", options.follow, "Redirects to follow on the same target, 0 to 10")
      ->check(CLI::Range(0, 10))
      ->capture_default_str();
  command.add_option("--max-body", options.max_body, "Bytes of the body to keep, decoded, 0 to 16777216")
      ->check(CLI::Range(0, 16 << 20))
      ->capture_default_str();
}

}  // namespace audit::cli
