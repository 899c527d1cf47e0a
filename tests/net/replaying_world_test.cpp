#include "net/replaying_world.hpp"

#include <catch2/catch.hpp>

#include "recorded_runs.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

const std::string host = "10.0.0.1";

ScriptedPort port_with(std::vector<ScriptStep> steps) {
  ScriptedPort port;
  port.steps = std::move(steps);
  return port;
}

awaitable<void> read_on(Stream& stream, Diary& diary, Duration patience, std::size_t most = 64) {
  std::vector<char> buffer(most);
  const std::span<char> room(buffer);
  while (true) {
    const Result<std::size_t> got = co_await stream.read_some(room, diary.world.now() + patience);
    diary.note(got ? "read " + std::string(buffer.data(), *got) : "read", got);
    if (!got) co_return;
  }
}

/// Connects, says each of `words`, and reads to the end, or as long as `patience` lasts.
Asking talk(std::uint16_t port, std::vector<std::string> words, Duration patience = 5s) {
  return [=](World& world, Diary& diary) -> awaitable<void> {
    const Permit permit = allow(host);
    Result<std::unique_ptr<Stream>> stream = co_await world.connect(tcp(host, port), permit, world.now() + 5s);
    diary.note("connect", stream);
    if (!stream) co_return;
    for (const std::string& word : words) {
      const Result<void> written = co_await (*stream)->write(word, world.now() + 5s);
      diary.note("write", written);
    }
    co_await read_on(**stream, diary, patience);
  };
}

Asking ask_udp(std::string words, Duration patience = 1s) {
  return [=](World& world, Diary& diary) -> awaitable<void> {
    const Permit permit = allow(host);
    Result<std::unique_ptr<Datagram>> socket = co_await world.open_datagram(udp(host, 53), permit, world.now() + 5s);
    diary.note("open", socket);
    if (!socket) co_return;
    diary.note("send", (*socket)->send(words));
    const Result<DatagramReply> reply = co_await (*socket)->receive(world.now() + patience);
    diary.note(reply ? reply->bytes : "receive", reply);
  };
}

Asking ping(std::size_t size = usual_echo) {
  return [=](World& world, Diary& diary) -> awaitable<void> {
    const Permit permit = allow(host);
    Result<std::unique_ptr<Echo>> echo = world.open_echo(ip(host), permit, size);
    diary.note("echo", echo);
    if (!echo) co_return;
    for (int i = 0; i < 2; ++i) {
      diary.note("send", (*echo)->send());
      const Result<EchoAnswer> answer = co_await (*echo)->receive(world.now() + 1s);
      diary.note(answer ? "answer " + std::to_string(answer->number) : "answer", answer);
    }
  };
}

Asking look_up(std::string name) {
  return [=](World& world, Diary& diary) -> awaitable<void> {
    const Result<std::vector<IpAddress>> found = co_await world.look_up(name, world.now() + 1s);
    diary.note(found ? format_address(found->front()) : "look-up", found);
  };
}

/// Asks a port, and again after each answer.
struct Asker final : PortSink {
  Asker(World& world_in, Diary& diary_in) : world(world_in), diary(diary_in), done(world_in.deadlines()) {}
  void answered(std::uint32_t token, const PortAnswer& answer) override {
    diary.note("port " + std::to_string(token) + " " + std::to_string(static_cast<int>(answer.event)));
    if (--left == 0) done.happen();
  }
  World& world;
  Diary& diary;
  Event done;
  int left = 0;
};

Asking probe(std::vector<std::uint16_t> ports, Duration patience = 1s) {
  return [=](World& world, Diary& diary) -> awaitable<void> {
    const Permit permit = allow(host);
    Asker asker(world, diary);
    asker.left = static_cast<int>(ports.size());
    for (const std::uint16_t port : ports)
      world.probe_port(asker, port, tcp(host, port), permit, world.now() + patience);
    co_await asker.done.wait(never);
  };
}

