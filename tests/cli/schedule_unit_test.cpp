#include "cli/schedule_unit.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "cli/schedule_files.hpp"

namespace audit::cli {
namespace {

using Catch::Contains;

ScheduledJob job_of(const std::string& inventory) {
  ScheduledJob job;
  job.inventory = inventory;
  job.name = job_name(inventory);
  job.calendar = *parse_daily("02:30");
  job.state = "/var/lib/audit";
  job.command = {"/usr/bin/audit", "run", inventory, "--quiet"};
  job.paths = {"/usr/bin/audit", inventory};
  return job;
}

std::string value_of(const std::string& unit, const std::string& key) {
  std::istringstream lines(unit);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(key + "=")) return line.substr(key.size() + 1);
  return {};
}

/// Words in double quotes as systemd.syntax(7) and systemd.unit(5) have them: a backslash takes the next character as it
/// is, and two percent signs are one. Only what `unit_word` may write.
std::vector<std::string> read_words(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ') continue;
    REQUIRE(line[at] == '"');
    words.emplace_back();
    for (++at; line.at(at) != '"'; ++at) {
      if (line[at] == '%') REQUIRE(line.at(++at) == '%');
      if (line[at] == '\\') {
        ++at;
        REQUIRE((line.at(at) == '\\' || line.at(at) == '"'));
      }
      words.back() += line[at];
    }
  }
  return words;
}

TEST_CASE("what systemd reads from ExecStart is what was written, whatever the words hold") {
  std::mt19937 random(7);
  const std::string letters = "ab \"'\\%$;{}*?#=:/-ü€@!~|&";
  for (int i = 0; i < 2'000; ++i) {
    ScheduledJob job = job_of("/srv/a.toml");
    for (std::size_t words = random() % 4; words > 0; --words) {
      std::string word;
      for (std::size_t size = random() % 9; size > 0; --size) {
        const std::size_t at = random() % 19;  // the last is for those beyond ASCII
        word += at == 18 ? std::string("ü€") : letters.substr(at, 1);
      }
      job.command.push_back(word);
    }
    const std::string line = value_of(*service_unit(job), "ExecStart");
    REQUIRE(line.front() == ':');  // systemd.service(5): no variable is put in
    CHECK(read_words(line.substr(1)) == job.command);
  }
}

TEST_CASE("what no unit can carry is refused") {
  for (const char* bad : {"/srv/a\nExecStartPre=x", "/srv/\x1b[2J", "/srv/\x7f", "/srv/\t"})
    CHECK_THAT(service_unit(job_of(bad)).error().message, Contains("control character"));
  CHECK_THAT(service_unit(job_of("/srv/\xff")).error().message, Contains("is not UTF-8"));
}

TEST_CASE("no line of a unit ends with a backslash, which would take the next one along") {
  const std::string unit = *service_unit(job_of("/srv/a\\"));
  CHECK(unit.find("\\\n") == std::string::npos);
  CHECK(timer_unit(job_of("/srv/a\\")).find("\\\n") == std::string::npos);
  CHECK(parse_head(unit)->inventory == "/srv/a\\");
}

TEST_CASE("findings are no failure of the unit, and a run that saw too little is") {
  CHECK(value_of(*service_unit(job_of("/srv/a.toml")), "SuccessExitStatus") == "1 143");
}

TEST_CASE("homes are hidden unless something of the run is in one") {
  ScheduledJob job = job_of("/srv/a.toml");
  CHECK(value_of(*service_unit(job), "ProtectHome") == "tmpfs");
  job.paths.push_back("/homestead/x");
  CHECK(value_of(*service_unit(job), "ProtectHome") == "tmpfs");
  job.runs_commands = true;
  CHECK(value_of(*service_unit(job), "ProtectHome") == "read-only");
  job.runs_commands = false;
  job.paths.push_back("/home/scanner/community");
  CHECK(value_of(*service_unit(job), "ProtectHome") == "read-only");
}

TEST_CASE("the folder of other programs' temporary files is a private one unless something of the run is there") {
  ScheduledJob job = job_of("/srv/a.toml");
  CHECK(value_of(*service_unit(job), "PrivateTmp") == "yes");
  job.paths.push_back("/var/tmp/report.json");
  CHECK(value_of(*service_unit(job), "PrivateTmp").empty());
}

