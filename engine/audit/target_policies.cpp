#include <fmt/format.h>

#include "audit/justify.hpp"
#include "audit/target_run.hpp"
#include "probe/port.hpp"

namespace audit::core {
namespace {

/// The TCP ports as the sweep left them.
class TcpWitness final : public PortWitness {
 public:
  TcpWitness(const PortView& view, WallTime time) : view_(view), time_(time) {}

  [[nodiscard]] Transport transport() const override { return Transport::tcp; }
  [[nodiscard]] const std::vector<IpAddress>& hosts() const override { return view_.target().hosts(); }
  [[nodiscard]] Evidence port_evidence(const Endpoint& endpoint) const override {
    return view_.port_evidence(endpoint);
  }
  [[nodiscard]] WallTime time() const override { return time_; }
  [[nodiscard]] PortSight look(const Endpoint& endpoint) const override {
    using What = PortSight::What;
    const probe::PortState* state = view_.state(endpoint);
    const Reason known = state == nullptr ? Reason::stopped : state->state;
    PortSight sight;
    if (known == Reason::open) {
      sight.what = What::open;
    } else if (known == Reason::closed) {
      sight.what = What::closed;
    } else if (known == Reason::filtered && view_.alive(endpoint.address)) {
      sight.what = What::filtered;
    } else if (known == Reason::filtered) {
      sight.what = What::silent;
      sight.why = Error(Reason::filtered,
                        fmt::format("{} gave no answer, and neither did anything else of {}: the host may be gone",
                                    format_endpoint(endpoint), format_address(endpoint.address)));
    } else {
      const probe::PortState unseen;
      sight.why = probe::port_error(endpoint, state == nullptr ? unseen : *state);
    }
    return sight;
  }

 private:
  const PortView& view_;
  WallTime time_;
};

/// What is to be said of a port that has to be open for a question, and is not; none where it is.
std::optional<Finding> not_open(const PortWitness& witness, const Endpoint& endpoint, const PortSet& never,
                                const RuleRecord& rule) {
  using What = PortSight::What;
  const PortSight sight = witness.look(endpoint);
  if (never.contains(endpoint.port))
    return blind_finding(
        Error(Reason::out_of_scope, format_endpoint(endpoint) + " is a port that `never` forbids to touch"),
        rule.severity);
  if (sight.what == What::open) return std::nullopt;
  if (sight.what == What::silent || sight.what == What::blind) return blind_finding(sight.why, rule.severity);
  Finding finding;
  finding.status = Status::fail;
  finding.reason = sight.what == What::closed ? Reason::closed : Reason::filtered;
  finding.severity = rule.severity;
  finding.message = fmt::format("{} is {}, and something is expected to answer there", format_endpoint(endpoint),
                                name_of(finding.reason));
  return finding;
}

}  // namespace

awaitable<void> TargetRun::sweep_udp() {
  const PortSet ports = plan_.udp_ports_for(rules_, *settings_);
  if (ports.empty()) co_return;
  PortSet required = settings_->expect_udp->require;
  required.remove(settings_->never.udp);
  udp_.emplace(machine_, *plan_.udp_asker, subject_, *target_);
  const bool spare_the_silent = target_->swept() != nullptr && !settings_->assume_up;
  co_await udp_->ask(ports, required, spare_the_silent);
}

void TargetRun::judge_policy(std::uint32_t slot, const PortView& view) {
  const Policy& policy = *plan_.rules[rules_[slot]].policy;
  if (policy.questions != nullptr) {
    in_lua_.push_back(slot);
    return;
  }
  if (policy.transport == Transport::tcp) {
    settle(slot, policy.judge(TcpWitness(view, swept_at_), *settings_));
  } else if (udp_) {
    settle(slot, policy.judge(*udp_, *settings_));
  } else {
    const Error unasked(Reason::out_of_scope, subject_.id + ": `never` forbids every UDP port that is expected");
    settle(slot, {blind_finding(unasked, policy.record.severity)});
  }
}

awaitable<void> TargetRun::ask_policy(std::uint32_t slot) {
  const PlannedRule& planned = plan_.rules[rules_[slot]];
  const PolicySubject subject{hosts_, resolved_, member_.entry->name, *settings_, swept_at_};
  std::vector<PolicyQuestion> questions = planned.policy->questions(subject);
  std::vector<Finding> findings;
  for (PolicyQuestion& question : questions) {
    Finding finding = co_await ask_question(planned, std::move(question));
    // Nothing passes on a target that nobody may ask, right as its name may be.
    if (hosts_.empty() && finding.status == Status::pass) {
      const Error outside(Reason::out_of_scope, finding.message + ", and none of that is in the scope");
      finding = blind_finding(outside, planned.record.severity);
    }
    findings.push_back(std::move(finding));
  }
  // Without an address there is nobody to ask about.
  if (findings.empty()) {
    const Error nobody(Reason::unresolved, subject_.id + " has no address to ask about");
    findings.push_back(blind_finding(nobody, planned.record.severity));
  }
  settle(slot, std::move(findings));
}

awaitable<Finding> TargetRun::ask_question(const PlannedRule& planned, PolicyQuestion question) {
  if (question.settled) co_return std::move(*question.settled);
  if (question.endpoint) {
    const PortView view(*target_, swept_at_);
    const TcpWitness witness(view, swept_at_);
    if (std::optional<Finding> known = not_open(witness, *question.endpoint, settings_->never.tcp, planned.record)) {
      known->endpoint = format_endpoint(*question.endpoint);
      known->key = question.key;
      known->evidence.push_back(view.port_evidence(*question.endpoint));
      co_return std::move(*known);
    }
  }
  lua::Outcome outcome =
      co_await machine_.run(planned.lua_index, subject_, question.params, *target_, never, question.endpoint);
  justify(outcome, *target_);
  outcome.finding.key = question.key;
  co_return std::move(outcome.finding);
}

}  // namespace audit::core
