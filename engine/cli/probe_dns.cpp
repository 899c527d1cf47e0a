#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"
#include "cli/setup.hpp"
#include "probe/words.hpp"
#include "proto/dns.hpp"
#include "proto/dns_name.hpp"

namespace audit::cli {

namespace {

constexpr std::uint16_t dns_port = 53;

std::string dns_text(const Value::Object& fields) {
  std::string text =
      fmt::format("{} from {}", *fields.at("rcode").get_if<std::string>(), *fields.at("server").get_if<std::string>());
  for (const char* section : {"answers", "authority", "additional"})
    for (const Value& row : *fields.at(section).get_if<Value::Array>())
      text += fmt::format("\n{:<30} {:>7} {:<8} {}{}", visible(*row.find("name")->get_if<std::string>()),
                          *row.find("ttl")->get_if<std::int64_t>(), *row.find("type")->get_if<std::string>(),
                          visible(*row.find("data")->get_if<std::string>()),
                          std::string_view(section) == "answers" ? "" : fmt::format("  ({})", section));
  return text;
}

}  // namespace

int probe_dns(const ProbeOptions& options) {
  const std::size_t count = options.arguments.size();
  std::string name = options.reverse.empty() && count > 0 ? options.arguments.front() : options.reverse;
  std::string type = count > 1 ? options.arguments[1] : options.reverse.empty() ? "A" : "PTR";
  if (name.empty() || count > 2 || (!options.reverse.empty() && count > 0))
    return usage("dns NAME [TYPE], or dns -x ADDRESS");
  if (!options.reverse.empty() && !parse_address(options.reverse))
    return usage("dns -x: `" + visible(options.reverse) + "` is no address");
  if (options.reverse.empty() && !parse_address(name))
    if (const Result<std::string> wire = proto::name_to_wire(name); !wire) return usage("dns: " + wire.error().message);
  if (!proto::dns_type(type)) return usage("dns: there is no record type `" + visible(type) + "`");
  std::optional<Endpoint> server;
  if (!options.server.empty() && !(server = parse_socket(options.server, Transport::udp, dns_port)))
    return usage("dns --server: `" + visible(options.server) + "` is no address, such as 127.0.0.1 or 127.0.0.1:5353");
  ProbeSession session(server, options.trace);
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    probe::Context context(target, never);
    probe::Question question;
    question.subject = name;
    question.options["type"] = type;
    question.options["timeout"] = options.attempt_time() * 5;
    question.options["dnssec"] = options.dnssec;
    question.options["tcp"] = options.tcp;
    if (server) question.options["server"] = format_socket(server->address, server->port);
    const probe::Answer answer = co_await probe::find_word("dns")->ask(context, std::move(question));
    if (!answer.outcome) {
      output.failure(name, "dns", answer.outcome.error());
      co_return;
    }
    const bool found = !answer.fields.at("answers").get_if<Value::Array>()->empty();
    found ? output.good() : output.bad();
    output.answer(name, *answer.observation, dns_text(answer.fields));
  };
  session.run(
      ask, [](const std::string&, const Error&) {}, options.rate, options.limits());
  return output.exit_code(false);
}

}  // namespace audit::cli
