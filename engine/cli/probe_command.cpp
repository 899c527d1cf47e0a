#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/setup.hpp"
#include "cli/url.hpp"
#include "probe/port.hpp"
#include "probe/words.hpp"

namespace audit::cli {
namespace {

constexpr std::uint16_t dns_port = 53;

/// What the words of `audit probe` take; each uses its part.
struct ProbeOptions {
  std::vector<std::string> arguments;
  std::string send;
  std::string expect;
  std::string server;
  std::string reverse;
  double timeout = 2;
  double rate = 5'000;
  std::uint32_t attempts = 3;
  bool json = false;

  [[nodiscard]] probe::TargetLimits limits() const {
    probe::TargetLimits limits;
    limits.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(timeout));
    limits.attempts = attempts;
    limits.per_target = 64;
    return limits;
  }
};

int usage(const std::string& text) {
  std::cerr << "audit probe " << text << '\n';
  return exit_usage;
}

/// `--send`: text in which \r, \n, \t, \\ and \xNN are read, or hex:0d0a.
bool read_bytes(const std::string& text, std::string& bytes) {
  if (text.starts_with("hex:")) return from_hex(std::string_view(text).substr(4), bytes);
  bytes = from_visible(text);
  return true;
}

/// TARGET… PORTS: the last word is the ports.
bool split_arguments(const ProbeOptions& options, std::vector<std::string>& targets, PortSet& ports) {
  if (options.arguments.size() < 2) return false;
  targets.assign(options.arguments.begin(), options.arguments.end() - 1);
  const auto parsed = parse_transport_ports(options.arguments.back());
  if (!parsed || !parsed->udp.empty()) return false;
  ports = parsed->tcp;
  return true;
}

std::string host_label(const probe::Target& target, const IpAddress& host) {
  const std::string address = format_address(host);
  return target.id() == address ? address : fmt::format("{} ({})", target.id(), address);
}

/// One word asked of one endpoint, outside any rule.
awaitable<probe::Answer> ask_once(probe::Context& context, std::string_view word, Endpoint endpoint,
                                  Value::Object options) {
  probe::Question question;
  question.endpoints.push_back(endpoint);
  question.subject = format_endpoint(endpoint);
  question.options = std::move(options);
  probe::Answer answer = co_await probe::find_word(word)->ask(context, std::move(question));
  co_return answer;
}

void show_failure(ProbeOutput& output, const std::string& target, const std::string& word, const Error& error) {
  output.failure(target, word, error);
}

int probe_port(const ProbeOptions& options) {
  std::vector<std::string> targets;
  PortSet ports;
  if (!split_arguments(options, targets, ports))
    return usage("port TARGET… PORTS: the last word names TCP ports, such as 22-25,443");
  ProbeSession session(std::nullopt);
  if (!session.aim(targets)) return exit_usage;
  ProbeOutput output(options.json);
  const bool every_state = session.single() || ports.size() * targets.size() <= 64;
  std::uint64_t closed = 0;
  std::uint64_t filtered = 0;
  const std::vector<std::uint16_t> list = ports.list();
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    const WallTime began = target.services().world.wall();
    std::vector<std::uint16_t> asked = list;
    co_await target.sweep(std::move(asked));
    const probe::Sweep& sweep = *target.swept();
    for (std::size_t h = 0; h < sweep.hosts().size(); ++h) {
      for (std::size_t p = 0; p < sweep.ports().size(); ++p) {
        const probe::PortState& state = sweep.state(h, p);
        Endpoint endpoint;
        endpoint.address = sweep.hosts()[h];
        endpoint.port = sweep.ports()[p];
        const bool answer =
            state.state == Reason::open || state.state == Reason::closed || state.state == Reason::filtered;
        if (!answer) {
          show_failure(output, target.id(), "port", probe::port_error(endpoint, state));
          continue;
        }
        closed += state.state == Reason::closed ? 1 : 0;
        filtered += state.state == Reason::filtered ? 1 : 0;
        if (state.state == Reason::open) {
          output.good();
        } else {
          output.bad();
          if (!every_state) continue;
        }
        Observation seen;
        seen.probe = "port";
        seen.endpoint = format_endpoint(endpoint);
        seen.reason = state.state;
        seen.time = began;
        seen.attempts = state.attempts;
        seen.elapsed = std::chrono::microseconds(state.took_us);
        std::string text = fmt::format("{:<24} {:<11} {:<9}", host_label(target, endpoint.address),
                                       fmt::format("tcp/{}", endpoint.port), name_of(state.state));
        if (state.state != Reason::filtered) text += fmt::format(" {}", format_milliseconds(seen.elapsed));
        if (state.state == Reason::filtered)
          text += state.unreachable ? " (the network says it cannot be reached)"
                  : !sweep.alive(h) ? " (and nothing else of this host answered)"
                                    : "";
        output.answer(target.id(), seen, text);
      }
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, "port", error); }, options.rate,
      options.limits());
  if (!every_state && !options.json) std::cerr << fmt::format("{} closed, {} without an answer\n", closed, filtered);
  return output.exit_code(!session.single());
}

