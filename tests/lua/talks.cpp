#include "talks.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "../source_dir.hpp"

namespace audit::lua {

using net::ScriptStep;

namespace {

std::map<std::string, std::string> read_scripts() {
  std::map<std::string, std::string> modules;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_dir() + "/scripts")) {
    if (entry.path().extension() != ".lua") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    modules[entry.path().stem().string()] = text.str();
  }
  return modules;
}

net::TlsSession session() {
  net::TlsSession session;
  session.version = "TLSv1.3";
  session.cipher = "TLS_AES_128_GCM_SHA256";
  session.checked = true;
  return session;
}

}  // namespace

std::vector<ScriptStep> steps_of(const Talk& talk, std::size_t split, std::size_t cut) {
  std::vector<ScriptStep> steps;
  for (const Turn& turn : talk) {
    if (!turn.hears.empty()) steps.push_back(ScriptStep::expect(turn.hears));
    const std::string words = turn.says.substr(0, cut);
    if (!words.empty()) steps.push_back(ScriptStep::say(words, {}, split));
    if (words.size() < turn.says.size()) return steps;  // the stream ends after the last step
    cut -= cut == std::string::npos ? 0 : words.size();
    if (turn.tls) steps.push_back(ScriptStep::tls(session()));
  }
  steps.push_back(ScriptStep::hang());
  return steps;
}

std::size_t size_of(const Talk& talk) {
  std::size_t size = 0;
  for (const Turn& turn : talk) size += turn.says.size();
  return size;
}

const std::map<std::string, std::string>& scripts() {
  static const std::map<std::string, std::string> all = read_scripts();
  return all;
}

std::string says(const std::string& body, std::uint16_t port, std::vector<ScriptStep> steps) {
  Bench bench(body);
  bench.modules = scripts();
  bench.port(port, std::move(steps));
  const Outcome outcome = bench.run();
  if (outcome.finding.status == Status::informational) return outcome.finding.message;
  return ended(outcome) + ": " + outcome.finding.message;
}

std::string endure(const std::string& body, std::uint16_t port, const Talk& talk, std::size_t spare) {
  const std::string whole = says(body, port, steps_of(talk));
  CHECK(says(body, port, steps_of(talk, 1)) == whole);
  const std::size_t size = size_of(talk);
  for (std::size_t cut = 0; cut + spare < size; ++cut) {
    INFO("closed behind byte " << cut);
    CHECK_THAT(says(body, port, steps_of(talk, 0, cut)), Catch::StartsWith("error eof"));
  }
  for (std::size_t turn = 0; turn < talk.size(); ++turn)
    for (std::size_t at = 0; at < talk[turn].says.size(); ++at)
      for (const char damage : {'\0', '\n', '9', '\xff'}) {
        INFO("turn " << turn << " byte " << at << " is " << static_cast<int>(damage));
        Talk damaged = talk;
        damaged[turn].says[at] = damage;
        CHECK_THAT(says(body, port, steps_of(damaged)),
                   !Catch::Contains("rule_error") && !Catch::Contains("over_budget"));
      }
  return whole;
}

}  // namespace audit::lua
