#include "probe/words.hpp"

#include "probe/banner.hpp"
#include "probe/dns.hpp"
#include "probe/http.hpp"
#include "probe/http_options.hpp"
#include "probe/ping.hpp"
#include "probe/port.hpp"
#include "probe/ssh.hpp"
#include "probe/tls.hpp"
#include "probe/tls_accepts.hpp"
#include "probe/udp.hpp"

namespace audit::probe {

const std::vector<Word>& words() {
  static const std::vector<Word> table{
      {"port", Argument::tcp_port, "is this TCP port open, closed or filtered?", ask_port, Safety::connect},
      {"banner", Argument::tcp_port, "what does the service say first?", ask_banner},
      {"udp", Argument::udp_port, "what does the service reply to these bytes?", ask_udp},
      {"ping", Argument::host, "does the host answer, and how quickly?", ask_ping, Safety::connect},
      {"dns", Argument::name, "what does the DNS say of this name?", ask_dns, Safety::connect, nullptr, dns_speaks},
      {"tls", Argument::tcp_port, "what does a TLS handshake show, the certificates above all?", ask_tls},
      {"http", Argument::tcp_port, "what does the web server answer to one request?", ask_http, Safety::normal,
       why_http_is_intrusive},
      {"ssh", Argument::tcp_port, "what does the SSH server offer, and which host keys has it?", ask_ssh},
      {"tls_accepts", Argument::tcp_port, "which versions, suites and groups does the TLS server accept?",
       ask_tls_accepts, Safety::intrusive},
  };
  return table;
}

const Word* find_word(std::string_view name) {
  for (const Word& word : words())
    if (word.name == name) return &word;
  return nullptr;
}

}  // namespace audit::probe
