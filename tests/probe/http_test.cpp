#include "probe/conversation.hpp"
#include "probing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

std::string answer_of(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string redirect_to(const std::string& location, int status = 302) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

/// Asks `http` several times within one check.
struct Browsing : Probing {
  Browsing() : Probing(), check(target, deadline) {}

  Answer browse(std::uint16_t port, Value::Object options = {}, Context* in = nullptr) {
    Question question;
    question.endpoints = target.endpoints(port, Transport::tcp);
    question.subject = "tcp/" + std::to_string(port);
    question.options = std::move(options);
    Answer answer;
    Context& asking = in != nullptr ? *in : check;
    auto task = [&]() -> awaitable<void> { answer = co_await find_word("http")->ask(asking, std::move(question)); };
    play(world, task);
    return answer;
  }
  [[nodiscard]] std::ptrdiff_t connects() const {
    return std::count_if(world.sent().begin(), world.sent().end(), [](const auto& sent) { return sent.bytes.empty(); });
  }
  [[nodiscard]] std::string sent() const {
    std::string all;
    for (const auto& sent : world.sent()) all += sent.bytes;
    return all;
  }

  Context check;
};

bool flag(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  REQUIRE(found != fields.end());
  return *found->second.get_if<bool>();
}

/// "302 http://… followed" or "302 http://… limit", a line a redirect.
std::string redirects(const Answer& answer) {
  std::string all;
  for (const Value& item : *answer.fields.at("redirects").get_if<Value::Array>()) {
    const auto& entry = *item.get_if<Value::Object>();
    all += std::to_string(number(entry, "status")) + " " + text(entry, "url") + " " +
           (flag(entry, "followed") ? "followed" : text(entry, "why")) + "\n";
  }
  return all;
}

const Value::Object& record_of(const Answer& answer) { return *answer.observation->fields.get_if<Value::Object>(); }

}  // namespace

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

TEST_CASE("redirects are followed on the target, as many as asked for, and each is listed") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET / "), ScriptStep::say(redirect_to("/a", 301)),
                     ScriptStep::expect("GET /a "), ScriptStep::say(redirect_to("http://10.0.0.1:81/b?c=d#e"))});
  browsing.peer(
      81, {ScriptStep::expect("GET /b?c=d HTTP/1.1\r\nHost: 10.0.0.1:81\r\n"), ScriptStep::say(answer_of("end"))});
  const Answer all = browsing.browse(80, {{"redirects", 2}});
  REQUIRE(all.outcome);
  CHECK(number(all.fields, "status") == 200);
  CHECK(text(all.fields, "url") == "http://10.0.0.1:81/b?c=d");
  CHECK(redirects(all) == "301 http://10.0.0.1/a followed\n302 http://10.0.0.1:81/b?c=d followed\n");
  CHECK(browsing.check.record().size() == 3);
  CHECK(all.observation->endpoint == "tcp/10.0.0.1:81");
  const Answer one = browsing.browse(80, {{"redirects", 1}});
  CHECK(number(one.fields, "status") == 302);
  CHECK(redirects(one) == "301 http://10.0.0.1/a followed\n302 http://10.0.0.1:81/b?c=d limit\n");
  CHECK(redirects(browsing.browse(80)) == "301 http://10.0.0.1/a limit\n");
}

TEST_CASE("a redirect off the target is not followed, and nothing is sent there") {
  for (const char* location : {"http://10.0.0.2/", "//10.0.0.2", "http://[::ffff:10.0.0.2]/",
                               "http://elsewhere.example/", "http://10.0.0.1:9100/"}) {
    CAPTURE(location);
    Browsing browsing;
    std::vector<IpAddress> hosts(1, ip("10.0.0.1"));
    TransportPorts never_asked = parse_transport_ports("tcp/9100").value();
    Target careful(browsing.services, "target", "", Permit(hosts, never_asked), TargetLimits());
    Context context(careful, browsing.deadline);
    browsing.world.name("elsewhere.example", {ip("10.0.0.2")});
    browsing.world.host(ip("10.0.0.2"), PortEvent::open);
    browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(redirect_to(location))});
    const Answer answer = browsing.browse(80, {{"redirects", 5}}, &context);
    REQUIRE(answer.outcome);
    CHECK(number(answer.fields, "status") == 302);
    CHECK(redirects(answer).ends_with(" out_of_scope\n"));
    for (const auto& sent : browsing.world.sent()) CHECK(sent.to == tcp("10.0.0.1", 80));
  }
}

TEST_CASE("a redirect to a name of the target's own address is followed there, and to no other of its addresses") {
  Browsing browsing;
  browsing.world.name("www.example", {ip("10.0.0.9"), ip("10.0.0.1")});
  browsing.peer(80, {ScriptStep::expect("GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n"),
                     ScriptStep::say(redirect_to("http://WWW.example/")), ScriptStep::expect("Host: www.example\r\n"),
                     ScriptStep::say(answer_of("x"))});
  CHECK(redirects(browsing.browse(80, {{"redirects", 1}})) == "302 http://www.example/ followed\n");
  CHECK(browsing.sent().find("Host: www.example\r\n") != std::string::npos);
  for (const auto& sent : browsing.world.sent()) CHECK(sent.to == tcp("10.0.0.1", 80));
}

