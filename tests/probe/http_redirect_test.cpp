#include "browsing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

namespace {

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

}  // namespace

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
