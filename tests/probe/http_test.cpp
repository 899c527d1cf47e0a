#include "browsing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

TEST_CASE("a second request of a check goes over the connection of the first") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET /a "), ScriptStep::say(answer_of("one")), ScriptStep::expect("GET /b "),
                     ScriptStep::say(answer_of("two"))});
  const Answer one = browsing.browse(80, {{"path", "/a"}});
  const Answer two = browsing.browse(80, {{"path", "/b"}});
  REQUIRE(one.outcome);
  REQUIRE(two.outcome);
  CHECK(text(one.fields, "body") == "one");
  CHECK(text(two.fields, "body") == "two");
  CHECK_FALSE(flag(one.fields, "reused"));
  CHECK(flag(two.fields, "reused"));
  CHECK(browsing.connects() == 1);
  CHECK(browsing.check.record().size() == 2);
  CHECK(one.observation->remote == two.observation->remote);
  CHECK(text(record_of(two), "request").starts_with("GET /b HTTP/1.1\r\n"));
  CHECK(text(record_of(one), "body") == "one");
  CHECK(browsing.services.counters.sent == 2);
  CHECK(two.observation->attempts == 1);
}

TEST_CASE("no connection outlives its check, and another check has its own") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")), ScriptStep::hang()});
  {
    Context first(browsing.target, browsing.deadline);
    CHECK(browsing.browse(80, {}, &first).outcome);
  }
  CHECK_FALSE(flag(browsing.browse(80).fields, "reused"));
  CHECK(browsing.connects() == 2);
}

TEST_CASE("a kept connection that the server closed is asked again on a fresh one, which is counted") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")), ScriptStep::end()});
  REQUIRE(browsing.browse(80).outcome);
  const Answer again = browsing.browse(80);
  REQUIRE(again.outcome);
  CHECK_FALSE(flag(again.fields, "reused"));
  CHECK(again.observation->attempts == 2);
  CHECK(browsing.connects() == 2);
  REQUIRE(browsing.check.record().size() == 3);
  CHECK(browsing.check.record()[1]->reason == Reason::eof);
}

TEST_CASE("what a server says before it closes a kept connection is its answer: it is not asked again") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")), ScriptStep::expect("\r\n\r\n"),
                     ScriptStep::say("HTTP/1.1 200"), ScriptStep::reset()});
  REQUIRE(browsing.browse(80).outcome);
  CHECK(browsing.reason(browsing.browse(80)) == Reason::reset);
  CHECK(browsing.connects() == 1);
}

TEST_CASE("what a server says unasked on a kept connection is not taken for an answer") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")),
                     ScriptStep::say("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"), ScriptStep::hang()});
  REQUIRE(browsing.browse(80).outcome);
  const Answer again = browsing.browse(80);
  REQUIRE(again.outcome);
  CHECK(number(again.fields, "status") == 200);
  CHECK_FALSE(flag(again.fields, "reused"));
  CHECK(again.observation->attempts == 1);
  CHECK(browsing.connects() == 2);
}

TEST_CASE("a request that must not be sent twice takes a connection of its own") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")), ScriptStep::hang()});
  REQUIRE(browsing.browse(80).outcome);
  CHECK_FALSE(flag(browsing.browse(80, {{"method", "POST"}, {"body", "a=b"}}).fields, "reused"));
  CHECK(browsing.connects() == 2);
}

TEST_CASE("a connection is kept only where the answer's end is sure and nobody wants it closed") {
  const std::string close = answer_of("x", "Connection: close\r\n");
  const std::string longer = answer_of("x") + "HTTP/1.1 200 OK\r\n";
  for (const std::string& said : {close, longer}) {
    Browsing browsing;
    browsing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(said), ScriptStep::hang()});
    CHECK(browsing.browse(80).outcome);
    CHECK_FALSE(flag(browsing.browse(80).fields, "reused"));
  }
  Browsing asking;
  asking.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")), ScriptStep::hang()});
  Value::Object headers;
  headers["connection"] = "close";
  CHECK(asking.browse(80, {{"headers", headers}}).outcome);
  CHECK_FALSE(flag(asking.browse(80).fields, "reused"));
  Browsing cut;
  cut.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("long")), ScriptStep::hang()});
  CHECK(flag(cut.browse(80, {{"max_body", 2}}).fields, "body_truncated"));
  CHECK_FALSE(flag(cut.browse(80).fields, "reused"));
}

TEST_CASE("a kept connection stands in nobody's way") {
  TargetLimits limits;
  limits.per_target = 1;
  Probing probing({"10.0.0.1"}, limits);
  probing.peer(80, {ScriptStep::expect("\r\n\r\n"), ScriptStep::say(answer_of("x")), ScriptStep::hang()});
  probing.peer(81, {ScriptStep::say("hello")});
  Context check(probing.target, probing.in(1h));
  for (const char* word : {"http", "banner", "http"}) {
    Question question;
    question.endpoints = probing.target.endpoints(word[0] == 'h' ? 80 : 81, Transport::tcp);
    Answer answer;
    auto task = [&]() -> awaitable<void> { answer = co_await find_word(word)->ask(check, std::move(question)); };
    play(probing.world, task);
    REQUIRE(answer.outcome);
  }
  CHECK(probing.world.now() < Instant(1h) + 10s);
}