/// Sleeps a little, often.
Asking tick() {
  return [](World& world, Diary& diary) -> awaitable<void> {
    for (int i = 0; i < 30; ++i) {
      Sleeper sleeper(world.deadlines());
      co_await sleeper.sleep(world.now() + 1500us);
      diary.note("tick");
    }
  };
}

bool says(const std::vector<std::string>& lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

std::string last(const std::vector<std::string>& lines) { return lines.empty() ? "" : lines.back(); }

/// One of everything.
void furnish(ScriptedWorld& network) {
  network.host(ip(host));
  ScriptedPort shop = port_with({ScriptStep::say("220 hello\r\n", 3ms, 4), ScriptStep::expect("QUIT\r\n"),
                                 ScriptStep::say("221 bye\r\n", 7ms), ScriptStep::end()});
  network.port(tcp(host, 25), shop);
  network.port(tcp(host, 26), port_with({ScriptStep::hang()}));
  ScriptedPort silent;
  silent.event = PortEvent::silent;
  network.port(tcp(host, 99), silent);
  network.datagrams(udp(host, 53), [](std::string_view bytes) { return "re: " + std::string(bytes); });
  ScriptedEcho echo;
  echo.round_trip = 3ms;
  network.echoes(ip(host), echo);
  network.name("box", {ip(host)});
}

std::vector<Asking> everything() {
  return {talk(25, {"QUIT\r\n"}),
          talk(26, {"hello"}, 250ms),
          ask_udp("one"),
          ask_udp("two"),
          ping(),
          look_up("box"),
          look_up("nobody"),
          talk(24, {}),
          probe({25, 24, 99}),
          talk(25, {"QU", "IT\r\n"})};
}

}  // namespace

TEST_CASE("a replay tells the same at the same instants, whatever was asked side by side") {
  RecordedRun run;
  furnish(run.network());
  const std::vector<std::string> seen = run.record(everything());
  CHECK(seen.size() > 30);
  CHECK(says(seen, "read 220 "));
  CHECK(says(seen, "re: two ok"));
  CHECK(says(seen, "answer 1 ok"));
  CHECK(says(seen, "unresolved"));
  CHECK(says(seen, "refused"));
  CHECK(says(seen, "timeout"));
  CHECK(run.replay(everything()) == seen);
}

TEST_CASE("a run that was stopped is stopped at the same instant in its replay") {
  RecordedRun run;
  furnish(run.network());
  const std::vector<std::string> seen = run.record(everything(), 100ms);
  CHECK(says(seen, "stopped"));
  std::vector<Asking> same = everything();
  same.push_back([](World& inside, Diary&) -> awaitable<void> {
    Sleeper sleeper(inside.deadlines());
    co_await sleeper.sleep(inside.now() + 100ms);
  });
  CHECK(run.replay(same) == seen);
}

TEST_CASE("a conversation that nobody recorded is not_recorded, never closed or silent") {
  RecordedRun run;
  furnish(run.network());
  (void)run.record(everything());
  CHECK(last(run.replay({talk(80, {})})) ==
        "0 connect not_recorded: tcp/10.0.0.1:80: the transcript holds no connection with it");
  CHECK(says(run.replay({probe({80})}), "port 80 7"));
  CHECK(says(run.replay({look_up("other")}), "not_recorded"));
  CHECK(says(run.replay({ping(100)}), "not_recorded"));
  CHECK(says(run.replay({ask_udp("three")}), "send not_recorded"));
  RecordedRun other;
  furnish(other.network());
  (void)other.record({talk(25, {"QUIT\r\n"})});
  CHECK(says(other.replay({ask_udp("one")}), "open not_recorded"));
  CHECK(says(other.replay({ping()}), "not_recorded"));
  CHECK(says(other.replay({probe({25})}), "port 25 7"));
}

