#include "probe/ping.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {
namespace {

double number(const Value& fields, std::string_view key) {
  const Value* found = fields.find(key);
  if (found == nullptr) return 0;
  if (const auto* real = found->get_if<double>()) return *real;
  const auto* whole = found->get_if<std::int64_t>();
  return whole == nullptr ? 0 : static_cast<double>(*whole);
}

std::string word(const Value& fields, std::string_view key) {
  const Value* found = fields.find(key);
  const auto* text = found == nullptr ? nullptr : found->get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

/// "3 sent, 3 received, 0% lost, 0.1/0.2/0.3 ms (min/avg/max), icmp".
std::string text_of(const Value& fields) {
  std::string text = fmt::format(
      "{:.0f} sent, {:.0f} received, {:.0f}% lost, {:.1f}/{:.1f}/{:.1f} ms (min/avg/max), {}", number(fields, "sent"),
      number(fields, "received"), number(fields, "loss") * 100, number(fields, "rtt_min") * 1e3,
      number(fields, "rtt_avg") * 1e3, number(fields, "rtt_max") * 1e3, word(fields, "method"));
  if (fields.find("port") != nullptr) text += fmt::format(" {:.0f}", number(fields, "port"));
  for (const char* odd : {"duplicates", "foreign", "late"})
    if (number(fields, odd) > 0) text += fmt::format(", {:.0f} {}", number(fields, odd), odd);
  return text;
}

/// One host's answer; a silent host of a network is counted, not shown.
class Pinging {
 public:
  Pinging(const ProbeOptions& options, ProbeOutput& output, bool single)
      : options_(options), output_(output), single_(single) {}

  awaitable<void> ask(probe::Target& target) {
    for (const IpAddress& host : target.hosts()) {
      probe::Context context(target, never);
      probe::Question question;
      question.hosts.push_back(host);
      question.options["count"] = static_cast<std::int64_t>(options_.count);
      question.options["interval"] = options_.interval;
      question.options["timeout"] = options_.attempt_time();
      question.options["size"] = static_cast<std::int64_t>(options_.size);
      const probe::Answer answer = co_await probe::find_word("ping")->ask(context, std::move(question));
      show(target, host, answer);
    }
  }

  void sum_up() const {
    if (!no_icmp_.empty()) std::cerr << "audit probe ping: by TCP connects: " << visible(no_icmp_) << '\n';
    if (!single_ && !options_.json) std::cerr << fmt::format("{} answered, {} did not\n", answered_, silent_);
  }

 private:
  void show(const probe::Target& target, const IpAddress& host, const probe::Answer& answer) {
    const Observation& seen = *answer.observation;
    if (std::string why = word(seen.fields, "no_icmp"); !why.empty()) no_icmp_ = std::move(why);
    if (answer.outcome) {
      ++answered_;
      output_.good();
      output_.answer(target.id(), seen, fmt::format("{:<24} {}", host_label(target, host), text_of(seen.fields)));
    } else if (!single_ && answer.outcome.error().reason == Reason::unreachable) {
      ++silent_;
      output_.bad();
    } else {
      output_.failure(target.id(), seen, answer.outcome.error());
    }
  }

  const ProbeOptions& options_;
  ProbeOutput& output_;
  const bool single_;
  std::string no_icmp_;
  std::uint64_t answered_ = 0;
  std::uint64_t silent_ = 0;
};

}  // namespace

int probe_ping(const ProbeOptions& options) {
  if (options.arguments.empty()) return usage("ping TARGET…: hosts, names, CIDRs or ranges");
  ProbeSession session(std::nullopt, options.trace);
  if (!session.aim(options.arguments)) return exit_usage;
  ProbeOutput output(options.json);
  Pinging pinging(options, output, session.single());
  const auto ask = [&](probe::Target& target) { return pinging.ask(target); };
  session.run(
      ask, [&](const std::string& target, const Error& error) { output.failure(target, "ping", error); }, options.rate,
      options.limits());
  pinging.sum_up();
  return output.exit_code(!session.single());
}

void add_ping_options(CLI::App& command, ProbeOptions& options) {
  command.add_option("--count", options.count, "Requests to each host, 1 to 100")
      ->check(CLI::Range(1U, 100U))
      ->capture_default_str();
  command.add_option("--interval", options.interval, "Seconds between two of them, 0.001 to 300")
      ->check(CLI::Range(0.001, 300.0))
      ->capture_default_str();
  command.add_option("--size", options.size, "Bytes of payload, 16 to 65507")
      ->check(CLI::Range(16U, 65'507U))
      ->capture_default_str();
  command.add_option("--rate", options.rate, "Probes a second, 1 to 1000000")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
}

}  // namespace audit::cli