int probe_banner(const ProbeOptions& options) {
  std::vector<std::string> targets;
  PortSet ports;
  if (!split_arguments(options, targets, ports))
    return usage("banner TARGET… PORTS: the last word names TCP ports, such as 22,25");
  ProbeSession session(std::nullopt);
  if (!session.aim(targets)) return exit_usage;
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    std::vector<std::uint16_t> asked = ports.list();
    co_await target.sweep(std::move(asked));
    for (const std::uint16_t port : target.swept()->ports()) {
      for (const Endpoint& endpoint : target.endpoints(port, Transport::tcp)) {
        const probe::PortState& state = *target.swept()->find(endpoint.address, port);
        if (state.state != Reason::open && !session.single()) continue;
        probe::Context context(target, never);
        Value::Object none;
        const probe::Answer answer = co_await ask_once(context, "banner", endpoint, std::move(none));
        if (!answer.outcome) {
          output.failure(target.id(), "banner", answer.outcome.error());
          continue;
        }
        output.good();
        const std::string& bytes = *answer.fields.at("bytes").get_if<std::string>();
        output.answer(target.id(), *answer.observation,
                      fmt::format("{:<24} {:<11} {}", host_label(target, endpoint.address), fmt::format("tcp/{}", port),
                                  visible(bytes)));
      }
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, "banner", error); },
      options.rate, options.limits());
  return output.exit_code(!session.single());
}

/// A conversation of one turn: say, hear, compare. TCP through `banner`, UDP through `udp`.
int probe_talk(const ProbeOptions& options, Transport transport) {
  const std::string word(name_of(transport));
  std::vector<std::string> targets;
  PortSet ports;
  if (!split_arguments(options, targets, ports) || ports.size() != 1)
    return usage(word + " TARGET… PORT: the last word is one port, such as 25");
  std::string bytes;
  if (!read_bytes(options.send, bytes))
    return usage(word + " --send: hex: takes pairs of hexadecimal digits, such as hex:0d0a");
  std::string expected;
  if (!read_bytes(options.expect, expected))
    return usage(word + " --expect: hex: takes pairs of hexadecimal digits, such as hex:0d0a");
  ProbeSession session(std::nullopt);
  if (!session.aim(targets)) return exit_usage;
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    for (const Endpoint& endpoint : target.endpoints(ports.ranges().front().first, transport)) {
      probe::Context context(target, never);
      Value::Object asked;
      asked["send"] = bytes;
      const std::string_view primitive = transport == Transport::tcp ? "banner" : "udp";
      const probe::Answer answer = co_await ask_once(context, primitive, endpoint, std::move(asked));
      if (!answer.outcome) {
        output.failure(target.id(), word, answer.outcome.error());
        continue;
      }
      std::string heard;
      if (const auto said = answer.fields.find("bytes"); said != answer.fields.end())
        heard = *said->second.get_if<std::string>();
      if (const auto replies = answer.fields.find("replies"); replies != answer.fields.end())
        for (const Value& reply : *replies->second.get_if<Value::Array>()) heard += *reply.get_if<std::string>();
      const bool replied = !heard.empty() || answer.fields.contains("replies");
      const bool met = replied && heard.find(expected) != std::string::npos;
      met ? output.good() : output.bad();
      std::string text = visible(heard);
      if (!replied)
        text = fmt::format("{} {}", format_endpoint(endpoint), *answer.fields.at("state").get_if<std::string>());
      output.answer(target.id(), *answer.observation, text);
      if (replied && !met)
        std::cerr << fmt::format("audit probe {}: {} did not say `{}`\n", word, format_endpoint(endpoint),
                                 visible(expected));
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, word, error); }, options.rate,
      options.limits());
  return output.exit_code(false);
}

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

