#include "bench.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("a check without a verdict, or with two, is a rule_error that names the file") {
  for (const char* body : {"", "return 7", "return nil", "target:port(22)", "return 'pass'"}) {
    INFO(body);
    const Outcome outcome = run_once(body);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains("rules/test.rule.lua") && Contains("without a verdict"));
  }
  for (const char* body :
       {"pass(target:port(22)) return fail('x', target:port(22))", "info('a') info('b') info('c')"}) {
    INFO(body);
    const Outcome outcome = run_once(body);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains("exactly one"));
  }
}

TEST_CASE("a verdict counts whether or not it is returned") {
  CHECK(ended(run_once("pass('well', target:port(22))")) == "pass");
  CHECK(ended(run_once("return pass('well', target:port(22))")) == "pass");
}

TEST_CASE("each verdict has its status and message") {
  const Outcome failed = run_once("return fail('bad', target:port(22))");
  CHECK(failed.finding.status == Status::fail);
  CHECK(failed.finding.message == "bad");
  CHECK(failed.finding.severity == Severity::medium);
  CHECK(ended(run_once("return not_applicable('no subject')")) == "not_applicable");
  CHECK(ended(run_once("return info('so it is')")) == "informational");
}

TEST_CASE("the message of a pass is optional, and its evidence is kept with and without one") {
  for (const char* body :
       {"return pass(target:port(22))", "return pass({ p = target:port(22) })", "return pass('m', target:port(22))",
        "return pass(nil, target:port(22))", "return pass('m', { p = target:port(22) })"}) {
    INFO(body);
    const Outcome outcome = run_once(body);
    CHECK(outcome.finding.status == Status::pass);
    REQUIRE(outcome.finding.evidence.size() == 1);
    REQUIRE(outcome.finding.evidence[0].observation);
  }
  const Outcome labelled = run_once("return pass(nil, { p = target:port(22) })");
  REQUIRE(labelled.finding.evidence.size() == 1);
  CHECK(labelled.finding.evidence[0].label == "p");
}

TEST_CASE("verdicts with arguments of the wrong type are mistakes") {
  for (const char* body :
       {"return fail()", "return fail({})", "return fail(5, {})", "return info(nil)", "return not_applicable()",
        "return fail('x', print or function() end)", "return fail('x', {}, { severity = 'worst' })",
        "return fail('x', {}, { severity = 5 })", "return fail('x', {}, { kye = 'x' })",
        "return fail('x', {}, { key = 5 })", "return fail('x', {}, 'high')", "return fail('x', {}, { 'high' })",
        "return pass(target:port(22), 'swapped')", "return fail('x', { f = function() end })",
        "return fail('x', { [{}] = 1, a = { [true] = 1 } })"}) {
    INFO(body);
    const Outcome outcome = run_once(body);
    CHECK(ended(outcome) == "error rule_error");
    CHECK_THAT(outcome.finding.message, Contains("test.rule.lua:2:"));
    CHECK_THAT(outcome.finding.message, !Contains("could not be kept"));
  }
}

TEST_CASE("severity and key of one verdict can be set") {
  const Finding finding =
      run_once("return fail('x', target:port(22), { severity = 'critical', key = 'tcp/22' })").finding;
  CHECK(finding.severity == Severity::critical);
  CHECK(finding.key == "tcp/22");
  CHECK(run_once("return info('x', nil, { key = 'k' })").finding.key == "k");
}

TEST_CASE("evidence is an observation, a stream, a scalar, a list or a table of those") {
  const auto evidence = [](const char* text) {
    return run_once(std::string("local p = target:port(22) return fail('x', ") + text + ")").finding.evidence;
  };
  CHECK(evidence("p")[0].observation->probe == "port");
  const auto scalars = evidence("{ n = 5, s = 'text', b = true, r = 1.5 }");
  REQUIRE(scalars.size() == 5);  // and the observation that the engine recorded
  CHECK(scalars[0].label == "b");
  CHECK(scalars[0].note == Value(true));
  CHECK(scalars[1].note == Value(5));
  CHECK(scalars[2].note == Value(1.5));
  CHECK(scalars[3].note == Value("text"));
  CHECK(scalars[4].observation);
  const auto nested = evidence("{ deep = { list = { 1, 2 }, map = { a = 'b' } } }");
  REQUIRE(nested.size() == 2);
  CHECK(nested[0].note.find("list")->get_if<Value::Array>()->size() == 2);
  CHECK(*nested[0].note.find("map")->find("a") == Value("b"));
  const auto stream = run_once("local c <close> = target:connect(22) return fail('x', { talk = c })").finding.evidence;
  REQUIRE(stream.size() == 1);
  CHECK(stream[0].observation->probe == "connect");
  CHECK(evidence("{}").size() == 1);
  CHECK(evidence("'one text'")[0].note == Value("one text"));
  CHECK(evidence("{ p = p, q = p }").size() == 2);
}

