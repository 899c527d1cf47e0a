#include "trial/criterion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/run_checks.hpp"
#include "base/text.hpp"
#include "trial/judge.hpp"
#include "trial/peers.hpp"

namespace audit::trial {
namespace {

/// One finding of a generated case while it is judged.
class Judging {
 public:
  Judging(const Variant& variant, const Check* base, const Seen& seen, const Finding& finding)
      : variant_(variant), base_(base), seen_(seen), finding_(finding) {}

  /// "" where the verdict is justified.
  std::string fault() const {
    const bool about_another = !finding_.endpoint.empty() && variant_.bent && !is_bent(finding_.endpoint);
    if (as_in_base() && (about_another || untouched())) return {};
    switch (variant_.kind) {
      case Kind::gone:
        return rests_on_bytes(true) ? "" : "no host answered anything: this is neither a pass nor a fail";
      case Kind::refused:
      case Kind::filtered:
        if (saw_absence() || ((as_in_base() || is_of_run()) && rests_on_bytes(false))) return {};
        return "its evidence does not show that the port is closed or filtered, and nothing else was seen";
      case Kind::silence:
      case Kind::empty: return fault_of_nothing();
      case Kind::garbage: return fault_of_garbage();
      case Kind::reset:
        if (said_by_bent() == 0) return fault_of_nothing();
        [[fallthrough]];
      case Kind::truncated:
      case Kind::stalled: return fault_of_a_part();
      case Kind::split: return {};
    }
    return {};
  }

 private:
  bool is_bent(std::string_view endpoint) const { return variant_.bent && endpoint == format_endpoint(*variant_.bent); }

  bool by_names() const { return variant_.bent && *variant_.bent == name_server(); }

  /// The case that it was made from has the same result.
  bool as_in_base() const {
    return base_ != nullptr && std::any_of(base_->results.begin(), base_->results.end(), [&](const Finding& other) {
             return other.endpoint == finding_.endpoint && other.status == finding_.status && other.key == finding_.key;
           });
  }

  /// Of a rule that compares targets: one whose port is closed is not among them, and the others were seen.
  bool is_of_run() const { return seen_.check.target == core::every_target; }

  std::size_t said_by_bent() const {
    std::size_t said = 0;
    for (const Said& one : seen_.said)
      if (one.what == Said::What::received && (!variant_.bent || one.peer == *variant_.bent)) said += one.bytes.size();
    return said;
  }

  /// Nobody spoke with the peer, so what it does cannot matter.
  bool untouched() const {
    const bool spoken = std::any_of(seen_.said.begin(), seen_.said.end(),
                                    [&](const Said& one) { return variant_.bent && one.peer == *variant_.bent; });
    const bool about_words =
        variant_.kind != Kind::refused && variant_.kind != Kind::filtered && variant_.kind != Kind::gone;
    return variant_.bent && about_words && !spoken;
  }

  /// Does the evidence hold an observation of a peer that said something, the bent one included or not?
  bool rests_on_bytes(bool with_bent) const {
    return std::any_of(finding_.evidence.begin(), finding_.evidence.end(), [&](const Evidence& item) {
      if (!item.observation) return false;
      return std::any_of(seen_.said.begin(), seen_.said.end(), [&](const Said& one) {
        if (one.what != Said::What::received || one.bytes.empty()) return false;
        if (!with_bent && variant_.bent && one.peer == *variant_.bent) return false;
        const bool a_name = item.observation->probe == "dns" && one.peer == name_server();
        return a_name || item.observation->endpoint == format_endpoint(one.peer);
      });
    });
  }

  bool judges_ports_alone() const {
    bool any = false;
    for (const Evidence& item : finding_.evidence) {
      if (!item.observation) continue;
      any = true;
      if (item.observation->probe != "port") return false;
    }
    return any;
  }

