#include "cli/live_lines.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <limits>
#include <map>

namespace audit::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr std::uint64_t members = 20;

/// A pipe with a name, which nobody reads as long as a test does not.
struct Pipe {
  Pipe() {
    std::string name = (fs::temp_directory_path() / "audit-lines-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    REQUIRE(mkfifo(path().c_str(), S_IRUSR | S_IWUSR) == 0);
  }
  ~Pipe() { fs::remove_all(folder); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] std::string path() const { return (folder / "lines").string(); }
  [[nodiscard]] ReportWish wish() const { return {"jsonl", path()}; }
  [[nodiscard]] Strings read() const {
    std::ifstream file(path());
    Strings lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  fs::path folder;
};

Check check_of(const std::string& target, std::uint64_t ordinal, std::uint32_t rule) {
  Check check;
  check.rule = "test.rule" + std::to_string(rule);
  check.target = target;
  check.target_ordinal = ordinal;
  check.rule_ordinal = rule;
  check.results.emplace_back();
  return check;
}

/// Twenty targets with two checks each, and two checks of the whole run.
RunRecord sample() {
  RunRecord record;
  for (std::uint64_t ordinal = 0; ordinal < members; ++ordinal) {
    TargetRecord target;
    target.id = "target" + std::to_string(ordinal);
    target.ordinal = ordinal;
    record.targets.push_back(target);
    for (const std::uint32_t rule : {0, 1}) record.checks.held().push_back(check_of(target.id, ordinal, rule));
  }
  for (const std::uint32_t rule : {2, 3})
    record.checks.held().push_back(check_of("*", std::numeric_limits<std::uint64_t>::max(), rule));
  return record;
}

/// The last target first, and those of the run at the end.
void add_backwards(LiveLines& lines, const RunRecord& record) {
  std::vector<Check> of_run;
  std::map<std::uint64_t, std::vector<Check>> of_target;
  for (const Check& check : record.checks)
    (check.target == "*" ? of_run : of_target[check.target_ordinal]).push_back(check);
  for (std::uint64_t ordinal = members; ordinal-- > 0;) lines.add(&record.targets[ordinal], of_target[ordinal], record);
  lines.add(nullptr, of_run, record);
}

std::string word(const std::string& line, const std::string& name) {
  const std::string begin = "\"" + name + "\": \"";
  const std::size_t at = line.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return line.substr(from, line.find('"', from) - from);
}

/// The targets, in the order of their lines.
Strings targets_in(const Strings& lines) {
  Strings ids;
  for (const std::string& line : lines)
    if (word(line, "line") == "target") ids.push_back(word(line, "id"));
  return ids;
}

/// A header, each target and each check once, and a summary.
void check_whole(const Strings& lines, const RunRecord& record) {
  std::map<std::string, int> kinds;
  std::map<std::string, int> checks;
  for (const std::string& line : lines) {
    ++kinds[word(line, "line")];
    if (word(line, "line") == "check") ++checks[word(line, "rule") + " on " + word(line, "target")];
  }
  CHECK(kinds == std::map<std::string, int>{{"header", 1}, {"target", 20}, {"check", 42}, {"summary", 1}});
  CHECK(word(lines.back(), "line") == "summary");
  for (const Check& check : record.checks) CHECK(checks[check.rule + " on " + check.target] == 1);
}

/// How many lines of targets go down from the last of them.
std::size_t told_live(const Strings& ids) {
  std::size_t count = 0;
  while (count < ids.size() && ids[count] == "target" + std::to_string(members - 1 - count)) ++count;
  return count;
}

/// What a reader gets who begins to read when the run has ended.
Strings read_late(const RunRecord& record, std::size_t most) {
  const Pipe pipe;
  LiveLines lines(pipe.wish(), false, most);
  lines.begin(record);
  add_backwards(lines, record);
  std::future<Result<void>> ended = std::async(std::launch::async, [&] { return lines.end(record); });
  const Strings read = pipe.read();
  CHECK(ended.get());
  return read;
}

}  // namespace

TEST_CASE("what nobody reads is held up to a cap, and the rest is told in its order at the end, once") {
  const RunRecord record = sample();
  const Strings lines = read_late(record, 8'000);
  check_whole(lines, record);
  const Strings ids = targets_in(lines);
  const std::size_t live = told_live(ids);
  REQUIRE(live > 0);
  REQUIRE(live < members);
  for (std::size_t i = live; i < members; ++i) CHECK(ids[i] == "target" + std::to_string(i - live));
}

TEST_CASE("what fits is told live, checks of the whole run too, and nothing is told again") {
  const RunRecord record = sample();
  const Strings lines = read_late(record, LiveLines::most_held);
  check_whole(lines, record);
  CHECK(told_live(targets_in(lines)) == members);
}

TEST_CASE("all is told, piece by piece, where one line is more than is held") {
  const RunRecord record = sample();
  check_whole(read_late(record, 1), record);
}

TEST_CASE("who reads all the while is told all, whatever is held") {
  const RunRecord record = sample();
  for (const std::size_t most : {std::size_t{1}, std::size_t{3'000}, LiveLines::most_held}) {
    const Pipe pipe;
    LiveLines lines(pipe.wish(), false, most);
    std::future<Strings> read = std::async(std::launch::async, [&] { return pipe.read(); });
    lines.begin(record);
    add_backwards(lines, record);
    CHECK(lines.end(record));
    check_whole(read.get(), record);
  }
}

TEST_CASE("the end does not wait for room where the reader went away") {
  std::signal(SIGPIPE, SIG_IGN);
  const RunRecord record = sample();
  const Pipe pipe;
  LiveLines lines(pipe.wish(), false, 1);
  lines.begin(record);
  { const std::ifstream gone(pipe.path()); }
  add_backwards(lines, record);
  const Result<void> ended = lines.end(record);
  REQUIRE_FALSE(ended);
  CHECK_THAT(ended.error().message, Catch::Contains("Broken pipe"));
}

}  // namespace audit::cli
