#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {

namespace {

/// Where a backslash begins none of the escapes that are read, npos where each does.
std::size_t unknown_escape(std::string_view text) {
  std::size_t at = text.find('\\');
  while (at != std::string_view::npos) {
    const std::size_t next = text.find('\\', at + 1);
    const bool doubled = next == at + 1;
    const std::string_view one = text.substr(at, doubled ? 2 : next - at);
    if (from_visible(one).size() == one.size()) return at;
    at = doubled ? text.find('\\', next + 1) : next;
  }
  return at;
}

/// Text in which \r, \n, \t, \\, \xNN and \u{NNNN} are read, or hex:0d0a; else what is wrong with it.
std::string read_bytes(const std::string& text, std::string& bytes) {
  if (text.starts_with("hex:"))
    return from_hex(std::string_view(text).substr(4), bytes)
               ? ""
               : "hex: takes pairs of hexadecimal digits, such as hex:0d0a";
  if (const std::size_t at = unknown_escape(text); at != std::string::npos)
    return fmt::format(R"(`{}` is none of the escapes \r \n \t \\ \xNN \u{{NNNN}}; a backslash itself is \\)",
                       "\\" + visible(text.substr(at + 1, 1)));
  bytes = from_visible(text);
  return "";
}

/// A conversation of one turn: say, hear, compare. TCP through `banner`, UDP through `udp`.
int probe_talk(const ProbeOptions& options, Transport transport) {
  const std::string word(name_of(transport));
  std::vector<std::string> targets;
  PortSet ports;
  if (!split_arguments(options, targets, ports) || ports.size() != 1)
    return usage(word + " TARGET… PORT: the last word is one port, such as 25");
  std::string bytes;
  if (const std::string mistake = read_bytes(options.send, bytes); !mistake.empty())
    return usage(word + " --send: " + mistake);
  std::string expected;
  if (const std::string mistake = read_bytes(options.expect, expected); !mistake.empty())
    return usage(word + " --expect: " + mistake);
  ProbeSession session(std::nullopt, options.trace);
  if (!session.aim(targets, ports)) return exit_usage;
  ProbeOutput output(options.json);
  const std::uint16_t port = ports.ranges().front().first;
  const bool swept = transport == Transport::tcp && !session.single();
  const auto ask = [&](probe::Target& target) -> awaitable<void> {
    std::vector<std::uint16_t> wanted{port};
    if (swept) co_await target.sweep(std::move(wanted));
    for (const Endpoint& endpoint : target.endpoints(port, transport)) {
      if (swept && output.pass_over(target.swept()->find(endpoint.address, port)->state)) continue;
      probe::Context context(target, never);
      Value::Object asked;
      asked["send"] = bytes;
      options.hand_timeout(asked);
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
        for (const Value& reply : *replies->second.get_if<Value::Array>())
          heard += *reply.find("bytes")->get_if<std::string>();
      const bool replied = !heard.empty() || answer.fields.contains("replies");
      const bool met = replied && heard.find(expected) != std::string::npos;
      met ? output.good() : output.bad();
      std::string text = visible(heard);
      if (!replied)
        text = fmt::format("{} {}", format_endpoint(endpoint), *answer.fields.at("state").get_if<std::string>());
      if (const auto icmp = answer.fields.find("icmp"); icmp != answer.fields.end() && !replied)
        text += fmt::format(" (ICMP {} from {})", *icmp->second.get_if<std::string>(),
                            *answer.fields.at("icmp_from").get_if<std::string>());
      output.answer(target.id(), *answer.observation, text);
      if (replied && !met)
        std::cerr << fmt::format("audit probe {}: {} did not say `{}`\n", word, format_endpoint(endpoint),
                                 visible(expected));
    }
  };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, word, error); }, options.rate,
      options.limits());
  output.tell_passed_over();
  return output.exit_code(!session.single());
}

}  // namespace

int probe_tcp(const ProbeOptions& options) { return probe_talk(options, Transport::tcp); }

int probe_udp(const ProbeOptions& options) { return probe_talk(options, Transport::udp); }

}  // namespace audit::cli
