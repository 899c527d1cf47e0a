#include "proto/ssh_ident.hpp"

#include <catch2/catch.hpp>

#include <random>

#include <fmt/format.h>

#include "splits.hpp"

using namespace audit;
using namespace audit::proto;
using Step = SshIdentReader::Step;

namespace {

std::string say(SshIdentReader& reader) {
  const Step step = reader.feed("");
  if (step == Step::need_more) return "need more";
  if (step == Step::failed) return fmt::format("{}: {}", name_of(reader.error().reason), reader.error().message);
  const SshIdent& ident = reader.ident();
  return fmt::format("{}|{}|{}{}{}", ident.protocol, ident.software, ident.comments, ident.ssh1 ? " ssh1" : "",
                     ident.ssh2 ? " ssh2" : "");
}

/// The outcome of `bytes`, after it is seen to be the same for every split of them.
std::string read(std::string_view bytes) {
  if (bytes.size() < 3000)
    if (std::string differing = test::differing_split(
            bytes, [] { return SshIdentReader(); }, say);
        !differing.empty())
      return differing;
  SshIdentReader reader;
  reader.feed(bytes);
  return say(reader);
}

}  // namespace

TEST_CASE("an SSH server's identification is taken apart") {
  CHECK(read("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n") == "2.0|OpenSSH_9.2p1|Debian-2+deb12u3 ssh2");
  CHECK(read("SSH-2.0-dropbear_2022.83\n") == "2.0|dropbear_2022.83| ssh2");
  CHECK(read("SSH-1.99-Cisco-1.25\n") == "1.99|Cisco-1.25| ssh1 ssh2");
  CHECK(read("SSH-1.5-1.2.27\n") == "1.5|1.2.27| ssh1");
  CHECK(read("SSH-2.0-\r\n") == "2.0|| ssh2");
  CHECK(read("SSH-2.0-a b c\r\n") == "2.0|a|b c ssh2");
}

TEST_CASE("the line itself is kept, and what follows is left alone") {
  SshIdentReader reader;
  CHECK(reader.feed("hello\r\nSSH-2.0-x\r\nSSH-1.5-y\r\n") == Step::done);
  CHECK(reader.ident().line == "SSH-2.0-x");
  CHECK(reader.taken() == 18);
}

TEST_CASE("lines before the identification are passed over") {
  CHECK(read("Welcome\r\n\r\nNot SSH-1.5-x\nSSH-2.0-x\r\n") == "2.0|x| ssh2");
  std::string lines;
  for (int i = 0; i < 63; ++i) lines += "a\n";
  CHECK(read(lines + "SSH-2.0-x\n") == "2.0|x| ssh2");
  CHECK(read(lines + "a\nSSH-2.0-x\n") == "protocol_error: no SSH identification in the first 64 lines");
}

TEST_CASE("the lines before the identification are kept, without their ends") {
  SshIdentReader reader;
  reader.feed("Welcome\r\n\r\nto\x1b\nSSH-2.0-x\r\n");
  CHECK(reader.lines_before() == std::vector<std::string>{"Welcome", "", "to\x1b"});
}

TEST_CASE("an identification has at most 255 bytes with its end") {
  const std::string longest = "SSH-2.0-" + std::string(245, 'x');
  CHECK(read(longest + "\r\n") == "2.0|" + std::string(245, 'x') + "| ssh2");
  CHECK(read(longest + "xx\r\n") == "protocol_error: the SSH identification is longer than 255 bytes");
  CHECK(read(longest + "xx") == "protocol_error: the SSH identification is longer than 255 bytes");
}

TEST_CASE("a banner without end is refused at the cap") {
  CHECK(read(std::string(9000, 'x')) == "protocol_error: no SSH identification in the first 8192 bytes");
  CHECK(read(std::string(8192, 'x')) == "need more");
}

TEST_CASE("what is no identification is refused with a text") {
  CHECK(read("SSH-\r\n") == "protocol_error: the SSH identification has no protocol and software version");
  CHECK(read("SSH-2.0\r\n") == "protocol_error: the SSH identification has no protocol and software version");
  CHECK(read("SSH--x\r\n") == "protocol_error: the SSH identification has no protocol and software version");
  CHECK(read(std::string_view("SSH-2.0-a\0b\r\n", 13)) ==
        "protocol_error: the SSH identification holds a control character");
  CHECK(read("SSH-2.0-\x1b[31m\r\n") == "protocol_error: the SSH identification holds a control character");
  CHECK(read("ssh-2.0-x\r\n") == "need more");
}

TEST_CASE("a server that closes early is an eof, and a cut line is not read") {
  SshIdentReader silent;
  CHECK(silent.end() == Step::failed);
  CHECK(silent.error().reason == Reason::eof);
  SshIdentReader cut;
  cut.feed("SSH-1.99-Cis");
  CHECK(cut.end() == Step::failed);
  CHECK(cut.error().message == "the server closed the connection within its SSH identification");
  SshIdentReader other;
  other.feed("220 ftp\r\n");
  CHECK(other.end() == Step::failed);
  CHECK(other.error().message.find("after 9 bytes") != std::string::npos);
}

TEST_CASE("a banner's identification is found, and nothing is guessed from a part of one") {
  CHECK(parse_ssh_ident("SSH-2.0-x\r\n\0\0\x01\x02")->software == "x");
  CHECK_FALSE(parse_ssh_ident("SSH-1.99-Cisco"));
  CHECK_FALSE(parse_ssh_ident(""));
  CHECK_FALSE(parse_ssh_ident("220 ftp.example\r\n"));
}

TEST_CASE("a mutated identification is read the same for every split") {
  const std::string honest = "hi\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
  std::mt19937 random(9);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = honest;
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    REQUIRE(read(bytes).find("is not") == std::string::npos);
  }
}