TEST_CASE("a list of evidence keeps its order past the ninth item, without labels (10 came before 2)") {
  const Finding finding =
      run_once("local l = {} for i = 1, 12 do l[i] = i * 10 end l.name = 'x' l['443'] = 'port' return fail('x', l)")
          .finding;
  REQUIRE(finding.evidence.size() == 14);
  for (int i = 0; i < 12; ++i) {
    CHECK(finding.evidence[static_cast<std::size_t>(i)].note == Value((i + 1) * 10));
    CHECK(finding.evidence[static_cast<std::size_t>(i)].label.empty());
  }
  CHECK(finding.evidence[12].label == "443");
  CHECK(finding.evidence[13].label == "name");
}

TEST_CASE("evidence and messages are capped") {
  const Finding many = run_once("local l = {} for i = 1, 5000 do l[i] = i end return fail(('m'):rep(9999), l)").finding;
  CHECK(many.evidence.size() == 64);
  CHECK(many.evidence[63].note == Value(64));
  CHECK(many.message.size() == 2'048);
  CHECK_THAT(run_once("return fail('x', { big = ('x'):rep(20000) })").finding.message, Contains("`big` is too large"));
  CHECK_THAT(run_once("local t = {} t.t = t return fail('x', { loop = t })").finding.message,
             Contains("nested too deeply"));
  CHECK_THAT(
      run_once("local t = { 1 } for i = 1, 40 do t = { t, t } end return fail('x', { wide = t })").finding.message,
      Contains("too"));
}

TEST_CASE("a table that holds one large text many times does not fill the memory of the process") {
  const Finding finding =
      run_once("local s, l = ('x'):rep(16000), {} for i = 1, 300000 do l[i] = s end return fail('x', l)").finding;
  CHECK(finding.evidence.size() == 64);
}

TEST_CASE("verdicts without end are counted, not kept") {
  Budget budget;
  budget.steps = 3'000'000;
  const Outcome outcome = run_once("local s = ('x'):rep(16000) while true do info('x', s) end", budget);
  CHECK(ended(outcome) == "error over_budget");
  CHECK_THAT(run_once("for i = 1, 1000 do info('x') end").finding.message, Contains("1000 verdicts"));
}

TEST_CASE("a verdict is copied when it is given") {
  const Finding finding = run_once(
                              "local e = { list = { 1 }, n = 'before' } fail('x', e)\n"
                              "e.n = 'after' e.list[1] = 2 e.more = 1")
                              .finding;
  REQUIRE(finding.evidence.size() == 2);
  CHECK(*finding.evidence[0].note.get_if<Value::Array>() == Value::Array{Value(1)});
  CHECK(finding.evidence[1].note == Value("before"));
}

TEST_CASE("what a rule does to a probe's table changes nothing of what the engine recorded") {
  const Finding finding =
      run_once("local p = target:port(23) p.state = 'open' p.probe = 'mine' return pass('x', p)").finding;
  REQUIRE(finding.evidence.size() == 1);
  CHECK(*finding.evidence[0].observation->fields.find("state") == Value("closed"));
}

TEST_CASE("everything that was asked is in the record, attached or not") {
  const Outcome outcome = run_once("target:port(22) target:port(23) try(target.banner, target, 23) return info('x')");
  CHECK(outcome.record.size() == 3);
  CHECK(outcome.finding.evidence.size() == 3);
}

TEST_CASE("floats that are not numbers are kept as text") {
  const Finding finding = run_once("return info('x', { a = 0/0, b = math.huge, c = -math.huge })").finding;
  CHECK(finding.evidence[0].note == Value("nan"));
  CHECK(finding.evidence[1].note == Value("inf"));
  CHECK(finding.evidence[2].note == Value("-inf"));
}

}  // namespace audit::lua
