#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "probe/target.hpp"
#include "probe/words.hpp"

namespace CLI {
class App;
}

namespace audit::cli {

/// What the words of `audit probe` take; each uses its part.
struct ProbeOptions {
  std::vector<std::string> arguments;
  std::string send;
  std::string expect;
  std::string server;
  std::string reverse;
  std::string server_name;
  std::string starttls;
  std::string trust;
  std::vector<std::string> alpn;
  std::string method;
  std::string data;
  std::vector<std::string> headers;
  std::int64_t follow = 0;
  std::int64_t max_body = 1 << 20;
  std::optional<double> timeout;  // seconds
  double rate = 5'000;
  std::uint32_t attempts = 3;
  std::string trace;
  std::uint32_t count = 3;  // of a ping
  double interval = 0.2;    // seconds
  std::uint32_t size = 56;  // bytes
  bool json = false;
  bool dnssec = false;
  bool tcp = false;

  [[nodiscard]] probe::TargetLimits limits() const;
  /// --timeout, or what a connection and one attempt have without it; in seconds.
  [[nodiscard]] double attempt_time() const { return timeout.value_or(2); }
  /// --timeout for a word that has a time of its own without it.
  void hand_timeout(Value::Object& asked) const {
    if (timeout) asked["timeout"] = *timeout;
  }
};

/// The ad-hoc command of a primitive: one row in probe_command.cpp.
struct ProbeWord {
  const char* name;
  const char* arguments;
  const char* help;
  int (*run)(const ProbeOptions& options);
  void (*add)(CLI::App& command, ProbeOptions& options);  // the options that are its own, or null
};

int probe_port(const ProbeOptions& options);
int probe_banner(const ProbeOptions& options);
int probe_ping(const ProbeOptions& options);
int probe_tcp(const ProbeOptions& options);
int probe_udp(const ProbeOptions& options);
int probe_dns(const ProbeOptions& options);
int probe_tls(const ProbeOptions& options);
int probe_http(const ProbeOptions& options);
int probe_ssh(const ProbeOptions& options);
int probe_tls_accepts(const ProbeOptions& options);

void add_sweep_options(CLI::App& command, ProbeOptions& options);
void add_ping_options(CLI::App& command, ProbeOptions& options);
void add_tcp_options(CLI::App& command, ProbeOptions& options);
void add_udp_options(CLI::App& command, ProbeOptions& options);
void add_dns_options(CLI::App& command, ProbeOptions& options);
void add_tls_options(CLI::App& command, ProbeOptions& options);
void add_tls_accepts_options(CLI::App& command, ProbeOptions& options);
void add_http_options(CLI::App& command, ProbeOptions& options);

/// Says how the word is used; the exit code.
int usage(const std::string& text);
/// TARGET… PORTS: the last argument is the TCP ports. Those of printers are left out, which is said, unless no others are
/// named.
[[nodiscard]] bool split_arguments(const ProbeOptions& options, std::vector<std::string>& targets, PortSet& ports);
/// "10.0.0.1", or "name (10.0.0.1)".
[[nodiscard]] std::string host_label(const probe::Target& target, const IpAddress& host);
/// One word asked of one endpoint, outside any rule.
[[nodiscard]] awaitable<probe::Answer> ask_once(probe::Context& context, std::string_view word, Endpoint endpoint,
                                                Value::Object options);

/// What a person is shown of an answer, and whether it is the one that was hoped for.
struct AnswerText {
  AnswerText(std::string text_in, bool good_in) : text(std::move(text_in)), good(good_in) {}
  std::string text;
  bool good;
};

/// WORD TARGET… PORTS: sweeps, then asks the word of every open endpoint, or of every endpoint of a single host.
int ask_each(const ProbeOptions& options, const std::string& word, const Value::Object& asked,
             const std::function<AnswerText(const probe::Answer&)>& text_of);

}  // namespace audit::cli