TEST_CASE("who says something else gets not_recorded from there on, and everybody else the same as before") {
  RecordedRun run;
  furnish(run.network());
  (void)run.record({talk(25, {"QUIT\r\n"})});
  const std::vector<std::string> departed = run.replay({talk(25, {"HELP\r\n"})});
  CHECK(says(departed, "connect ok"));
  CHECK(says(departed, "write not_recorded"));
  CHECK(says(departed, "read not_recorded"));
  const std::vector<std::string> both = run.replay({talk(25, {"HELP\r\n"}), talk(25, {"QUIT\r\n"})});
  CHECK(says(both, "write not_recorded"));
  CHECK(says(both, "read 221 bye"));
}

TEST_CASE("each of several conversations with one port finds its own, in whichever order they come") {
  RecordedRun run;
  run.network().host(ip(host));
  ScriptedPort port;
  port.steps = {ScriptStep::expect("A"), ScriptStep::say("first"), ScriptStep::end()};
  port.later = {{ScriptStep::expect("B"), ScriptStep::say("second"), ScriptStep::end()},
                {ScriptStep::expect("C"), ScriptStep::say("third"), ScriptStep::end()}};
  run.network().port(tcp(host, 7), port);
  (void)run.record({[](World& world, Diary& diary) -> awaitable<void> {
    for (const std::string word : {"A", "B", "C"}) {
      const Asking one = talk(7, {word});
      co_await one(world, diary);
    }
  }});
  const std::vector<std::string> seen = run.replay({talk(7, {"C"}), talk(7, {"B"}), talk(7, {"A"}), talk(7, {"B"})});
  for (const std::string_view text : {"read first", "read second", "read third"}) CHECK(says(seen, text));
  CHECK_FALSE(says(seen, "not_recorded"));
}

TEST_CASE("silence is known for as long as somebody listened, and no longer") {
  RecordedRun run;
  furnish(run.network());
  (void)run.record({talk(26, {"hello"}, 2s)});
  CHECK(says(run.replay({talk(26, {"hello"}, 1s)}), "read timeout"));
  CHECK_FALSE(says(run.replay({talk(26, {"hello"}, 1s)}), "not_recorded"));
  CHECK(says(run.replay({talk(26, {"hello"}, 2200ms)}), "read timeout"));
  CHECK(says(run.replay({talk(26, {"hello"}, 3s)}), "read not_recorded"));
}

TEST_CASE("what is read in smaller pieces is the same") {
  RecordedRun run;
  furnish(run.network());
  (void)run.record({talk(25, {"QUIT\r\n"})});
  const Asking slowly = [](World& world, Diary& diary) -> awaitable<void> {
    const Permit permit = allow(host);
    Result<std::unique_ptr<Stream>> stream = co_await world.connect(tcp(host, 25), permit, world.now() + 5s);
    REQUIRE(stream);
    for (const std::string word : {"Q", "UIT", "\r\n"}) {
      const Result<void> written = co_await (*stream)->write(word, world.now() + 5s);
      CHECK(written);
    }
    co_await read_on(**stream, diary, 5s, 1);
  };
  const std::vector<std::string> seen = run.replay({slowly});
  std::string all;
  for (const std::string& line : seen)
    if (line.ends_with(" ok")) all += line.substr(line.find("read ") + 5, 1);
  CHECK(all == "220 hello\r\n221 bye\r\n");
  CHECK(says(seen, "eof"));
}

