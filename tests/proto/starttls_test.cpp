#include "proto/starttls.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "base/text.hpp"

using namespace audit;
using namespace audit::proto;
using namespace std::string_view_literals;
using Kind = StarttlsStep::Kind;

namespace {

/// A conversation as text: what was said, and how it ended. A server's answers come one after the other, each only when
/// something was said or at the start; `size` bytes at a time.
std::string talk(std::string_view protocol, const std::vector<std::string_view>& answers, std::size_t size) {
  REQUIRE(find_starttls(protocol) != nullptr);
  Starttls machine(*find_starttls(protocol), StarttlsNames("scan.example", "im.example"));
  std::string told;
  const auto listen = [&](StarttlsStep step) {
    while (step.kind == Kind::say) {
      told += "> " + visible(step.say) + " ";
      step = machine.feed("");
    }
    return step;
  };
  StarttlsStep step = listen(machine.feed(""));
  for (const std::string_view answer : answers)
    for (std::size_t at = 0; at < answer.size(); at += size) step = listen(machine.feed(answer.substr(at, size)));
  if (step.kind == Kind::need_more) return told + "need more";
  if (step.kind == Kind::ready) return told + "ready";
  return told + fmt::format("{}: {}", name_of(step.error.reason), step.error.message);
}

/// The same however the answers are cut.
std::string talk(std::string_view protocol, const std::vector<std::string_view>& answers) {
  const std::string whole = talk(protocol, answers, 100'000);
  CHECK(talk(protocol, answers, 1) == whole);
  CHECK(talk(protocol, answers, 7) == whole);
  return whole;
}

std::string mysql_greeting(char capabilities_high) {
  std::string packet(
      "\x0a"
      "8.0.36\0"
      "\1\0\0\0"
      "12345678\0"sv);
  packet += '\xff';
  packet += capabilities_high;
  packet += std::string(30, 'x');
  std::string whole{static_cast<char>(packet.size()), '\0', '\0', '\0'};
  return whole + packet;
}

}  // namespace

TEST_CASE("SMTP is led to the go-ahead") {
  CHECK(talk("smtp", {"220-mx.example\r\n220 ESMTP\r\n", "250-mx\r\n250-PIPELINING\r\n250-starttls\r\n250 HELP\r\n",
                      "220 2.0.0 Ready to start TLS\r\n"}) == "> EHLO scan.example\\r\\n > STARTTLS\\r\\n ready");
  CHECK(talk("smtp", {"220 mx\n", "250 STARTTLS\n"}) == "> EHLO scan.example\\r\\n > STARTTLS\\r\\n need more");
}

TEST_CASE("an SMTP server that offers no STARTTLS, or refuses it, is a tls_error") {
  CHECK(talk("smtp", {"220 mx\r\n", "250-mx\r\n250-XSTARTTLS\r\n250 STARTTLS-NOT\r\n"}) ==
        "> EHLO scan.example\\r\\n tls_error: STARTTLS over smtp: the server does not offer STARTTLS");
  CHECK(talk("smtp", {"220 mx\r\n", "250 STARTTLS\r\n", "454 4.7.0 not now\x1b[31m\r\n"}) ==
        "> EHLO scan.example\\r\\n > STARTTLS\\r\\n tls_error: STARTTLS over smtp: the server refuses STARTTLS: "
        "454 4.7.0 not now\\x1b[31m");
  CHECK(talk("smtp", {"554 go away\r\n"}) ==
        "tls_error: STARTTLS over smtp: the server greets with a refusal: 554 go away");
  CHECK(talk("smtp", {"220 mx\r\n", "502 what\r\n"}) ==
        "> EHLO scan.example\\r\\n tls_error: STARTTLS over smtp: the server refuses EHLO: 502 what");
}

TEST_CASE("a server of another kind is a protocol_error that shows what it said") {
  CHECK(talk("smtp", {"SSH-2.0-OpenSSH_9.2\r\n"}) ==
        "protocol_error: STARTTLS over smtp: an SMTP reply was expected, and this came: SSH-2.0-OpenSSH_9.2");
  CHECK(talk("imap", {"220 mx\r\n"}) ==
        "protocol_error: STARTTLS over imap: an IMAP reply was expected, and this came: 220 mx");
  CHECK(talk("pop3", {"* OK\r\n"}) ==
        "protocol_error: STARTTLS over pop3: a POP3 reply was expected, and this came: * OK");
  CHECK(talk("ftp", {"hello\r\n"}) ==
        "protocol_error: STARTTLS over ftp: an FTP reply was expected, and this came: hello");
  CHECK(talk("postgres", {"H"}).find("protocol_error: STARTTLS over postgres: S or N was expected, and this came: H") !=
        std::string::npos);
  CHECK(talk("xmpp", {"HTTP/1.1 400\r\n"}, 100).find("an XMPP stream was expected, and this came: HTTP/1.1 400") !=
        std::string::npos);
  CHECK(talk("ldap", {"220 hello"}, 100).find("an LDAP message was expected, and this came: 220 hello") !=
        std::string::npos);
  CHECK(talk("mysql", {"SSH-2.0-x\r\n"}, 100).find("a MySQL handshake was expected, and this came: SSH-2.0-x") !=
        std::string::npos);
}

TEST_CASE("clear text behind the go-ahead is an error that says so") {
  const std::string injected = talk("smtp", {"220 mx\r\n", "250 STARTTLS\r\n", "220 go\r\n250 evil\r\n"}, 1'000);
  CHECK(injected.find("protocol_error: STARTTLS over smtp: clear text came behind the go-ahead for TLS") !=
        std::string::npos);
  CHECK(injected.find("CVE-2011-0411") != std::string::npos);
  CHECK(injected.ends_with("250 evil\\r\\n"));
  CHECK(talk("smtp", {"220 mx\r\n", "250 STARTTLS\r\n", "220 go\r\n250 evil\r\n"}, 1).find("CVE-2011-0411") !=
        std::string::npos);
  CHECK(talk("postgres", {"Sx"}).find("CVE-2011-0411") != std::string::npos);
  CHECK(talk("mysql", {mysql_greeting('\xff') + "more"}, 1'000).find("CVE-2011-0411") != std::string::npos);
  CHECK(talk("imap", {"* OK\r\n", "a1 OK\r\n* BYE\r\n"}, 1).find("CVE-2011-0411") != std::string::npos);
  CHECK(talk("pop3", {"+OK\r\n", "+OK\r\n+"}).find("CVE-2011-0411") != std::string::npos);
  CHECK(talk("ftp", {"220 a\r\n", "234 b\r\n "}).find("CVE-2011-0411") != std::string::npos);
}

TEST_CASE("IMAP is led to the go-ahead") {
  CHECK(talk("imap", {"* OK [CAPABILITY IMAP4rev1] ready\r\n", "* 1 EXISTS\r\na1 ok Begin\r\n"}) ==
        "> a1 STARTTLS\\r\\n ready");
  CHECK(talk("imap", {"* OK\r\n", "a1 BAD unknown\r\n"}) ==
        "> a1 STARTTLS\\r\\n tls_error: STARTTLS over imap: the server refuses STARTTLS: a1 BAD unknown");
  CHECK(talk("imap", {"* PREAUTH\r\n"}).starts_with("tls_error"));
  CHECK(talk("imap", {"* BYE\r\n"}).starts_with("tls_error"));
  CHECK(talk("imap", {"* OK\r\n", "a2 OK\r\n"}).find("protocol_error") != std::string::npos);
}

TEST_CASE("POP3 and FTP are led to the go-ahead") {
  CHECK(talk("pop3", {"+OK ready\r\n", "+OK go\r\n"}) == "> STLS\\r\\n ready");
  CHECK(talk("pop3", {"+OK\r\n", "-ERR no\r\n"}) ==
        "> STLS\\r\\n tls_error: STARTTLS over pop3: the server refuses STLS: -ERR no");
  CHECK(talk("ftp", {"120 wait\r\n220-Welcome\r\n 123 free text\r\n220 go\r\n", "234 go\r\n"}) ==
        "> AUTH TLS\\r\\n ready");
  CHECK(talk("ftp", {"220 x\r\n", "530 Please login\r\n"}) ==
        "> AUTH TLS\\r\\n tls_error: STARTTLS over ftp: the server refuses AUTH TLS: 530 Please login");
}

TEST_CASE("LDAP is led to the go-ahead by its extended operation") {
  const std::string asked = "> 0\\x1d\\x02\\x01\\x01w\\x18\\x80\\x161.3.6.1.4.1.1466.20037 ";
  CHECK(talk("ldap", {"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"sv}) == asked + "ready");
  CHECK(talk("ldap", {"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00"sv}) ==
        asked + "ready");
  CHECK(talk("ldap", {"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x02\x04\x00\x04\x02no"sv}) ==
        asked + "tls_error: STARTTLS over ldap: the server refuses StartTLS with result 2: no");
  CHECK(talk("ldap", {"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00"sv})
            .find("the server disconnects with result 52") != std::string::npos);
  CHECK(talk("ldap", {"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"sv}).find("protocol_error") !=
        std::string::npos);
  CHECK(talk("ldap", {"\x30\x84\xff\xff\xff\xff"sv}).find("protocol_error") != std::string::npos);
  CHECK(talk("ldap", {"\x30\x80"sv}).find("protocol_error") != std::string::npos);
  CHECK(talk("ldap", {"\x30\x84\x00\x00"sv}) == asked + "need more");
}

TEST_CASE("PostgreSQL and MySQL are led to the go-ahead") {
  CHECK(talk("postgres", {"S"}) == "> \\x00\\x00\\x00\\x08\\x04\\xd2\\x16/ ready");
  CHECK(talk("postgres", {"N"}).find("tls_error: STARTTLS over postgres: the server does not offer TLS") !=
        std::string::npos);
  CHECK(talk("postgres", {"E"}).find("tls_error") != std::string::npos);
  const std::string answer = talk("mysql", {mysql_greeting('\xff')});
  CHECK(answer.starts_with("> \\x20\\x00\\x00\\x01") == false);  // a space is printable
  CHECK(answer.starts_with(">  \\x00\\x00\\x01\\x00\\x8a\\x00\\x00"));
  CHECK(answer.ends_with("ready"));
  CHECK(talk("mysql", {mysql_greeting('\xf7')}) == "tls_error: STARTTLS over mysql: the server does not offer TLS");
  CHECK(talk("mysql", {"\x0e\0\0\0\xff\x6a\x04host blocked"sv}) ==
        "tls_error: STARTTLS over mysql: the server greets with a refusal: host blocke");
  CHECK(talk("mysql", {"\x03\0\0\0\x0a"
                       "ab"sv})
            .starts_with("protocol_error"));
  CHECK(talk("mysql", {"\x03\0\0\0\x09"
                       "a\0"sv})
            .starts_with("protocol_error"));
}

TEST_CASE("XMPP is led to the go-ahead") {
  const std::string hello =
      "> <?xml version='1.0'?><stream:stream to='im.example' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'> ";
  const std::string asked = hello + "> <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/> ";
  constexpr std::string_view opened = "<?xml version=\"1.0\"?><stream:stream id='a>b' from=\"im.example\">";
  constexpr std::string_view features =
      "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
  CHECK(talk("xmpp", {opened, features, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"}) == asked + "ready");
  CHECK(talk("xmpp", {opened, features, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>"}) ==
        asked + "ready");
  CHECK(talk("xmpp", {opened, features, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"}).find("tls_error") !=
        std::string::npos);
  CHECK(talk("xmpp", {opened, "<stream:features/>"}) ==
        hello + "tls_error: STARTTLS over xmpp: the server does not offer STARTTLS");
  CHECK(talk("xmpp", {opened, "<stream:error><host-unknown xmlns='x'/>"}) ==
        hello + "tls_error: STARTTLS over xmpp: the server refuses the stream: host-unknown");
  CHECK(talk("xmpp-server", {}).find("xmlns='jabber:server'") != std::string::npos);
}

TEST_CASE("a server that talks on and on is given up at the cap, one that closes is an eof") {
  CHECK(talk("smtp", {std::string(20'000, 'x')}) ==
        "protocol_error: STARTTLS over smtp: no go-ahead in the first 16384 bytes");
  std::string lines;
  for (int i = 0; i < 5'000; ++i) lines += "220-\r\n";
  CHECK(talk("smtp", {lines}).find("in the first 16384 bytes") != std::string::npos);
  Starttls silent(*find_starttls("imap"), StarttlsNames("", ""));
  CHECK(silent.end().error.message == "STARTTLS over imap: the server closed the connection without a word");
  Starttls cut(*find_starttls("imap"), StarttlsNames("", ""));
  CHECK(cut.feed("* O").kind == Kind::need_more);
  CHECK(cut.end().error.reason == Reason::eof);
  CHECK(cut.feed("K\r\n").kind == Kind::failed);
}

TEST_CASE("a name cannot smuggle a line or markup into what is said") {
  const StarttlsNames names("a\r\nRCPT TO:<x>", "x' y=\"<z>");
  CHECK(names.ours == "aRCPTTO:x");
  CHECK(names.theirs == "xyz");
  CHECK(StarttlsNames("\r\n", "").ours == "audit.invalid");
}

TEST_CASE("the usual port names the protocol, and a port of TLS none") {
  const auto name = [](std::uint16_t port) {
    const StarttlsProtocol* protocol = usual_starttls(port);
    return protocol == nullptr ? std::string_view() : protocol->name;
  };
  CHECK(name(25) == "smtp");
  CHECK(name(587) == "smtp");
  CHECK(name(143) == "imap");
  CHECK(name(110) == "pop3");
  CHECK(name(21) == "ftp");
  CHECK(name(389) == "ldap");
  CHECK(name(5432) == "postgres");
  CHECK(name(3306) == "mysql");
  CHECK(name(5222) == "xmpp");
  for (const int port : {443, 465, 993, 995, 636, 990, 5223}) CHECK(name(static_cast<std::uint16_t>(port)).empty());
  CHECK(find_starttls("gopher") == nullptr);
}