TEST_CASE("a redirect to the host that was asked for by name stays on the address that was asked") {
  Browsing browsing;
  browsing.peer(80,
                {ScriptStep::expect("GET / "), ScriptStep::say(redirect_to("http://site.example./x")),
                 ScriptStep::expect("GET /x HTTP/1.1\r\nHost: site.example.\r\n"), ScriptStep::say(answer_of("in"))});
  const Answer answer = browsing.browse(80, {{"redirects", 1}, {"host", "site.example"}});
  CHECK(text(answer.fields, "body") == "in");
  CHECK(browsing.connects() == 1);
}

TEST_CASE("redirects that lead nowhere say why") {
  const auto why = [](const std::string& response) {
    Browsing browsing;
    browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(response), ScriptStep::hang()});
    return redirects(browsing.browse(80, {{"redirects", 5}}));
  };
  CHECK(why(redirect_to("/")) == "302 http://10.0.0.1/ loop\n");
  CHECK(why(redirect_to("ftp://10.0.0.1/")) == "302  bad_location\n");
  CHECK(why(redirect_to("http://nowhere.example/")) == "302 http://nowhere.example/ unresolved\n");
  CHECK(why("HTTP/1.1 302 F\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n") ==
        "302 http://10.0.0.1/a bad_location\n");
  CHECK(why("HTTP/1.1 302 F\r\nContent-Length: 0\r\n\r\n") == "");
  CHECK(why("HTTP/1.1 304 F\r\nLocation: /a\r\n\r\n") == "");
}

TEST_CASE("a loop of two is left where it closes") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET / "), ScriptStep::say(redirect_to("/a")), ScriptStep::expect("GET /a "),
                     ScriptStep::say(redirect_to("/"))});
  CHECK(redirects(browsing.browse(80, {{"redirects", 10}})) ==
        "302 http://10.0.0.1/a followed\n302 http://10.0.0.1/ loop\n");
}

TEST_CASE("a redirect that cannot be reached is no answer") {
  Browsing browsing;
  browsing.world.host(ip("10.0.0.1"));
  browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(redirect_to("http://10.0.0.1:81/"))});
  const Answer answer = browsing.browse(80, {{"redirects", 1}});
  CHECK(browsing.reason(answer) == Reason::refused);
  CHECK(answer.outcome.error().message.find("10.0.0.1:81") != std::string::npos);
}

TEST_CASE("what proves who asks does not follow a redirect to another origin, and is in no record") {
  Browsing browsing;
  Value::Object headers;
  headers["Authorization"] = "Basic c2VjcmV0";
  headers["cookie"] = "s3ss10n";
  headers["X-Kept"] = "kept";
  browsing.peer(80, {ScriptStep::expect("Basic c2VjcmV0"), ScriptStep::say(redirect_to("/a")),
                     ScriptStep::expect("Basic c2VjcmV0"), ScriptStep::say(redirect_to("http://10.0.0.1:81/"))});
  browsing.peer(81, {ScriptStep::expect("X-Kept: kept"), ScriptStep::say(answer_of(""))});
  REQUIRE(browsing.browse(80, {{"redirects", 5}, {"headers", headers}}).outcome);
  const std::string& last = browsing.world.sent().back().bytes;
  CHECK(last.find("X-Kept: kept") != std::string::npos);
  CHECK(last.find("Authorization") == std::string::npos);
  CHECK(last.find("s3ss10n") == std::string::npos);
  browsing.peer(82, {ScriptStep::expect("Basic"), ScriptStep::say("HTTP/1.1 2"), ScriptStep::reset()});
  CHECK_FALSE(browsing.browse(82, {{"headers", headers}}).outcome);
  REQUIRE(browsing.check.record().size() == 4);
  for (const auto& observation : browsing.check.record()) {
    const auto& fields = *observation->fields.get_if<Value::Object>();
    for (const auto& [key, value] : fields)
      if (const auto* shown = value.get_if<std::string>()) {
        CHECK(shown->find("c2VjcmV0") == std::string::npos);
        CHECK(shown->find("s3ss10n") == std::string::npos);
      }
  }
  const auto& failed = *browsing.check.record().back()->fields.get_if<Value::Object>();
  CHECK(text(failed, "sent").find("Authorization: (not shown)\r\n") != std::string::npos);
}