TEST_CASE("only the state and the folders of reports may be written") {
  ScheduledJob job = job_of("/srv/a.toml");
  CHECK(value_of(*service_unit(job), "StateDirectory") == "audit");
  CHECK(value_of(*service_unit(job), "ReadWritePaths").empty());
  job.reports = {"/srv/re ports", "/srv/re ports"};
  CHECK(value_of(*service_unit(job), "ReadWritePaths") == "\"/srv/re ports\"");
  job.reports.clear();
  job.state = "/srv/100%";
  CHECK(value_of(*service_unit(job), "ReadWritePaths") == "\"/srv/100%%\"");
  CHECK(value_of(*service_unit(job), "StateDirectory").empty());
  job.state = "/var/lib/au:dit";
  CHECK(value_of(*service_unit(job), "ReadWritePaths") == "\"/var/lib/au:dit\"");
}

TEST_CASE("a user's unit asks nothing of a user's manager that takes root") {
  ScheduledJob job = job_of("/srv/a.toml");
  job.user = true;
  const std::string unit = *service_unit(job);
  for (const char* key : {"ProtectSystem", "ProtectHome", "PrivateDevices", "CapabilityBoundingSet",
                          "AmbientCapabilities", "StateDirectory", "ReadWritePaths", "Wants", "PrivateTmp"})
    CHECK(value_of(unit, key).empty());
  CHECK(value_of(unit, "NoNewPrivileges") == "yes");
}

TEST_CASE("a timer catches up, and its random delay stays the same") {
  ScheduledJob job = job_of("/srv/a.toml");
  CHECK(value_of(timer_unit(job), "Persistent") == "yes");
  CHECK(value_of(timer_unit(job), "RandomizedDelaySec").empty());
  job.jitter = std::chrono::minutes(30);
  CHECK(value_of(timer_unit(job), "RandomizedDelaySec") == "1800s");
  CHECK(value_of(timer_unit(job), "FixedRandomDelay") == "yes");
  CHECK(value_of(timer_unit(job), "Unit") == job.name + ".service");
}

TEST_CASE("a name is a word of the file's name and a hash of where it is") {
  CHECK_THAT(job_name("/srv/Campus (old).toml"), Catch::StartsWith("audit-campus-old-"));
  CHECK(job_name("/srv/a.toml") != job_name("/etc/a.toml"));
  CHECK(job_name("/srv/../srv/a.toml") == job_name("/srv/a.toml"));
  CHECK_THAT(job_name("/srv/ü€.toml"), Catch::StartsWith("audit-inventory-"));
  CHECK(job_name("/srv/" + std::string(200, 'x') + ".toml").size() == std::string("audit--123456").size() + 32);
}

TEST_CASE("only what was made here is read, replaced or removed") {
  std::string name = (std::filesystem::temp_directory_path() / "audit-files-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const std::filesystem::path folder = name;
  const std::string path = (folder / "audit-a-123456.timer").string();
  const std::string text = timer_unit(job_of("/srv/a.toml"));
  const auto content = [&] {
    std::stringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  };
  CHECK(*remove_ours(path) == false);
  CHECK(write_ours(path, text));
  CHECK(write_ours(path, text + "# again\n"));
  CHECK(content() == text + "# again\n");
  CHECK(list_ours(name, ".timer") == std::vector<std::string>{path});
  CHECK(list_ours(name, ".service").empty());
  CHECK(*remove_ours(path));
  for (const std::string& theirs : {std::string("[Timer]\n"), std::string(), "# by hand\n" + text}) {
    std::ofstream(path) << theirs;
    CHECK_THAT(write_ours(path, text).error().message, Contains("was not made by audit schedule install"));
    CHECK_FALSE(remove_ours(path));
    CHECK(read_ours(path).empty());
    CHECK(content() == theirs);
  }
  std::filesystem::remove(path);
  std::ofstream(folder / "ours") << text;
  std::filesystem::create_symlink(folder / "ours", path);
  CHECK_FALSE(write_ours(path, text));
  CHECK_FALSE(remove_ours(path));
  CHECK(list_ours(name, ".timer").empty());
  CHECK_FALSE(write_ours("/proc/nowhere/audit-a.timer", text));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace audit::cli
