#include <catch2/catch.hpp>

#include "net/reader.hpp"
#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

/// Says HELO, hears the go-ahead, begins TLS with `name`, reads a line: what came of it.
std::string talk(Stage& stage, const std::string& name) {
  std::string seen;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    REQUIRE(stream);
    const Result<void> written = co_await (*stream)->write("STARTTLS\r\n", stage.in(1s));
    seen = written ? "" : "not heard: ";
    TlsSettings settings(name, TlsTrust());
    const Result<TlsSession> session = co_await (*stream)->start_tls(std::move(settings), stage.in(5s));
    if (!session) {
      seen += name_of(session.error().reason);
      co_return;
    }
    seen = session->version + " in " + format_duration(session->handshake_time);
    Reader reader(**stream);
    const Result<std::string> line = co_await reader.read_line(100, stage.in(1s));
    seen += line ? " then " + *line : " then " + std::string(name_of(line.error().reason));
  };
  play(stage.world, task);
  return seen;
}

TlsSession session_of(const std::string& version) {
  TlsSession session;
  session.version = version;
  return session;
}

}  // namespace

TEST_CASE("a scripted peer answers a TLS handshake and speaks on in plain text") {
  Stage stage;
  stage.peer(25, {ScriptStep::expect("STARTTLS\r\n"), ScriptStep::tls(session_of("TLSv1.2"), 20ms),
                  ScriptStep::say("hello\n")});
  CHECK(talk(stage, "mail.example") == "TLSv1.2 in 20ms then hello");
  REQUIRE(stage.world.handshakes().size() == 1);
  CHECK(stage.world.handshakes()[0].settings.server_name == "mail.example");
  CHECK(stage.world.handshakes()[0].to == tcp("10.0.0.1", 25));
}

TEST_CASE("a scripted handshake ends as its script says") {
  const auto ended = [](ScriptStep step) {
    Stage stage;
    stage.peer(25, {std::move(step)});
    return talk(stage, "");
  };
  CHECK(ended(ScriptStep::tls(Error(Reason::tls_error, "alert"))) == "tls_error");
  CHECK(ended(ScriptStep::tls(session_of("TLSv1.3"), 1min)) == "timeout");
  CHECK(ended(ScriptStep::hang()) == "timeout");
  CHECK(ended(ScriptStep::end()) == "eof");
  CHECK(ended(ScriptStep::reset()) == "not heard: reset");
  CHECK(ended(ScriptStep::say("220 hello\r\n")) == "tls_error");
  CHECK(ended(ScriptStep::expect("QUIT")) == "timeout");
}