TEST_CASE("TLS is one step: the same settings get the same session, one without an end too, others get nothing") {
  const std::string unfinished = GENERATE("", "certificate 1 of the 1 cannot be read");
  RecordedRun run;
  run.network().host(ip(host));
  TlsSession session;
  session.version = "TLSv1.3";
  session.chain = {"der"};
  session.unfinished = unfinished;
  run.network().port(tcp(host, 443),
                     port_with({ScriptStep::tls(session, 9ms), ScriptStep::say("secret"), ScriptStep::end()}));
  const auto secure = [](std::string name) {
    return [name](World& world, Diary& diary) -> awaitable<void> {
      const Permit permit = allow(host);
      Result<std::unique_ptr<Stream>> stream = co_await world.connect(tcp(host, 443), permit, world.now() + 5s);
      REQUIRE(stream);
      TlsSettings settings(name, TlsTrust());
      const Result<TlsSession> made = co_await (*stream)->start_tls(std::move(settings), world.now() + 5s);
      diary.note(
          made ? made->version + made->chain.front() + made->unfinished + std::to_string(made->handshake_time.count())
               : "tls",
          made);
      co_await read_on(**stream, diary, 5s);
    };
  };
  const std::vector<std::string> seen = run.record({secure("a.example")});
  CHECK(says(seen, "TLSv1.3der" + unfinished));
  CHECK(run.replay({secure("a.example")}) == seen);
  CHECK(says(run.replay({secure("b.example")}), "tls not_recorded"));
}

TEST_CASE("a secret is not in the records in any of its forms, and is in the replay") {
  const std::vector<std::string> forms = {"swordfish", "73776f726466697368", "c3dvcmRmaXNo"};
  RecordedRun run(forms);
  run.network().host(ip(host));
  run.network().port(tcp(host, 25),
                     port_with({ScriptStep::expect("sword"), ScriptStep::expect("fish"),
                                ScriptStep::say("you said swordfish, c3dvcmRmaXNo", 0ms, 3), ScriptStep::end()}));
  run.network().datagrams(udp(host, 53),
                          [](std::string_view bytes) { return std::string(bytes) + "73776f726466697368"; });
  const std::vector<Asking> askings = {talk(25, {"sword", "fish"}), ask_udp("swordfish")};
  const std::vector<std::string> seen = run.record(askings);
  for (const std::string& record : run.kept.records)
    for (const std::string& form : forms) CHECK(record.find(form) == std::string::npos);
  CHECK(run.replay(askings, forms) == seen);
  const std::vector<std::string> others = {"*********", "******************", "************"};
  const std::vector<std::string> masked = run.replay({talk(25, {"*****", "****"}), ask_udp("*********")}, others);
  CHECK_FALSE(says(masked, "not_recorded"));
  CHECK(says(masked, "*********"));
}

TEST_CASE("random bytes for one purpose are the same in the replay, whatever else is drawn") {
  const auto draw = [](bool another) {
    return [another](World& world, Diary& diary) -> awaitable<void> {
      std::array<std::uint8_t, 40> bytes{};
      if (another) world.random(bytes);
      world.random_for("dns", bytes);
      diary.note(std::string(bytes.begin(), bytes.end()));
      co_return;
    };
  };
  RecordedRun run;
  const std::vector<std::string> seen = run.record({draw(false)});
  CHECK(run.replay({draw(false)}) == seen);
  CHECK(run.replay({draw(true)}) == seen);
}

TEST_CASE("a run whose shard was late has the same instants in its replay") {
  RecordedRun run;
  furnish(run.network());
  ScriptedOutside& outside = *run.outside;
  outside.late_every = 3;
  std::vector<Asking> askings = everything();
  askings.push_back(tick());
  askings.push_back(tick());
  const std::vector<std::string> seen = run.record(askings);
  const auto moved = [](const std::string& record) {
    return std::holds_alternative<PutForward>(*decode_record(record));
  };
  CHECK(std::any_of(run.kept.records.begin(), run.kept.records.end(), moved));
  CHECK(run.replay(askings) == seen);
}

TEST_CASE("a record that was cut short anywhere, or has something behind it, is none") {
  RecordedRun run;
  furnish(run.network());
  (void)run.record(everything());
  for (const std::string& record : run.kept.records) {
    REQUIRE(decode_record(record));
    CHECK(encode(*decode_record(record)) == record);
    for (std::size_t size = 0; size < record.size(); ++size) REQUIRE_FALSE(decode_record(record.substr(0, size)));
    CHECK_FALSE(decode_record(record + "x"));
  }
}
