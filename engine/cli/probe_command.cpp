#include "cli/commands.hpp"
#include "cli/probe_words.hpp"
#include "cli/trace.hpp"

namespace audit::cli {
namespace {

/// The ad-hoc command of each primitive: one row a word.
constexpr ProbeWord rows[] = {
    {"port", "TARGET... PORTS", "Are these TCP ports open, closed or filtered?", probe_port, add_sweep_options},
    {"banner", "TARGET... PORTS", "What does the service say first?", probe_banner, add_sweep_options},
    {"ping", "TARGET...", "Does the host answer ICMP echo, and how quickly?", probe_ping, add_ping_options},
    {"tcp", "TARGET... PORT", "Say something over TCP, hear the answer", probe_tcp, add_tcp_options},
    {"udp", "TARGET... PORT", "Say something over UDP, hear the answer", probe_udp, add_udp_options},
    {"dns", "NAME [TYPE]", "What does the DNS say of this name?", probe_dns, add_dns_options},
    {"tls", "TARGET... PORTS", "What does a TLS handshake show, the certificates above all?", probe_tls,
     add_tls_options},
    {"http", "URL", "What does the web server answer?", probe_http, add_http_options},
    {"ssh", "TARGET... PORTS", "What does the SSH server offer, and which host keys has it?", probe_ssh,
     add_sweep_options},
    {"tls_accepts", "TARGET... PORTS", "Which versions, suites and groups does the TLS server accept?",
     probe_tls_accepts, add_tls_accepts_options},
};

}  // namespace

void add_probe(CLI::App& program, int& code) {
  CLI::App* probe = program.add_subcommand("probe", "One question by hand, on hosts, names or CIDRs");
  probe->require_subcommand(1);
  probe->footer(
      "Exit codes: 0 the hoped-for answer (open, the expected text, a record, a verified certificate, a status below\n"
      "400, every host key proven); 1 another answer; 2 no answer, or it could not be asked; 64 usage.\n\n"
      "Examples:\n"
      "  audit probe port 127.0.0.0/29 22-25,443\n"
      "  audit probe tcp 127.0.0.1 25 --send 'EHLO me\\r\\n' --expect 250\n"
      "  audit probe dns -x 127.0.0.1 --server 127.0.0.1:5353");
  for (const ProbeWord& row : rows) {
    CLI::App* command = probe->add_subcommand(row.name, row.help);
    const auto options = std::make_shared<ProbeOptions>();
    command->add_option("ARGUMENTS", options->arguments, row.arguments)->type_name("");
    command->add_flag("--json", options->json, "One JSON object a line");
    command
        ->add_option("--timeout", options->timeout,
                     "Seconds to wait for a connection (else 2), and for the answer to an attempt, 0.001 to 300")
        ->check(CLI::Range(0.001, 300.0));
    add_trace_option(*command, options->trace);
    if (row.add != nullptr) row.add(*command, *options);
    command->callback([options, &code, run = row.run] { code = run(*options); });
  }
}

}  // namespace audit::cli
