#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/attestation.hpp"
#include "base/check_list.hpp"
#include "base/controls.hpp"
#include "base/left_out.hpp"
#include "base/model.hpp"

namespace audit {

/// What a run says of a control; the first that holds, but for people's answers (`assess_control`). Only `satisfied` says
/// that what was seen shows it to be met; of `attested` a person says so.
enum class ControlState : std::uint8_t {
  not_satisfied,     // a mapped rule fails somewhere, or a person answered that it is not met
  risk_accepted,     // rules fail, and every failure is waived: not satisfied either
  satisfied,         // full mappings, and all that is mapped was judged, on all targets
  attested,          // a person answered for it, and nothing fails
  partial_evidence,  // something was seen that speaks for it, not enough to show it
  not_reviewed,      // a person's answer has run out, and nothing else speaks for it
  no_evidence,       // rules bear on it, and none of them saw anything that they could judge
  not_covered,       // no rule bears on it
};
inline constexpr std::size_t control_state_count = 8;
inline constexpr std::array<ControlState, control_state_count> all_control_states{
    ControlState::not_satisfied,    ControlState::risk_accepted, ControlState::satisfied,   ControlState::attested,
    ControlState::partial_evidence, ControlState::not_reviewed,  ControlState::no_evidence, ControlState::not_covered};

/// "not_satisfied"
[[nodiscard]] std::string_view name_of(ControlState state) noexcept;
/// "not satisfied"
[[nodiscard]] std::string_view words_of(ControlState state) noexcept;

/// What became of one rule's checks in a run.
struct RuleOutcome {
  struct Ref {
    std::string target;
    Status status = Status::not_reviewed;
    Reason reason = Reason::stopped;
    std::uint64_t failures = 0;  // results
    std::uint64_t waived = 0;    // of these
  };
  bool selected = false;                             // was it in the plan?
  std::array<std::uint64_t, status_count> checks{};  // by Status
  std::uint64_t failures = 0;                        // failed results, waived ones too
  std::uint64_t waived = 0;                          // of these
  std::vector<Ref> failed;                           // the first `most_refs` checks that fail
  std::vector<Ref> unseen;                           // likewise of error and not_reviewed
  std::vector<LeftOut> left_out;                     // where no check of it was planned, though there are targets

  static constexpr std::size_t most_refs = 50;
  [[nodiscard]] std::uint64_t of(Status status) const { return checks[static_cast<std::size_t>(status)]; }
  [[nodiscard]] std::uint64_t planned() const;
  /// error and not_reviewed
  [[nodiscard]] std::uint64_t blind() const { return of(Status::error) + of(Status::not_reviewed); }
  void count(const Check& check, std::uint64_t waived_failures);
  void add(const RuleOutcome& other);  // the counts; `selected` where both are
};

using RuleOutcomes = std::map<std::string, RuleOutcome, std::less<>>;
/// Is this failure waived?
using IsWaived = std::function<bool(const Check&, const Finding&)>;

/// By rule: the selected ones, and whatever else there are checks of. `left_out`: the parts of the inventory that they
/// were not asked of.
[[nodiscard]] RuleOutcomes outcomes_of(const std::vector<RuleRecord>& rules, const CheckList& checks,
                                       const IsWaived& is_waived, const std::vector<LeftOut>& left_out = {});

/// What a person answered for a control that no probe can check (an attestation).
struct ControlAnswer {
  std::string framework;
  std::string control;
  bool met = false;
  bool current = false;  // it has not run out
  std::string status;    // as the inventory words it
  std::string by;
  std::string date;
  std::string valid_until;
  std::string evidence;
};

/// Those of the inventory that have begun, the current and those that have run out. `not_applicable` counts as met.
[[nodiscard]] std::vector<ControlAnswer> answers_of(const std::vector<AttestationRecord>& attestations);

struct ControlAssessment {
  struct Mapped {
    Framework::Mapping mapping;
    RuleOutcome outcome;
  };
  std::string id;
  std::string title;
  ControlState state = ControlState::not_covered;
  std::string why;  // of the state, in words
  std::vector<Mapped> rules;
  RuleOutcome sum;  // of all of them; its lists are empty
  std::optional<ControlAnswer> answer;
};

struct FrameworkAssessment {
  std::string id;
  std::string title;
  std::string version;
  std::string url;
  std::string note;
  std::vector<ControlAssessment> controls;

  [[nodiscard]] std::array<std::uint64_t, control_state_count> counts() const;
};

/// Pure. `complete`: the run was not cut short; one that was satisfies nothing.
[[nodiscard]] ControlAssessment assess_control(const Framework::Control& control, const RuleOutcomes& outcomes,
                                               const ControlAnswer* answer, bool complete);
[[nodiscard]] std::vector<FrameworkAssessment> assess(const Controls& controls, const RuleOutcomes& outcomes,
                                                      const std::vector<ControlAnswer>& answers, bool complete);

}  // namespace audit
