#include "report/lookup.hpp"

namespace audit::report {
namespace {

template <class Found>
const Found* find(const std::map<std::string_view, const Found*>& index, std::string_view id) {
  const auto found = index.find(id);
  return found == index.end() ? nullptr : found->second;
}

}  // namespace

Lookup::Lookup(const RunRecord& record) {
  for (const RuleRecord& rule : record.rules) {
    rules_.emplace(rule.id, &rule);
    controls_.emplace(rule.id, record.controls.of(rule.id));
  }
  for (const WaiverRecord& waiver : record.waivers) waivers_.emplace(waiver.id, &waiver);
}

const RuleRecord* Lookup::rule(std::string_view id) const { return find(rules_, id); }

const WaiverRecord* Lookup::waiver(std::string_view id) const { return find(waivers_, id); }

const Lookup::ControlIds& Lookup::controls(std::string_view rule) const {
  static const ControlIds none;
  const auto found = controls_.find(rule);
  return found == controls_.end() ? none : found->second;
}

}  // namespace audit::report