TEST_CASE("443 is asked over TLS, with the name of its host, and the answer says what the handshake was") {
  Browsing browsing;
  TlsSession session;
  session.version = "TLSv1.3";
  session.cipher_iana = "TLS_AES_128_GCM_SHA256";
  session.checked = true;
  session.verify_reason = "self-signed certificate";
  browsing.peer(443, {ScriptStep::tls(session), ScriptStep::expect("GET / HTTP/1.1\r\nHost: a.example\r\n"),
                      ScriptStep::say(answer_of("one")), ScriptStep::expect("GET"), ScriptStep::say(answer_of("two"))});
  for (const char* body : {"one", "two"}) {
    const Answer answer = browsing.browse(443, {{"host", "a.example"}});
    REQUIRE(answer.outcome);
    CHECK(text(answer.fields, "body") == body);
    CHECK(text(answer.fields, "url") == "https://a.example/");
    const auto& tls = *answer.fields.at("tls").get_if<Value::Object>();
    CHECK(text(tls, "version") == "TLSv1.3");
    CHECK_FALSE(flag(tls, "verified"));
    CHECK(record_of(answer).contains("tls"));
  }
  REQUIRE(browsing.world.handshakes().size() == 1);
  CHECK(browsing.world.handshakes().front().settings.server_name == "a.example");
  CHECK(browsing.world.handshakes().front().settings.alpn == std::vector<std::string>{"http/1.1"});

  browsing.peer(8443, {ScriptStep::tls(Error(Reason::tls_error, "no shared cipher"))});
  CHECK(browsing.reason(browsing.browse(8443)) == Reason::tls_error);
  CHECK(browsing.check.record().back()->reason == Reason::tls_error);
}

TEST_CASE("TLS is spoken where it is asked for, and only there") {
  Browsing browsing;
  browsing.peer(443, {ScriptStep::expect("GET / HTTP/1.1\r\nHost: 10.0.0.1:443\r\n"), ScriptStep::say(answer_of("x"))});
  CHECK(text(browsing.browse(443, {{"tls", false}}).fields, "url") == "http://10.0.0.1:443/");
  browsing.peer(4430, {ScriptStep::tls(TlsSession()), ScriptStep::expect("Host: 10.0.0.1:4430\r\n"),
                       ScriptStep::say(answer_of("x"))});
  CHECK(text(browsing.browse(4430, {{"tls", true}, {"server_name", "sni.example"}}).fields, "url") ==
        "https://10.0.0.1:4430/");
  CHECK(browsing.world.handshakes().back().settings.server_name == "sni.example");
}

TEST_CASE("mistakes in the options are the rule's, and ask nobody") {
  Browsing browsing;
  for (const Value::Object& options :
       {Value::Object{{"redirects", 11}}, Value::Object{{"tls", "yes"}}, Value::Object{{"max_body", -1}},
        Value::Object{{"path", "/a b"}}, Value::Object{{"method", ""}}, Value::Object{{"follow", 1}},
        Value::Object{{"headers", Value::Object{{"A", 1}}}},
        Value::Object{{"headers", Value::Object{{"A", "b\r\nC: d"}}}}}) {
    CHECK(browsing.reason(browsing.browse(80, options)) == Reason::rule_error);
  }
  CHECK(browsing.world.sent().empty());
}

TEST_CASE("a body that trickles ends at the deadline of the whole exchange") {
  Browsing browsing;
  std::vector<ScriptStep> steps{ScriptStep::expect("GET"), ScriptStep::say("HTTP/1.1 200 OK\r\n\r\n")};
  for (int i = 0; i < 100; ++i) steps.push_back(ScriptStep::say("x", 1s));
  browsing.peer(80, steps);
  const Instant began = browsing.world.now();
  CHECK(browsing.reason(browsing.browse(80, {{"timeout", 5}})) == Reason::timeout);
  CHECK(browsing.world.now() - began <= 6s);
}