TEST_CASE("a form that was posted is not posted again to where a 302 or 303 leads, but is by a 307") {
  for (const auto& [status, method] : {std::pair(302, "GET"), std::pair(303, "GET"), std::pair(307, "POST")}) {
    Browsing browsing;
    browsing.peer(80, {ScriptStep::expect("POST / "), ScriptStep::say(redirect_to("http://10.0.0.1:81/x", status))});
    browsing.peer(81, {ScriptStep::expect(std::string(method) + " /x "), ScriptStep::say(answer_of(""))});
    REQUIRE(browsing.browse(80, {{"redirects", 1}, {"method", "POST"}, {"body", "a=b"}}).outcome);
    CHECK(browsing.world.sent().back().bytes.ends_with("a=b") == (status == 307));
  }
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

TEST_CASE("a redirect from https to http shows as a downgrade") {
  Browsing browsing;
  browsing.peer(443, {ScriptStep::tls(TlsSession()), ScriptStep::expect("GET"),
                      ScriptStep::say(redirect_to("http://10.0.0.1/"))});
  browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(redirect_to("https://10.0.0.1/x"))});
  const Answer answer = browsing.browse(443, {{"redirects", 1}});
  const auto& list = *answer.fields.at("redirects").get_if<Value::Array>();
  REQUIRE(list.size() == 2);
  CHECK(flag(*list[0].get_if<Value::Object>(), "downgrade"));
  CHECK_FALSE(flag(*list[1].get_if<Value::Object>(), "downgrade"));
}

TEST_CASE("Set-Cookie is a list, and other headers of one name are one text") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET"),
                     ScriptStep::say(answer_of("", "Set-Cookie: a=1, x\r\nVia: a\r\nset-cookie: b\r\nvia: b\r\n"))});
  const Answer answer = browsing.browse(80);
  const auto& headers = *answer.fields.at("headers").get_if<Value::Object>();
  CHECK(headers.at("set-cookie") == Value(Value::Array{"a=1, x", "b"}));
  CHECK(text(headers, "via") == "a, b");
}

TEST_CASE("who asks is said in User-Agent, where the rule says nothing else") {
  for (const auto& [contact, said] :
       {std::pair("", "\r\nUser-Agent: audit\r\n"),
        std::pair("netsec@example.net", "\r\nUser-Agent: audit (+netsec@example.net)\r\n")}) {
    Browsing browsing;
    browsing.identity.contact = contact;
    browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(answer_of(""))});
    CHECK(browsing.browse(80).outcome);
    CHECK(browsing.sent().find(said) != std::string::npos);
  }
}

TEST_CASE("headers of one name keep their order among many others") {
  std::string headers;
  std::string joined;
  for (int i = 0; i < 40; ++i) {
    headers += std::string(i % 2 == 0 ? "X-Many: " : "x-many: ") + std::to_string(i) + "\r\nX-" + std::to_string(i) +
               ": y\r\n";
    joined += (i == 0 ? "" : ", ") + std::to_string(i);
  }
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(answer_of("", headers))});
  const Answer answer = browsing.browse(80);
  const auto& fields = *answer.fields.at("headers").get_if<Value::Object>();
  CHECK(text(fields, "x-many") == joined);
  CHECK(fields.size() == 42);
}

TEST_CASE("the request is evidence up to its cap, of every hop its own, and nothing that the rule is told") {
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET /first "), ScriptStep::say(redirect_to("/second")),
                     ScriptStep::expect("GET /second "), ScriptStep::say(answer_of("there"))});
  const Answer answer = browsing.browse(80, {{"path", "/first"}, {"redirects", 1}});
  CHECK_FALSE(answer.fields.contains("request"));
  CHECK(text(record_of(answer), "request").starts_with("GET /second HTTP/1.1\r\n"));
  const auto record = browsing.check.question_record();
  REQUIRE(record.size() == 2);
  CHECK(text(*record[0]->fields.get_if<Value::Object>(), "request").starts_with("GET /first HTTP/1.1\r\n"));

  Browsing long_winded;
  long_winded.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(answer_of(""))});
  const Answer cut = long_winded.browse(80, {{"path", "/" + std::string(5'000, 'a')}});
  CHECK(text(record_of(cut), "request").size() == 1'024);
  CHECK_FALSE(record_of(cut).contains("request_bytes"));
}

TEST_CASE("a coded body is decoded up to its cap, and says how it went") {
  const std::string bomb(  // gzip of 100,000 zeros
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xf7\x4f\x6d\x0f\x07\x14", 25);
  Browsing browsing;
  browsing.peer(80, {ScriptStep::expect("GET"), ScriptStep::say(answer_of("plain", "Content-Encoding: gzip\r\n"))});
  browsing.peer(81, {ScriptStep::expect("GET"), ScriptStep::say(answer_of(bomb, "Content-Encoding: gzip\r\n"))});
  const Answer broken = browsing.browse(80);
  REQUIRE(broken.outcome);
  CHECK(text(broken.fields, "encoding") == "gzip");
  CHECK(text(broken.fields, "encoding_error").find("is broken") != std::string::npos);
  CHECK(flag(broken.fields, "body_truncated"));
  const Answer cut = browsing.browse(81);
  REQUIRE(cut.outcome);
  CHECK(text(cut.fields, "encoding_error") == "its gzip data ends before its end");
  CHECK(number(cut.fields, "encoded_bytes") == 25);
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