int probe_dns(const ProbeOptions& options) {
  const std::size_t count = options.arguments.size();
  std::string name = options.reverse.empty() && count > 0 ? options.arguments.front() : options.reverse;
  std::string type = count > 1 ? options.arguments[1] : options.reverse.empty() ? "A" : "PTR";
  if (name.empty() || count > 2 || (!options.reverse.empty() && count > 0))
    return usage("dns NAME [TYPE], or dns -x ADDRESS");
  if (!options.reverse.empty() && !parse_address(options.reverse))
    return usage("dns -x: `" + visible(options.reverse) + "` is no address");
  if (!proto::dns_type(type)) return usage("dns: there is no record type `" + visible(type) + "`");
  std::optional<Endpoint> server;
  if (!options.server.empty() && !(server = parse_server(options.server, dns_port)))
    return usage("dns --server: `" + visible(options.server) + "` is no address, such as 127.0.0.1 or 127.0.0.1:5353");
  ProbeSession session(server);
  ProbeOutput output(options.json);
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    probe::Context context(target, never);
    probe::Question question;
    question.subject = name;
    question.options["type"] = type;
    question.options["timeout"] = options.timeout * 5;
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

/// The ad-hoc command of each primitive: one row a word.
struct Row {
  const char* name;
  const char* arguments;
  const char* help;
  int (*run)(const ProbeOptions& options);
};

constexpr Row rows[] = {
    {"port", "TARGET... PORTS", "Are these TCP ports open, closed or filtered?", probe_port},
    {"banner", "TARGET... PORTS", "What does the service say first?", probe_banner},
    {"tcp", "TARGET... PORT", "Say something over TCP, hear the answer",
     [](const ProbeOptions& o) { return probe_talk(o, Transport::tcp); }},
    {"udp", "TARGET... PORT", "Say something over UDP, hear the answer",
     [](const ProbeOptions& o) { return probe_talk(o, Transport::udp); }},
    {"dns", "NAME [TYPE]", "What does the DNS say of this name?", probe_dns},
    {"http", "URL", "What does the web server answer to one GET?", probe_http},
};

}  // namespace

void add_probe(CLI::App& program, int& code) {
  CLI::App* probe = program.add_subcommand("probe", "One question by hand, on hosts, names or CIDRs");
  probe->require_subcommand(1);
  probe->footer(
      "Exit codes: 0 the hoped-for answer (open, the expected text, a record, a status below 400); 1 another answer;\n"
      "2 no answer, or it could not be asked; 64 usage.\n\n"
      "Examples:\n"
      "  audit probe port 127.0.0.0/29 22-25,443\n"
      "  audit probe tcp 127.0.0.1 25 --send 'EHLO me\\r\\n' --expect 250\n"
      "  audit probe dns -x 127.0.0.1 --server 127.0.0.1:5353");
  for (const Row& row : rows) {
    CLI::App* command = probe->add_subcommand(row.name, row.help);
    const auto options = std::make_shared<ProbeOptions>();
    const std::string word = row.name;
    command->add_option("ARGUMENTS", options->arguments, row.arguments)->type_name("");
    command->add_flag("--json", options->json, "One JSON object a line");
    command->add_option("--timeout", options->timeout, "Seconds for one attempt, 0.001 to 300")
        ->check(CLI::Range(0.001, 300.0))
        ->capture_default_str();
    if (word == "port" || word == "udp" || word == "banner")
      command->add_option("--attempts", options->attempts, "Where there is no answer, 1 to 10")
          ->check(CLI::Range(1U, 10U))
          ->capture_default_str();
    if (word == "port" || word == "banner")
      command->add_option("--rate", options->rate, "Probes a second, 1 to 1000000")
          ->check(CLI::Range(1.0, 1e6))
          ->capture_default_str();
    if (word == "tcp" || word == "udp") {
      command->add_option("--send", options->send, "Text (\\r \\n \\t \\\\ \\xNN are read) or hex:0d0a")
          ->type_name("TEXT");
      command->add_option("--expect", options->expect, "Exit 1 unless the answer holds this text, or hex:0d0a")
          ->type_name("TEXT");
    }
    if (word == "dns") {
      command->add_option("-x", options->reverse, "The name of an address")->type_name("ADDRESS");
      command->add_option("--server", options->server, "Ask this server, not the system's")
          ->type_name("ADDRESS[:PORT]");
    }
    command->callback([options, &code, run = row.run] { code = run(*options); });
  }
}

}  // namespace audit::cli
