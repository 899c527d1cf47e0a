#include "proto/dns_tcp.hpp"

#include <catch2/catch.hpp>

using namespace audit;
using namespace audit::proto;
using Step = DnsTcpReader::Step;

TEST_CASE("messages are cut from a stream, however it is split") {
  const std::string first(12, 'a');
  const std::string second(300, 'b');
  const std::string stream = frame_dns_tcp(first) + frame_dns_tcp(second);
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    DnsTcpReader reader;
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < stream.size();) {
      const Step step = reader.feed(std::string_view(stream).substr(at, size));
      REQUIRE(step != Step::failed);
      REQUIRE(reader.taken() > 0);
      at += reader.taken();
      if (step == Step::message) messages.push_back(reader.message());
    }
    REQUIRE(messages == std::vector<std::string>{first, second});
  }
}

TEST_CASE("a length below the header's is an error, the longest is read") {
  DnsTcpReader reader;
  CHECK(reader.feed(std::string_view("\0\x0b", 2)) == Step::failed);
  CHECK(reader.error().reason == Reason::protocol_error);
  CHECK(reader.feed("more") == Step::failed);
  DnsTcpReader longest;
  CHECK(longest.feed("\xff\xff") == Step::need_more);
  CHECK(longest.feed(std::string(70000, 'x')) == Step::message);
  CHECK(longest.taken() == 65535);
  CHECK(longest.message().size() == 65535);
}

TEST_CASE("a server that closes early is an eof") {
  DnsTcpReader silent;
  CHECK(silent.end() == Step::failed);
  CHECK(silent.error().reason == Reason::eof);
  DnsTcpReader cut;
  cut.feed(
      std::string_view("\0\x0c"
                       "abc",
                       5));
  CHECK(cut.end() == Step::failed);
  CHECK(cut.error().message == "the server closed after 3 of 12 bytes of its DNS message");
}
