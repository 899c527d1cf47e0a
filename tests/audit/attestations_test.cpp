#include <catch2/catch.hpp>

#include "audit/attestations.hpp"

using namespace audit;
using namespace audit::core;

namespace {

const Day today = Day(std::chrono::year(2026) / 11 / 21);

inventory::Attestation attestation(std::string control, int from, int until) {
  inventory::Attestation made;
  made.control = std::move(control);
  made.date = today + std::chrono::days(from);
  made.valid_until = today + std::chrono::days(until);
  made.control_place = {"inv.toml", 3, 11};
  return made;
}

Controls frameworks() {
  Controls controls;
  Framework nist;
  nist.id = "NIST-800-53";
  nist.controls = {{"AC-17", "Remote access", {}}};
  controls.frameworks.push_back(std::move(nist));
  return controls;
}

}  // namespace

TEST_CASE("an attestation counts as it states up to its last day, and as not reviewed after it") {
  const auto judged = [](int from, int until) {
    return judge_attestations({attestation("NIST-800-53/AC-17", from, until)}, today).at(0);
  };
  CHECK(judged(-1, 0).state == AttestationState::current);
  CHECK(judged(0, 1).effective() == Status::pass);
  CHECK(judged(-9, -1).state == AttestationState::expired);
  CHECK(judged(-9, -1).effective() == Status::not_reviewed);
  CHECK(judged(-9, -1).status == Status::pass);
  CHECK(judged(1, 9).state == AttestationState::future);
  CHECK(judged(1, 9).effective() == Status::not_reviewed);
}

TEST_CASE(
    "an attestation of a framework that is not loaded is a mistake, of a control that its file only leaves out a "
    "notice") {
  CHECK(check_attestations({attestation("NIST-800-53/AC-17", 0, 1)}, frameworks()).mistakes.empty());
  CHECK(check_attestations({attestation("NIST-800-53/AC-17", 0, 1)}, frameworks()).notices.empty());
  CHECK(check_attestations({attestation("NIST-80-53/AC-17", 0, 1)}, frameworks()).mistakes ==
        std::vector<std::string>{"inv.toml:3:11: there is no framework `NIST-80-53`; did you mean `NIST-800-53`?"});
  const AttestationComplaints unlisted = check_attestations({attestation("NIST-800-53/PE-3", 0, 1)}, frameworks());
  CHECK(unlisted.mistakes.empty());
  CHECK(unlisted.notices.size() == 1);
  CHECK(unlisted.notices.front() ==
        "inv.toml:3:11: NIST-800-53 does not list NIST-800-53/PE-3: the attestation is reported, among the controls it "
        "is not");
  const AttestationComplaints alone = check_attestations({attestation("NIST-800-53/PE-3", 0, 1)}, {});
  CHECK(alone.mistakes.empty());
  CHECK(alone.notices.size() == 1);
}

TEST_CASE(
    "an attestation of what cannot be a control of its framework is a mistake, and no valid id is taken for another") {
  const auto told = [](const std::string& control) {
    return check_attestations({attestation("NIST-800-53/" + control, 0, 1)}, frameworks());
  };
  for (const char* valid : {"AC-2", "AC-18", "AT-2", "PE-17"}) {
    CAPTURE(valid);
    CHECK(told(valid).mistakes.empty());
    REQUIRE(told(valid).notices.size() == 1);
    CHECK(told(valid).notices.front().find("did you mean") == std::string::npos);
  }
  CHECK(told("AC17").mistakes ==
        std::vector<std::string>{"inv.toml:3:11: NIST-800-53 has no control `AC17`: its ids look like `AC-17`; did you "
                                 "mean `AC-17`?"});
  for (const char* wrong : {"AC-177", "ac-17", "AC-l7", "AC-17 ", "ACC-17", "AC-", "17", "AC-17/2", "\x1b[31m"}) {
    CAPTURE(wrong);
    CHECK(told(wrong).notices.empty());
    REQUIRE(told(wrong).mistakes.size() == 1);
    CHECK(told(wrong).mistakes.front().find('\x1b') == std::string::npos);
  }
}
