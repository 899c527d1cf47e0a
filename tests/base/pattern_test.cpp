#include "base/pattern.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace audit {
namespace {

using Outcome = PatternMatcher::Outcome;

struct Found {
  Outcome outcome = Outcome::failed;
  std::string text;
  std::uint64_t steps = 0;

  bool operator==(const Found& other) const {
    return outcome == other.outcome && text == other.text && steps == other.steps;
  }
};

/// The first match, looked for in runs of `steps`; at most `patience` runs.
Found look_for(std::string_view subject, std::string_view pattern, std::uint64_t steps = 1'000'000, int patience = 1) {
  PatternMatcher matcher(subject, pattern, PatternMatcher::Caret::anchors);
  matcher.seek(subject.data(), nullptr);
  Found found;
  do {
    found.outcome = matcher.run(steps);
    found.steps += matcher.take_steps();
  } while (found.outcome == Outcome::paused && --patience > 0);
  if (found.outcome == Outcome::mistaken) found.text = matcher.mistake();
  if (found.outcome != Outcome::matched) return found;
  found.text.assign(matcher.begin(), matcher.end());
  for (std::size_t i = 0; i < matcher.captures(); ++i) {
    const PatternMatcher::Capture& capture = matcher.capture(i);
    found.text += '|';
    if (capture.length >= 0)
      found.text.append(capture.begin, static_cast<std::size_t>(capture.length));
    else
      found.text += capture.length == PatternMatcher::Capture::open
                        ? "open"
                        : "@" + std::to_string(capture.begin - subject.data() + 1);
  }
  return found;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a pattern finds what Lua's manual says it does") {
  CHECK(look_for("key = value", "(%w+)%s*=%s*(%w+)").text == "key = value|key|value");
  CHECK(look_for("THE (quick) fox", "%((%a+)%)").text == "(quick)|quick");
  CHECK(look_for("THE (quick) fox", "%f[%a]%l+").text == "quick");
  CHECK(look_for("f(a(b)c)d)", "%b()").text == "(a(b)c)");
  CHECK(look_for("say \"it's\"", "([\"'])(.-)%1").text == "\"it's\"|\"|it's");
  CHECK(look_for("flaaap", "()aa()").text == "aa|@3|@5");
  CHECK(look_for("", "").outcome == Outcome::matched);
  CHECK(look_for("a\n", "^a$").outcome == Outcome::failed);
  CHECK(look_for("x", "(x").text == "x|open");
}

TEST_CASE("a search that is paused at each step ends as one that is not") {
  for (const auto& [subject, pattern] : {std::pair<std::string_view, std::string_view>{"aaaaaaaab", "a*a*a*c"},
                                         {"key = value", "(%w+)%s*=%s*(%w+)"},
                                         {"one (two (three)) four", "([^%s]*)%s+(%b())"},
                                         {"<p><b>bold</b></p>", "<(%a+)>(.-)</%1>"},
                                         {"aXbYc", "%f[%u].-%f[%l]()"},
                                         {"aaa", "a?a?a?aaa"},
                                         {"abc", "%g-[c-a"}}) {
    INFO(pattern);
    const Found at_once = look_for(subject, pattern);
    CHECK(look_for(subject, pattern, 1, 100'000) == at_once);
    CHECK(at_once.outcome != Outcome::paused);
  }
}

TEST_CASE("a pattern that backtracks without end is paused when it was told to") {
  const std::string subject = repeat("a", 30);
  for (const std::string& pattern : {repeat(".-", 20) + "b", repeat(".*", 20) + "b", repeat("a?", 30) + repeat("a", 31),
                                     repeat("(.-)", 20) + "b", repeat("[a-z]*", 20) + "%d"}) {
    INFO(pattern);
    const Found found = look_for(subject, pattern, 100'000);
    CHECK(found.outcome == Outcome::paused);
    CHECK(found.steps < 110'000);
  }
}

TEST_CASE("what goes over many bytes in one step counts for them") {
  const std::string long_text = repeat("x", 1 << 20);
  CHECK(look_for(long_text, "y").steps >= (1U << 20U) / 64);
  CHECK(look_for(long_text, "%d").steps >= (1U << 20U) / 8);
  CHECK(look_for(long_text, "^x*y", 1 << 18).steps >= (1U << 20U) / 8);
  CHECK(look_for(long_text, "^%bxy").steps >= (1U << 20U) / 8);
  CHECK(look_for("a", "[" + long_text + "]").steps >= (1U << 20U) / 4);
}

TEST_CASE("a set is read once a search, whatever it is held against") {
  const std::string set = "[" + repeat("0123456789", 1'000) + "]*";
  CHECK(look_for(repeat("7", 1'000), set + "x", 1'000'000).steps < 4'000'000);
  CHECK(look_for(repeat("7", 1'000), "^" + set + "$").steps < 10'000);
}

TEST_CASE("a match nests as deep as in Lua and no deeper, however long the text is") {
  const std::string subject = repeat("a", 10'000);
  CHECK(look_for(subject, repeat("a?", 199)).text.size() == 199);
  CHECK(look_for(subject, repeat("a?", 200)).text == "pattern too complex");
  CHECK(look_for(subject, "^(a*a*a+.-)$").text.size() == 2 * 10'000 + 1);
  CHECK(look_for(subject, repeat("(a)", 32)).text.size() == 32 + 64);
  CHECK(look_for(subject, repeat("(a)", 33)).text == "too many captures");
  CHECK(look_for(subject, repeat("(", 33)).text == "too many captures");
}

}  // namespace audit
