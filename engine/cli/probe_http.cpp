#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"
#include "cli/url.hpp"

namespace audit::cli {

int probe_http(const ProbeOptions& options) {
  if (options.arguments.size() != 1) return usage("http URL");
  const Result<Url> url = parse_http_url(options.arguments.front());
  if (!url) return usage("http: " + url.error().message);
  ProbeSession session(std::nullopt);
  if (!session.aim({url->host})) return exit_usage;
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    for (const Endpoint& endpoint : target.endpoints(url->port, Transport::tcp)) {
      probe::Context context(target, never);
      Value::Object asked;
      asked["path"] = url->path;
      const probe::Answer answer = co_await ask_once(context, "http", endpoint, std::move(asked));
      if (!answer.outcome) {
        output.failure(target.id(), "http", answer.outcome.error());
        continue;
      }
      const std::int64_t status = *answer.fields.at("status").get_if<std::int64_t>();
      status < 400 ? output.good() : output.bad();
      std::string text = fmt::format("HTTP/{} {} {}", visible(*answer.fields.at("version").get_if<std::string>()),
                                     status, visible(*answer.fields.at("reason").get_if<std::string>()));
      for (const auto& [header, value] : *answer.fields.at("headers").get_if<Value::Object>())
        text += fmt::format("\n{}: {}", visible(header), visible(*value.get_if<std::string>(), 500));
      if (const auto& title = *answer.fields.at("title").get_if<std::string>(); !title.empty())
        text += fmt::format("\ntitle: {}", visible(title));
      output.answer(target.id(), *answer.observation, text);
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, "http", error); }, options.rate,
      options.limits());
  return output.exit_code(false);
}

}  // namespace audit::cli
