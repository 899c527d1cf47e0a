#include "net/reader.hpp"

#include <catch2/catch.hpp>

#include "playing.hpp"

using namespace audit;
using namespace audit::net;
using namespace audit::test;

namespace {

std::string said(const Result<std::string>& result) {
  return result ? "'" + *result + "'" : "<" + std::string(name_of(result.error().reason)) + ">";
}

/// What a reader makes of a peer, whose bytes come in pieces of at most `split` and are cut once at `cut`.
template <class Reading>
std::string reading(const std::string& bytes, std::size_t cut, std::size_t split, ScriptStep last, Reading& read) {
  Stage stage;
  std::vector<ScriptStep> steps;
  if (cut > 0) steps.push_back(ScriptStep::say(bytes.substr(0, cut), {}, split));
  if (cut < bytes.size()) steps.push_back(ScriptStep::say(bytes.substr(cut), {}, split));
  steps.push_back(std::move(last));
  stage.peer(25, std::move(steps));
  std::string outcome;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    Reader reader(**stream);
    outcome = co_await read(reader, stage.in(5s));
  };
  play(stage.world, task);
  return outcome;
}

/// The outcome, which must be the same for every cut and split.
template <class Reading>
std::string every_split(const std::string& bytes, ScriptStep last, Reading read) {
  const std::string whole = reading(bytes, bytes.size(), 0, last, read);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    for (const std::size_t split : {0U, 1U, 3U}) {
      INFO("cut at " << cut << ", split " << split);
      REQUIRE(reading(bytes, cut, split, last, read) == whole);
    }
  return whole;
}

}  // namespace

TEST_CASE("lines are the same however they arrive") {
  const auto lines = [](Reader& reader, Instant deadline) -> awaitable<std::string> {
    std::string all;
    for (int i = 0; i < 5; ++i) all += said(co_await reader.read_line(100, deadline));
    co_return all;
  };
  CHECK(every_split("one\r\ntwo\n\nfour\r\r\nrest", ScriptStep::end(), lines) == "'one''two''''four\r'<eof>");
}

TEST_CASE("a delimiter of several bytes is found however it arrives") {
  const auto until = [](Reader& reader, Instant deadline) -> awaitable<std::string> {
    std::string all;
    for (int i = 0; i < 3; ++i) all += said(co_await reader.read_until("aab", 100, deadline));
    co_return all;
  };
  CHECK(every_split("aaab.aab.aa", ScriptStep::end(), until) == "'aaab''.aab'<eof>");
}

TEST_CASE("a line longer than its cap is truncated however it arrives") {
  const auto line = [](Reader& reader, Instant deadline) -> awaitable<std::string> {
    co_return said(co_await reader.read_line(8, deadline));
  };
  CHECK(every_split("1234567\n", ScriptStep::hang(), line) == "'1234567'");
  CHECK(every_split("12345678\n", ScriptStep::hang(), line) == "<truncated>");
  CHECK(every_split("123456789", ScriptStep::hang(), line) == "<truncated>");
  CHECK(every_split("1234567", ScriptStep::hang(), line) == "<timeout>");
}

TEST_CASE("exactly so many bytes are read, and the rest is kept") {
  const auto exactly = [](Reader& reader, Instant deadline) -> awaitable<std::string> {
    std::string all = said(co_await reader.read_exactly(4, deadline));
    all += said(co_await reader.read_exactly(0, deadline));
    all += said(co_await reader.read_exactly(3, deadline));
    all += said(co_await reader.read_exactly(4, deadline));
    co_return all;
  };
  CHECK(every_split("abcdefghi", ScriptStep::end(), exactly) == "'abcd''''efg'<eof>");
}

TEST_CASE("a read that wants less than what came leaves the rest to the next") {
  auto rest = [](Reader& reader, Instant deadline) -> awaitable<std::string> {
    const Result<std::string> first = co_await reader.read_some(2, deadline);
    const std::string kept(reader.pending());
    const Result<std::string> more = co_await reader.read_some(1, deadline);
    const Result<std::string> line = co_await reader.read_line(64, deadline);
    co_return said(first) + " " + kept + " " + said(more) + " " + said(line);
  };
  const std::string bytes = "abcdefgh\r\n";
  CHECK(reading(bytes, bytes.size(), 0, ScriptStep::end(), rest) == "'ab' cdefgh\r\n 'c' 'defgh'");
}

TEST_CASE("what came before the end can still be read") {
  const auto rest = [](Reader& reader, Instant deadline) -> awaitable<std::string> {
    std::string all = said(co_await reader.read_exactly(10, deadline));
    all += said(co_await reader.read_some(2, deadline));
    all += said(co_await reader.read_some(100, deadline));
    all += said(co_await reader.read_some(100, deadline));
    co_return all;
  };
  CHECK(every_split("abcde", ScriptStep::end(), rest) == "<eof>'ab''cde'<eof>");
  CHECK(every_split("abcde", ScriptStep::reset(), rest) == "<reset>'ab''cde'<reset>");
}

TEST_CASE("a peer that never ends its line costs no more than the cap and one read") {
  Stage stage;
  stage.peer(25, {ScriptStep::say(std::string(10'000'000, 'x'))});
  std::size_t held = 0;
  Reason reason = Reason::observed;
  auto task = [&]() -> awaitable<void> {
    Result<std::unique_ptr<Stream>> stream =
        co_await stage.world.connect(tcp("10.0.0.1", 25), stage.permit, stage.in(1s));
    Reader reader(**stream);
    const Result<std::string> line = co_await reader.read_line(1'000, stage.in(1s));
    reason = line.error().reason;
    held = reader.pending().size();
  };
  play(stage.world, task);
  CHECK(reason == Reason::truncated);
  CHECK(held <= 1'000 + 16'384);
}
