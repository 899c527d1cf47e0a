#include "browsing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::probe;
using namespace audit::test;

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
