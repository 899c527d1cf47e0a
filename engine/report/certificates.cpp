#include "report/certificates.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace audit::report {
namespace {

std::string text_of(const Value& fields, std::string_view name) {
  const Value* value = fields.find(name);
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

std::optional<std::int64_t> number_of(const Value& fields, std::string_view name) {
  const Value* value = fields.find(name);
  const auto* number = value == nullptr ? nullptr : value->get_if<std::int64_t>();
  return number == nullptr ? std::nullopt : std::optional(*number);
}

class Collector {
 public:
  void add(const Observation& observation) {
    const Value* leaf = leaf_of(observation);
    if (leaf == nullptr) return;
    SeenCertificate seen{
        text_of(*leaf, "subject"),           text_of(*leaf, "issuer"),           text_of(*leaf, "fingerprint_sha256"),
        number_of(*leaf, "not_before_time"), number_of(*leaf, "not_after_time"), {}};
    auto& [certificate, endpoints] =
        found_.try_emplace({seen.fingerprint, seen.subject, seen.not_after}, std::move(seen), Endpoints{})
            .first->second;
    if (endpoints.insert(observation.endpoint).second) certificate.endpoints.push_back(observation.endpoint);
  }

  std::vector<SeenCertificate> take() {
    std::vector<SeenCertificate> all;
    for (auto& [key, found] : found_) all.push_back(std::move(found.first));
    std::stable_sort(all.begin(), all.end(),
                     [](const SeenCertificate& a, const SeenCertificate& b) { return a.not_after < b.not_after; });
    return all;
  }

 private:
  using Endpoints = std::set<std::string>;
  std::map<std::tuple<std::string, std::string, std::optional<std::int64_t>>, std::pair<SeenCertificate, Endpoints>>
      found_;
};

}  // namespace

const Value* leaf_of(const Observation& observation) {
  const Value* chain = observation.fields.find("chain");
  const auto* certificates = chain == nullptr ? nullptr : chain->get_if<Value::Array>();
  return certificates == nullptr || certificates->empty() ? nullptr : &certificates->front();
}

std::vector<SeenCertificate> certificates_of(const RunRecord& record) {
  Collector collector;
  for (const Check& check : record.checks)
    for (const Finding& result : check.results)
      for (const Evidence& evidence : result.evidence)
        if (evidence.observation) collector.add(*evidence.observation);
  return collector.take();
}

std::int64_t days_until(std::int64_t seconds, WallTime time) {
  const auto now = std::chrono::floor<std::chrono::seconds>(time);
  constexpr std::int64_t furthest = 1'000'000'000'000;  // some 30,000 years: a difference that fits
  const std::chrono::sys_seconds end{std::chrono::seconds(std::clamp(seconds, -furthest, furthest))};
  return std::chrono::floor<std::chrono::days>(end - now).count();
}

}  // namespace audit::report