TEST_CASE("a credential is sent as Basic, and nobody but the server sees it") {
  Probing probing;
  const auto with_groups = [](std::vector<std::string> groups) {
    Grant grant;
    grant.groups = std::move(groups);
    grant.cleartext = true;
    return grant;
  };
  const auto credentials = std::make_shared<Credentials>();
  credentials->add("web", std::string("Aladdin:open sesame"), with_groups({"portals"}));
  credentials->add("unset", Error(Reason::missing_credential, "is not set"), {});
  credentials->add("odd", std::string("no colon"), {});
  credentials->add("hidden", std::string("Aladdin:open sesame"), {});
  probing.identity.credentials = credentials;
  TargetLimits limits;
  limits.groups = {"portals"};
  Target portal(probing.services, "portal", "", Probing::permit_of({"10.0.0.1"}), limits);
  Target other(probing.services, "other", "", Probing::permit_of({"10.0.0.1"}), TargetLimits());
  const std::string encoded = "QWxhZGRpbjpvcGVuIHNlc2FtZQ==";  // RFC 7617 2
  const std::string echo = "X: Authorization: Basic " + encoded + "\r\n";
  const std::string body = "open sesame, Aladdin:open sesame, " + encoded + ", Aladdin:open ses";
  probing.peer(
      80, {ScriptStep::expect("Authorization: Basic " + encoded + "\r\n"), ScriptStep::say(answer_of(body, echo))});
  probing.peer(81, {ScriptStep::expect(encoded), ScriptStep::say("garbage " + echo + body)});
  const auto ask = [&](Target& target, std::uint16_t port, const char* name, std::shared_ptr<Observation>& seen) {
    Context context(target, probing.in(1h));
    Question question;
    question.endpoints = target.endpoints(port, Transport::tcp);
    question.options = {{"auth", name}};
    Answer answer;
    auto task = [&]() -> awaitable<void> { answer = co_await find_word("http")->ask(context, std::move(question)); };
    play(probing.world, task);
    seen = context.record().front();
    return answer;
  };
  const auto leaks = [&](const Value& value, const auto& self) -> bool {
    if (const auto* said = value.get_if<std::string>())
      return said->find("sesame") != std::string::npos || said->find("open ses") != std::string::npos ||
             said->find("QWxhZGRp") != std::string::npos;
    if (const auto* object = value.get_if<Value::Object>())
      return std::ranges::any_of(*object, [&](const auto& item) { return self(item.second, self); });
    const auto* array = value.get_if<Value::Array>();
    return array != nullptr && std::ranges::any_of(*array, [&](const auto& item) { return self(item, self); });
  };
  std::shared_ptr<Observation> seen;
  const Answer answer = ask(portal, 80, "web", seen);
  REQUIRE(answer.outcome);
  CHECK(text(record_of(answer), "request").find("Authorization: (credential web)\r\n") != std::string::npos);
  CHECK_FALSE(leaks(answer.fields, leaks));
  CHECK_FALSE(leaks(seen->fields, leaks));
  const Answer broken = ask(portal, 81, "web", seen);
  CHECK(probing.reason(broken) == Reason::protocol_error);
  CHECK(text(*seen->fields.get_if<Value::Object>(), "received").starts_with("garbage X: Authorization: Basic ("));
  CHECK_FALSE(leaks(seen->fields, leaks));
  const auto before = probing.world.sent().size();
  for (const auto& [target, name] : {std::pair(&other, "web"), std::pair(&portal, "unset"), std::pair(&portal, "none"),
                                     std::pair(&portal, "odd"), std::pair(&portal, "hidden")}) {
    const Answer refused = ask(*target, 80, name, seen);
    CHECK(probing.reason(refused) == Reason::missing_credential);
    CHECK(refused.outcome.error().message.find(std::string("credential `") + name + "`") == 0);
    CHECK_FALSE(leaks(refused.outcome.error().message, leaks));
  }
  CHECK(probing.world.sent().size() == before);
}

TEST_CASE("a credential waits for the certificate, and goes to no server that it does not prove") {
  const auto asked = [](bool verified, bool unverified) {
    Browsing browsing;
    Grant grant;
    grant.unverified = unverified;
    const auto credentials = std::make_shared<Credentials>();
    credentials->add("web", std::string("Aladdin:open sesame"), grant, "inv.toml:3:1");
    browsing.identity.credentials = credentials;
    TlsSession session;
    session.name = "10.0.0.1";
    session.checked = session.name_matches = true;
    session.verified = verified;
    session.verify_reason = verified ? "" : "self-signed certificate";
    browsing.peer(443,
                  {ScriptStep::tls(session), ScriptStep::expect("Authorization"), ScriptStep::say(answer_of("in"))});
    const Answer answer = browsing.browse(443, {{"auth", "web"}});
    const bool gone = browsing.sent().find("QWxhZGRp") != std::string::npos;
    CHECK(gone == answer.outcome.ok());
    if (answer.outcome) return std::string("sent");
    CHECK(browsing.reason(answer) == Reason::missing_credential);
    CHECK(record_of(answer).contains("tls"));  // what was seen of the server stays on record
    return answer.outcome.error().message;
  };
  CHECK(asked(true, false) == "sent");
  CHECK(asked(false, true) == "sent");
  const std::string why = asked(false, false);
  CHECK(why.starts_with("credential `web` (inv.toml:3:1) would go to whoever answers at tcp/10.0.0.1:443"));
  CHECK(why.find("self-signed certificate") != std::string::npos);
}
