#include <CLI/CLI.hpp>

#include "cli/probe_words.hpp"

namespace audit::cli {
namespace {

void add_attempts(CLI::App& command, ProbeOptions& options) {
  command.add_option("--attempts", options.attempts, "Where there is no answer, 1 to 10")
      ->check(CLI::Range(1U, 10U))
      ->capture_default_str();
}

}  // namespace

void add_sweep_options(CLI::App& command, ProbeOptions& options) {
  add_attempts(command, options);
  command.add_option("--rate", options.rate, "Probes a second, 1 to 1000000")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
}

void add_tcp_options(CLI::App& command, ProbeOptions& options) {
  command.add_option("--send", options.send, "Text (\\r \\n \\t \\\\ \\xNN are read) or hex:0d0a")->type_name("TEXT");
  command.add_option("--expect", options.expect, "Exit 1 unless the answer holds this text, or hex:0d0a")
      ->type_name("TEXT");
}

void add_udp_options(CLI::App& command, ProbeOptions& options) {
  add_attempts(command, options);
  add_tcp_options(command, options);
}

void add_dns_options(CLI::App& command, ProbeOptions& options) {
  command.add_option("-x", options.reverse, "The name of an address")->type_name("ADDRESS");
  command.add_option("--server", options.server, "Ask this server, not the system's")->type_name("ADDRESS[:PORT]");
  command.add_flag("--dnssec", options.dnssec, "Ask for the signatures too (DO)");
  command.add_flag("--tcp", options.tcp, "Over TCP from the start");
}

namespace {

void add_server_options(CLI::App& command, ProbeOptions& options) {
  add_sweep_options(command, options);
  command.add_option("--server-name", options.server_name, "Ask for this name (SNI)")->type_name("NAME");
  command
      .add_option(
          "--starttls", options.starttls,
          "smtp, imap, pop3, ftp, ldap, postgres, mysql, xmpp, xmpp-server or none; default: as the port has it")
      ->type_name("PROTOCOL");
}

}  // namespace

void add_tls_options(CLI::App& command, ProbeOptions& options) {
  add_server_options(command, options);
  command.add_option("--alpn", options.alpn, "Offer these protocols, such as h2,http/1.1")
      ->type_name("NAMES")
      ->delimiter(',');
  command.add_option("--trust", options.trust, "Verify against the certificates of this PEM file, or system, or none")
      ->type_name("FILE");
}

void add_tls_accepts_options(CLI::App& command, ProbeOptions& options) { add_server_options(command, options); }

}  // namespace audit::cli
