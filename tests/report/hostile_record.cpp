#include "hostile_record.hpp"

#include "base/fingerprint.hpp"
#include "written.hpp"

namespace audit::report {

std::string hostile_bytes() {
  using namespace std::string_literals;
  return "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;&#60; ]]><!-- --> {{mustache}} {{{raw}}} "
         "\x1b[31m\x1b]0;title\x07 \x9b\xc2\x9b \0 \r\n\t\b\x7f \xff\xfe\xc0\xaf\xed\xa0\x80 "
         "\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf\xef\xbf\xbe [a](b) {0} =cmd|' /C calc'!A0 ${jndi:ldap://x} ../../etc/passwd"s;
}

RunRecord hostile_record(const std::string& bytes) {
  RunRecord record;
  record.tool = {bytes, bytes};
  record.run.id = record.run.stopped_by = record.run.command = record.run.user = bytes;
  record.run.vantage = {bytes, {bytes}, {bytes}};
  record.inventory.path = record.inventory.sha256 = record.inventory.name = bytes;
  record.inventory.authorised_by = record.inventory.ssp = record.inventory.assessment_plan = bytes;
  record.inventory.files = {{bytes, bytes}, {bytes, bytes}};
  record.inventory.sources = {{bytes, bytes, {bytes, bytes}, {}, bytes, 1}};
  RuleRecord rule;
  rule.id = rule.title = rule.rationale = rule.remediation = rule.file = rule.sha256 = bytes;
  rule.tags = {bytes};
  rule.references = {bytes, "https://example.net/" + bytes};
  record.rules = {rule};
  TargetRecord target;
  target.id = target.life_message = target.owner = target.zone = target.criticality = target.file = bytes;
  target.line = 3;
  target.names = target.tags = target.groups = {bytes};
  target.addresses = {*parse_address("10.0.0.1")};
  target.ports = {{{target.addresses[0], 23, Transport::tcp}, Reason::open, bytes}};
  record.targets = {target};
  auto observation = std::make_shared<Observation>();
  observation->probe = observation->endpoint = observation->message = observation->local = observation->remote = bytes;
  observation->fields = Value::Object{{bytes, bytes}, {"list", Value::Array{bytes, Value::Object{{bytes, bytes}}}}};
  for (const Status status : all_statuses) {
    Check check = check_of(bytes, bytes, status, Reason::rule_error, bytes);
    check.results[0].endpoint = check.results[0].key = bytes;
    check.results[0].evidence = {{bytes, observation, {}}, {bytes, nullptr, bytes}};
    add(record, std::move(check));
  }
  Check waived = check_of(bytes, bytes, Status::fail, Reason::observed, bytes);
  waived.results[0].waiver = bytes;
  add(record, std::move(waived));
  record.first_seen.emplace(
      seen_key(fingerprint_of(record.checks.held().back(), record.checks.held().back().results[0]), Status::fail),
      record.run.started);
  RunDiff changes;
  changes.before.id = bytes;
  const DiffItem item{bytes, bytes, bytes, bytes, bytes, Severity::high, bytes, bytes, bytes, record.run.started, {}};
  changes.fresh = changes.fixed = changes.changed = changes.same = changes.open = {item};
  changes.unknown = {{bytes, bytes, Status::fail, Status::error, Reason::timeout, bytes}};
  changes.targets_came = changes.targets_went = changes.rules_came = changes.rules_went =
      changes.rules_changed = {bytes};
  record.changes = std::move(changes);
  record.past = {{bytes, record.run.started, 6, {1, 1, 1, 1, 1, 1}}};
  record.dark = {{bytes, {}, {bytes}, 1}};
  record.excluded = {{bytes, {}, {bytes}, 1}};
  record.services = {{23, bytes}};
  record.dates.timezone = bytes;
  for (const WaiverState state :
       {WaiverState::future, WaiverState::active, WaiverState::expiring, WaiverState::expired}) {
    WaiverRecord waiver;
    waiver.id = waiver.rule = waiver.endpoint = waiver.reason = waiver.approver = waiver.ticket = bytes;
    waiver.targets = waiver.covers = {bytes, bytes};
    waiver.state = state;
    record.waivers.push_back(std::move(waiver));
  }
  AttestationRecord attestation;
  attestation.control = bytes + "/" + bytes;
  attestation.by = attestation.evidence = bytes;
  record.attestations = {attestation};
  Framework framework;
  framework.id = framework.title = framework.version = framework.url = framework.note = framework.file = bytes;
  framework.controls = {{bytes, bytes, {{bytes, Support::full, bytes}}}, {bytes + "2", bytes, {}}};
  record.controls.frameworks = {std::move(framework)};
  record.left_out = {{LeftOutBy::safety, bytes, 1, 2, bytes, false}};
  record.assess_controls();
  record.notices = {bytes};
  return record;
}

}  // namespace audit::report