  static std::string state_of(const Observation& seen) {
    const Value* state = seen.fields.find("state");
    const auto* text = state != nullptr ? state->get_if<std::string>() : nullptr;
    return text != nullptr ? *text : std::string();
  }

  bool saw_absence() const {
    return std::any_of(finding_.evidence.begin(), finding_.evidence.end(), [](const Evidence& item) {
      if (!item.observation) return false;
      const Reason reason = item.observation->reason;
      const std::string state = state_of(*item.observation);
      return reason == Reason::closed || reason == Reason::filtered || reason == Reason::refused || state == "closed" ||
             state == "filtered";
    });
  }

  /// Is the bent port in the evidence, and was it open?
  bool saw_open() const {
    const bool connected = std::any_of(seen_.said.begin(), seen_.said.end(), [&](const Said& one) {
      const bool open = one.what == Said::What::connected || one.what == Said::What::received;
      return open && variant_.bent && one.peer == *variant_.bent;
    });
    return std::any_of(finding_.evidence.begin(), finding_.evidence.end(), [&](const Evidence& item) {
      if (!item.observation || !is_bent(item.observation->endpoint)) return false;
      return connected || item.observation->reason == Reason::open || state_of(*item.observation) == "open";
    });
  }

  std::string fault_of_nothing() const {
    if (as_in_base() && rests_on_bytes(false)) return {};
    if (judges_ports_alone()) return {};
    if (finding_.status == Status::pass) return "the peer said nothing, so nothing was seen that could pass";
    if (by_names()) return "the name server said nothing of use, so nothing was seen that could fail";
    return saw_open() ? "" : "the peer said nothing, and the evidence does not show that its port is open";
  }

  std::string fault_of_garbage() const {
    if (as_in_base() && rests_on_bytes(false)) return {};
    if (judges_ports_alone()) return {};
    if (finding_.status == Status::pass) return "what was said is garbage: a rule that passes on it does not look";
    if (by_names()) return "what the name server said is of no use, so nothing was seen that could fail";
    return saw_open() ? "" : "the evidence shows neither an open port nor what it said";
  }

  std::string fault_of_a_part() const {
    if (!as_in_base()) {
      const std::string whole = base_ != nullptr ? shown_result(base_->foremost()) : "no verdict";
      return fmt::format("only a part was seen, and the whole ends as {}: what was cut off cannot decide it", whole);
    }
    if (finding_.status == Status::fail || rests_on_bytes(true) || judges_ports_alone()) return {};
    return "it passes on a part, and no observation of its evidence holds what was said";
  }

  const Variant& variant_;
  const Check* base_;
  const Seen& seen_;
  const Finding& finding_;
};

/// What of a result the way of reading may not change.
std::string essence(const Check& check) {
  std::vector<std::string> lines;
  for (const Finding& one : check.results)
    lines.push_back(fmt::format("{} {} {} {}", one.endpoint, shown_result(one), name_of(one.severity), one.key));
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "; "));
}

}  // namespace

std::optional<Fault> find_fault(const Variant& variant, const Check* base, const Seen& seen) {
  if (!seen.trouble.empty()) return Fault{Status::fail, "no check", visible(seen.trouble)};
  const auto told = [](const Finding& finding) {
    return fmt::format("{}: {}", shown_result(finding), visible(finding.message, 200));
  };
  if (variant.kind == Kind::split && base != nullptr) {
    if (essence(*base) == essence(seen.check)) return std::nullopt;
    const Finding& finding = seen.check.foremost();
    return Fault{finding.status, told(finding),
                 "the same bytes, read one at a time, end as something else than " + shown_result(base->foremost())};
  }
  for (const Finding& finding : seen.check.results) {
    if (finding.status != Status::pass && finding.status != Status::fail) continue;
    std::string why = Judging(variant, base, seen, finding).fault();
    if (!why.empty()) return Fault{finding.status, told(finding), std::move(why)};
  }
  return std::nullopt;
}

}  // namespace audit::trial
