#include "audit/select.hpp"

#include <catch2/catch.hpp>

namespace audit::core {

using Catch::Contains;

namespace {

RuleRecord rule(const std::string& id, Severity severity, std::vector<std::string> tags = {}) {
  RuleRecord record;
  record.id = id;
  record.severity = severity;
  record.tags = std::move(tags);
  return record;
}

const std::vector<RuleRecord>& rules() {
  static const std::vector<RuleRecord> all{rule("exposure.telnet-open", Severity::high, {"exposure", "cleartext"}),
                                           rule("exposure.ftp-open", Severity::medium, {"exposure"}),
                                           rule("ssh.version", Severity::high, {"management"}),
                                           rule("dns.reverse", Severity::low, {"dns", "ssh"}),
                                           rule("note.one", Severity::info),
                                           rule("worst.one", Severity::critical)};
  return all;
}

const Controls& controls() {
  static const Controls all = [] {
    const auto by = [](std::string id) { return Framework::Mapping{std::move(id), Support::partial, "w"}; };
    Framework nist;
    nist.id = "NIST-800-53";
    nist.controls = {{"AC-17(2)", "t", {by("exposure.telnet-open")}},
                     {"CM-7", "t", {by("exposure.ftp-open"), by("exposure.telnet-open")}}};
    Framework cis;
    cis.id = "CIS";
    cis.controls = {{"4.8", "t", {by("ssh.version")}}};
    return Controls{{nist, cis}};
  }();
  return all;
}

/// The selected rules by their initials: "telnet ftp" is "tf".
std::string chosen(std::string_view text) {
  const Result<Selection> selection = Selection::parse(text);
  if (!selection) return selection.error().message;
  std::string letters;
  constexpr std::string_view initials = "tfvrnw";
  for (std::size_t i = 0; i < rules().size(); ++i)
    if (selection->matches(rules()[i], controls())) letters += initials[i];
  return letters;
}

}  // namespace

TEST_CASE("a word is an id, a glob, a family or a tag") {
  CHECK(chosen("exposure.telnet-open") == "t");
  CHECK(chosen("exposure") == "tf");
  CHECK(chosen("exposure.*") == "tf");
  CHECK(chosen("*-open") == "tf");
  CHECK(chosen("ssh") == "vr");
  CHECK(chosen("clear*") == "t");
  CHECK(chosen("tag:ssh") == "r");
  CHECK(chosen("id:ssh") == "");
  CHECK(chosen("id:ssh.*") == "v");
  CHECK(chosen("*") == "tfvrnw");
  CHECK(chosen("?ns.reverse") == "r");
  CHECK(chosen("expos") == "");
}

TEST_CASE("a control selects the rules that speak to it") {
  CHECK(chosen("control:NIST-800-53/CM-7") == "tf");
  CHECK(chosen("control:NIST-800-53") == "tf");
  CHECK(chosen("control:*/4.*") == "v");
  CHECK(chosen("control:CIS/CM-7") == "");
  CHECK(chosen("control:NIST-800-53/AC-17(2)") == "t");
  CHECK(chosen("(control:NIST-800-53/AC-17(2)) or (control:CIS)") == "tv");
  CHECK(chosen("control:* and not control:*/AC-17(*)") == "fv");
  CHECK(chosen("control:CIS(") == "select `control:CIS(`: `(` is not expected here");
  CHECK_THAT(chosen("ssh(2)"), Contains("is not expected here"));
}

TEST_CASE("severities are compared") {
  CHECK(chosen("severity=high") == "tv");
  CHECK(chosen("severity>=high") == "tvw");
  CHECK(chosen("severity>high") == "w");
  CHECK(chosen("severity<=low") == "rn");
  CHECK(chosen("severity<low") == "n");
  CHECK(chosen("severity=worst") == "");
  CHECK(chosen("severity>=") == "");
}

TEST_CASE("not binds before and, and before or; parentheses group") {
  CHECK(chosen("exposure and severity=high or dns") == "tr");
  CHECK(chosen("dns or exposure and severity=high") == "tr");
  CHECK(chosen("(dns or exposure) and severity=high") == "t");
  CHECK(chosen("not exposure and not dns") == "vnw");
  CHECK(chosen("not (exposure or dns)") == "vnw");
  CHECK(chosen("not not dns") == "r");
  CHECK(chosen("  ((dns))\t or\nnote.one ") == "rn");
  CHECK(chosen("exposure and not cleartext") == "f");
}

TEST_CASE("a mistake in an expression says what and where") {
  CHECK_THAT(chosen(""), Contains("missing at the end"));
  CHECK_THAT(chosen("   "), Contains("missing at the end"));
  CHECK_THAT(chosen("ssh and"), Contains("missing at the end"));
  CHECK_THAT(chosen("or ssh"), Contains("missing before `or`"));
  CHECK_THAT(chosen("not"), Contains("missing at the end"));
  CHECK_THAT(chosen("(ssh"), Contains("closing `)`"));
  CHECK_THAT(chosen("ssh)"), Contains("`)` is not expected"));
  CHECK_THAT(chosen("ssh dns"), Contains("`dns` is not expected"));
  CHECK_THAT(chosen("()"), Contains("missing before `)`"));
  CHECK_THAT(chosen(std::string(5'000, '(')), Contains("too deeply"));
  std::string nots;
  for (int i = 0; i < 5'000; ++i) nots += "not ";
  CHECK_THAT(chosen(nots + "ssh"), Contains("too deeply"));
  CHECK_THAT(chosen("a\x1b[31m b\x1b[31m"), !Contains("\x1b"));
}

TEST_CASE("words that match no rule are told, those under a not too") {
  const auto unmatched = [](std::string_view text) { return Selection::parse(text)->unmatched(rules()); };
  CHECK(unmatched("exposre or ssh") == std::vector<std::string>{"exposre"});
  CHECK(unmatched("not (telnet and ssh) or severity>=hihg") == std::vector<std::string>{"telnet", "severity>=hihg"});
  CHECK(unmatched("exposure and not dns").empty());
  CHECK(unmatched("control:CIS/4.8") == std::vector<std::string>{"control:CIS/4.8"});
  CHECK(Selection::parse("control:CIS/4.8")->unmatched(rules(), controls()).empty());
}

}  // namespace audit::core
