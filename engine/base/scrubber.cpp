#include "base/scrubber.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace audit {
namespace {

std::size_t lead_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(static_cast<unsigned char>(text[0])) << 8U | static_cast<unsigned char>(text[1]);
}

/// How many bytes both begin with.
std::size_t shared_by(std::string_view a, std::string_view b) noexcept {
  const std::size_t most = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(most), b.begin()).first - a.begin());
}

}  // namespace

Scrubber::Scrubber(std::vector<std::string> forms) : forms_(std::move(forms)) {
  std::erase_if(forms_, [](const std::string& form) { return form.size() < shortest; });
  std::sort(forms_.begin(), forms_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  for (std::uint32_t i = 0; i < forms_.size(); ++i) {
    leads_.set(lead_of(forms_[i]));
    by_byte_[static_cast<unsigned char>(forms_[i].front())].push_back(i);
  }
}

bool Scrubber::scrub(std::string& text) const {
  std::vector<std::pair<std::size_t, std::size_t>> found;  // forms may overlap: all are found before any is gone
  for (std::size_t at = 0; at + shortest <= text.size(); ++at) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (!leads_.test(lead_of(rest))) continue;
    for (const std::uint32_t form : by_byte_[static_cast<unsigned char>(rest.front())]) {
      const std::size_t size = shared_by(forms_[form], rest);
      const bool cut_off = size == rest.size() || rest.substr(size).starts_with("…");
      if (size < forms_[form].size() && !(cut_off && size >= shortest)) continue;
      found.emplace_back(at, size);
      break;
    }
  }
  for (const auto& [at, size] : found) std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), size, '*');
  return !found.empty();
}

bool Scrubber::scrub(Value& value) const {
  if (auto* text = value.get_if<std::string>()) return scrub(*text);
  bool changed = false;
  if (auto* array = value.get_if<Value::Array>())
    for (Value& item : *array) changed = scrub(item) || changed;
  auto* object = value.get_if<Value::Object>();
  if (object == nullptr) return changed;
  Value::Object renamed;
  bool any_renamed = false;
  for (auto& [key, item] : *object) {
    std::string name = key;
    any_renamed = scrub(name) || any_renamed;
    changed = scrub(item) || changed;
    renamed[std::move(name)] = item;
  }
  if (any_renamed) *object = std::move(renamed);
  return changed || any_renamed;
}

bool Scrubber::scrub(Observation& observation) const {
  bool changed = scrub(observation.message);
  changed = scrub(observation.endpoint) || changed;
  return scrub(observation.fields) || changed;
}

void Scrubber::scrub(ObservationPtr& observation) const {
  if (empty() || !observation) return;
  auto copy = std::make_shared<Observation>(*observation);
  if (scrub(*copy)) observation = std::move(copy);
}

void Scrubber::scrub(std::vector<Check>& checks) const {
  if (empty()) return;
  std::unordered_map<const Observation*, ObservationPtr> clean;
  for (Check& check : checks) {
    for (Finding& finding : check.results) {
      (void)scrub(finding.message);
      (void)scrub(finding.key);
      for (Evidence& evidence : finding.evidence) {
        (void)scrub(evidence.label);
        (void)scrub(evidence.note);
        if (!evidence.observation) continue;
        ObservationPtr& known = clean[evidence.observation.get()];
        if (!known) {
          known = evidence.observation;
          scrub(known);
        }
        evidence.observation = known;
      }
    }
  }
}

}  // namespace audit
