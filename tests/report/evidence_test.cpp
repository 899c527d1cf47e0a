#include "report/evidence.hpp"

#include <catch2/catch.hpp>

#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

Evidence observed(std::string label, std::string probe, Value fields, Reason reason = Reason::observed,
                  std::string message = {}) {
  auto observation = std::make_shared<Observation>();
  observation->probe = std::move(probe);
  observation->endpoint = "tcp/10.0.0.1:23";
  observation->fields = std::move(fields);
  observation->reason = reason;
  observation->message = std::move(message);
  return {std::move(label), observation, {}};
}

}  // namespace

TEST_CASE("a line of evidence says where it comes from and what was seen") {
  CHECK(line_of(observed("", "banner", Value::Object{{"text", "login: "}}), 200) ==
        "banner of tcp/10.0.0.1:23: text=\"login: \"");
  CHECK(line_of(observed("greeting", "banner", Value::Object{{"text", "x"}}), 200) ==
        "greeting, banner of tcp/10.0.0.1:23: text=\"x\"");
  CHECK(line_of({"days left", nullptr, 12}, 200) == "days left: 12");
}

TEST_CASE("a line of evidence says why nothing was seen") {
  CHECK(line_of(observed("", "banner", {}, Reason::timeout, "nothing came within 2s"), 200) ==
        "banner of tcp/10.0.0.1:23: timeout (nothing came within 2s)");
  CHECK(line_of(observed("", "port", {}), 200) == "port of tcp/10.0.0.1:23: observed");
}

TEST_CASE("bytes are not said twice where the text is the same") {
  const Value same(Value::Object{{"bytes", "x"}, {"text", "x"}});
  CHECK(telling_fields(same).size() == 1);
  const Value differ(Value::Object{{"bytes", "x\xff"}, {"text", "x"}});
  CHECK(telling_fields(differ).size() == 2);
}

TEST_CASE("the evidence that a rule attached is shown before what the engine recorded besides") {
  Finding finding;
  CHECK(most_telling(finding) == nullptr);
  finding.evidence.push_back(observed("", "port", Value::Object{{"state", "open"}}));
  finding.evidence.push_back(observed("banner", "banner", Value::Object{{"text", "login: "}}));
  finding.evidence.push_back(observed("", "banner", {}, Reason::timeout));
  CHECK(most_telling(finding) == &finding.evidence[1]);
}
