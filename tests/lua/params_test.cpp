#include "bench.hpp"
#include "files.hpp"

namespace audit::lua {

using Catch::Contains;

TEST_CASE("parameters have types and defaults, and the inventory's values replace them") {
  const LoadedRules loaded =
      load_text(rule_text("params = { days = { type = 'integer', default = 30, help = 'how many' },\n"
                          "  ratio = { type = 'number', default = 1 }, name = { type = 'string', default = 'x' },\n"
                          "  strict = { type = 'boolean', default = false } },"));
  REQUIRE(loaded.mistakes.empty());
  const Rule& rule = *loaded.set.rules.at(0);
  CHECK(rule.params.at("days").help == "how many");
  Value::Object given;
  const Result<Value::Object> defaults = resolve_params(rule, given);
  REQUIRE(defaults);
  CHECK(defaults->at("days") == Value(30));
  CHECK(defaults->at("strict") == Value(false));
  given["days"] = 7;
  given["ratio"] = 2.5;
  given["strict"] = true;
  const Result<Value::Object> set = resolve_params(rule, given);
  REQUIRE(set);
  CHECK(set->at("days") == Value(7));
  CHECK(set->at("ratio") == Value(2.5));
  CHECK(set->at("name") == Value("x"));
}

TEST_CASE("a parameter that is unknown or of another type is named") {
  const LoadedRules loaded = load_text(rule_text("params = { days = { type = 'integer', default = 30 } },"));
  const Rule& rule = *loaded.set.rules.at(0);
  const auto mistake = [&](const char* name, Value value) {
    Value::Object given;
    given[name] = std::move(value);
    const Result<Value::Object> params = resolve_params(rule, given);
    return params ? std::string() : params.error().message;
  };
  CHECK_THAT(mistake("dayz", 1), Contains("`dayz`") && Contains("did you mean `days`"));
  CHECK_THAT(mistake("days", "seven"), Contains("`days`") && Contains("integer"));
  CHECK_THAT(mistake("days", 7.5), Contains("integer"));
  CHECK_THAT(mistake("days", true), Contains("integer"));
}

TEST_CASE("declarations of parameters that make no sense are mistakes") {
  const auto mistake = [](const char* params) {
    const LoadedRules loaded = load_text(rule_text(std::string("params = ") + params + ","));
    return loaded.mistakes.empty() ? std::string() : loaded.mistakes.front().text;
  };
  CHECK_THAT(mistake("5"), Contains("rule.lua:5: `params` must be a table"));
  CHECK_THAT(mistake("{ days = 30 }"), Contains("`days` needs a type and a default"));
  CHECK_THAT(mistake("{ days = { type = 'integer' } }"), Contains("`days` needs a type and a default"));
  CHECK_THAT(mistake("{ days = { default = 5 } }"), Contains("`days` needs a type and a default"));
  CHECK_THAT(mistake("{ days = { type = 'integer', default = '5' } }"), Contains("`days`") && Contains("integer"));
  CHECK_THAT(mistake("{ days = { type = 'int', default = 5 } }"),
             Contains("`days`") && Contains("integer, number, string or boolean"));
  CHECK_THAT(mistake("{ days = { type = 'integer', default = 5, hlep = 'x' } }"), Contains("`hlep`"));
  CHECK_THAT(mistake("{ days = { type = 'integer', default = function() end } }"), Contains("`params`"));
}

}  // namespace audit::lua
