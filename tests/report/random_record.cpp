#include "random_record.hpp"

#include <fmt/format.h>

#include <random>

#include "base/fingerprint.hpp"
#include "written.hpp"

namespace audit::report {
namespace {

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  RunRecord make() {
    RunRecord record;
    record.run.complete = below(3) > 0;
    if (!record.run.complete && below(2) == 0) record.run.stopped_by = "SIGTERM";
    record.require_coverage = below(2) == 0 ? 1.0 : 0.5;
    const std::uint32_t rules = below(8);
    const std::uint32_t targets = below(30);
    for (std::uint32_t i = 0; i < rules; ++i) record.rules.push_back(make_rule(i));
    for (std::uint32_t i = 0; i < targets; ++i) record.targets.push_back(make_target(i));
    for (const TargetRecord& target : record.targets)
      for (const RuleRecord& rule : record.rules) add(record, make_check(rule.id, target.id));
    for (std::uint32_t i = below(4); i > 0; --i)
      record.left_out.push_back({static_cast<LeftOutBy>(below(4)),
                                 below(2) == 0 ? "" : fmt::format("family.rule-{}", i), below(9), 10, bytes(),
                                 below(2) == 0});
    const bool dated = below(2) == 0;
    for (const Check& check : record.checks)
      for (const Finding& finding : check.results)
        if (dated && is_remembered(finding.status) && below(4) > 0)
          record.first_seen.emplace(seen_key(fingerprint_of(check, finding), finding.status),
                                    WallTime(std::chrono::seconds(below(2'000'000'000))));
    add_controls(record);
    record.summary.targets = targets;
    record.summary.dark = below(500);
    record.summary.excluded = below(500);
    for (std::uint32_t i = below(5); i > 0; --i) record.waivers.push_back(make_waiver(i));
    for (std::uint32_t i = below(4); i > 0; --i) record.attestations.push_back(make_attestation(i));
    if (below(2) == 0) record.inventory.authorised_by = bytes();
    if (below(2) == 0) record.run.user = bytes();
    if (below(2) == 0) add_earlier(record);
    record.run.local = {bytes(), std::chrono::minutes(below(1'680)) - std::chrono::minutes(840),
                        std::chrono::minutes(below(840))};
    record.summary.probes.asked = below(100'000);
    record.summary.probes.evicted = below(100);
    return record;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

  std::string bytes() {
    std::string text(below(30), '\0');
    for (char& c : text) c = static_cast<char>(below(3) == 0 ? below(256) : 'a' + below(26));
    return text;
  }

  /// What the failures were before, and those that came and went.
  void add_earlier(RunRecord& record) {
    RunDiff changes;
    changes.before.id = bytes();
    changes.before.started = WallTime(std::chrono::seconds(below(2'000'000'000)));
    for (const Check& check : record.checks)
      for (const Finding& finding : check.results)
        if (finding.status == Status::fail) {
          const DiffItem item = item_of(check, finding);
          std::vector<DiffItem>* const lists[] = {&changes.fresh, &changes.changed, &changes.same};
          lists[below(3)]->push_back(item);
        }
    for (std::uint32_t i = below(4); i > 0; --i) {
      DiffItem gone;
      gone.fingerprint = fmt::format("{:032x}", i);
      gone.rule = "family.rule-0";
      gone.target = bytes();
      gone.message = bytes();
      gone.severity = static_cast<Severity>(below(severity_count));
      changes.fixed.push_back(gone);
    }
    for (const Check& check : record.checks)
      if (check.status() == Status::not_reviewed && below(2) == 0)
        changes.unknown.push_back({check.rule, check.target, below(2) == 0 ? Status::fail : Status::pass,
                                   check.status(), check.foremost().reason, check.foremost().message});
    for (const UnknownItem& item : changes.unknown)
      if (item.was == Status::fail) {
        DiffItem open;
        open.fingerprint = fmt::format("{:032x}", 100 + changes.open.size());
        open.rule = item.rule;
        open.target = item.target;
        open.message = bytes();
        changes.open.push_back(open);
      }
    changes.still = changes.changed.size() + changes.same.size();
    record.changes = std::move(changes);
    for (std::uint32_t i = below(9); i > 0; --i) {
      PastRun past{fmt::format("run-{}", i), WallTime(std::chrono::hours(480'000 - i)), 0, {}};
      for (std::uint64_t& count : past.checks) past.planned += count = below(50);
      record.past.push_back(past);
    }
  }

  void add_controls(RunRecord& record) {
    for (std::uint32_t n = below(3); n > 0; --n) {
      Framework framework;
      framework.id = fmt::format("LAB-{}", n);
      framework.title = bytes();
      framework.version = bytes();
      framework.note = bytes();
      for (std::uint32_t i = 0, all = below(9); i < all; ++i) {
        Framework::Control control{fmt::format("{}.1", i), bytes(), {}};
        for (const RuleRecord& rule : record.rules)
          if (below(3) == 0) control.rules.push_back({rule.id, static_cast<Support>(below(2)), bytes()});
        framework.controls.push_back(std::move(control));
      }
      record.controls.frameworks.push_back(std::move(framework));
    }
    ControlAnswer answer{"LAB-1", "0.1", below(2) == 0, below(2) == 0, bytes(), bytes(), bytes(), bytes(), bytes()};
    const bool waive = below(2) == 0;
    const IsWaived is_waived = [&](const Check&, const Finding&) { return waive; };
    record.frameworks = assess(record.controls, outcomes_of(record.rules, record.checks, is_waived, record.left_out),
                               {answer}, record.run.complete);
  }

  RuleRecord make_rule(std::uint32_t i) {
    RuleRecord rule;
    rule.id = fmt::format("family.rule-{}", i);
    rule.title = bytes();
    rule.remediation = bytes();
    rule.references = {bytes(), "https://example.net/?a=1&b=" + fmt::format("{}", i)};
    rule.ports.tcp.add(static_cast<std::uint16_t>(1 + below(2000)), static_cast<std::uint16_t>(2000 + below(100)));
    return rule;
  }

  TargetRecord make_target(std::uint32_t i) {
    TargetRecord target;
    target.ordinal = i;
    target.id = below(4) == 0 ? fmt::format("{}-{}", bytes(), i) : fmt::format("host-{}", i);
    target.life = static_cast<TargetLife>(below(4));
    target.owner = bytes();
    target.file = bytes();
    target.line = below(4);
    for (std::uint32_t n = below(3); n > 0; --n) {
      IpAddress address;
      for (std::size_t byte = 0; byte < 4; ++byte) address.bytes[byte] = static_cast<std::uint8_t>(below(256));
      target.addresses.push_back(address);
      for (std::uint32_t p = below(5); p > 0; --p)
        target.ports.push_back({{address, static_cast<std::uint16_t>(1 + below(9999)), Transport::tcp},
                                static_cast<Reason>(below(reason_count)),
                                bytes()});
    }
    target.ports_closed = below(3);
    target.ports_unasked = below(3);
    return target;
  }

  WaiverRecord make_waiver(std::uint32_t i) {
    WaiverRecord waiver;
    waiver.id = fmt::format("W-{}{}", i, bytes());
    waiver.rule = bytes();
    waiver.targets = {bytes(), "group:switches"};
    waiver.endpoint = below(2) == 0 ? "" : "tcp/23";
    waiver.reason = bytes();
    waiver.approver = bytes();
    waiver.ticket = bytes();
    waiver.covers = {"fail"};
    waiver.state = static_cast<WaiverState>(below(4));
    waiver.days_left = static_cast<std::int64_t>(below(100)) - 50;
    waiver.expires = Day(std::chrono::days(20'000 + below(900)));
    waiver.named = below(9);
    waiver.matched = below(static_cast<std::uint32_t>(waiver.named) + 1);
    waiver.waived = waiver.in_force() ? below(static_cast<std::uint32_t>(waiver.matched) + 1) : 0;
    return waiver;
  }

  AttestationRecord make_attestation(std::uint32_t i) {
    AttestationRecord attestation;
    attestation.control = fmt::format("{}/{}", bytes(), i);
    attestation.status = below(2) == 0 ? Status::pass : Status::fail;
    attestation.by = bytes();
    attestation.date = Day(std::chrono::days(20'000 + below(900)));
    attestation.valid_until = attestation.date + std::chrono::days(below(900));
    attestation.evidence = bytes();
    attestation.state = static_cast<AttestationState>(below(3));
    return attestation;
  }

  Check make_check(const std::string& rule, const std::string& target) {
    Check check = check_of(rule, target, static_cast<Status>(below(status_count)),
                           static_cast<Reason>(below(reason_count)), bytes());
    for (std::uint32_t more = below(3); more > 0; --more) check.results.push_back(check.results[0]);
    for (Finding& result : check.results) {
      result.status = static_cast<Status>(below(status_count));
      result.severity = static_cast<Severity>(below(severity_count));
      const bool waivable = result.status == Status::fail || result.status == Status::not_reviewed;
      if (waivable && below(3) == 0) result.waiver = fmt::format("W-{}", below(5));
      result.endpoint = below(2) == 0 ? "" : "tcp/10.0.0.1:" + fmt::format("{}", below(99));
      for (std::uint32_t pieces = below(3); pieces > 0; --pieces)
        result.evidence.push_back({bytes(), nullptr, bytes()});
    }
    return check;
  }

  std::mt19937 random_;
};

}  // namespace

RunRecord random_record(std::uint32_t seed) { return Maker(seed).make(); }

}  // namespace audit::report
