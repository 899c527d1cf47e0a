#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "audit/each_endpoint.hpp"
#include "audit/policy.hpp"

namespace audit::core {
namespace {

const inventory::ExpectedAnswers& expected_of(const PolicySubject& subject) { return *subject.settings.expect_answers; }

/// A question to this port of each host.
void ask_each_host(const PolicySubject& subject, std::uint16_t port, const Value::Object& params,
                   const std::string& key, std::vector<PolicyQuestion>& questions) {
  each_endpoint({port}, subject.hosts, Transport::tcp, [&](const Endpoint& endpoint) {
    PolicyQuestion& question = questions.emplace_back();
    question.endpoint = endpoint;
    question.params = params;
    question.key = key;
  });
}

/// What the name resolved to, as the engine's own observation.
Evidence resolution_evidence(const PolicySubject& subject) {
  auto seen = std::make_shared<Observation>();
  seen->probe = "resolve";
  seen->endpoint = subject.name;
  seen->time = subject.time;
  Value::Array addresses;
  for (const IpAddress& address : subject.resolved) addresses.emplace_back(format_address(address));
  Value::Object fields;
  fields["addresses"] = std::move(addresses);
  seen->fields = std::move(fields);
  Evidence evidence;
  evidence.observation = std::move(seen);
  return evidence;
}

std::string list_of(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

}  // namespace

std::vector<PolicyQuestion> ask_names(const PolicySubject& subject) {
  Value::Array expected;
  for (const std::string& name : *expected_of(subject).names) expected.emplace_back(name);
  std::vector<PolicyQuestion> questions;
  if (subject.hosts.empty()) return questions;
  Value::Array addresses;
  for (const IpAddress& host : subject.hosts) addresses.emplace_back(format_address(host));
  PolicyQuestion& question = questions.emplace_back();
  question.params["addresses"] = std::move(addresses);
  question.params["expected"] = std::move(expected);
  return questions;
}

std::vector<PolicyQuestion> ask_addresses(const PolicySubject& subject) {
  const std::vector<AddressBlock>& expected = *expected_of(subject).addresses;
  Finding finding;
  finding.severity = Severity::high;
  if (subject.name.empty()) {
    finding.status = Status::not_applicable;
    finding.reason = Reason::observed;
    finding.message = "the target is listed by its address";
  } else {
    std::vector<std::string> strange;
    for (const IpAddress& address : subject.resolved)
      if (std::none_of(expected.begin(), expected.end(),
                       [&](const AddressBlock& block) { return block.contains(address); }))
        strange.push_back(format_address(address));
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (std::none_of(subject.resolved.begin(), subject.resolved.end(),
                       [&](const IpAddress& address) { return expected[i].contains(address); }))
        missing.push_back(expected_of(subject).address_texts[i]);
    finding.status = strange.empty() && missing.empty() ? Status::pass : Status::fail;
    finding.reason = Reason::observed;
    if (!strange.empty())
      finding.message = fmt::format("{} resolves to {}, which is not expected", subject.name, list_of(strange));
    else if (!missing.empty())
      finding.message = fmt::format("{} does not resolve to {}", subject.name, list_of(missing));
    else
      finding.message = fmt::format("{} resolves to what is expected", subject.name);
    finding.evidence.push_back(resolution_evidence(subject));
  }
  PolicyQuestion question;
  question.settled = std::move(finding);
  std::vector<PolicyQuestion> questions;
  questions.push_back(std::move(question));
  return questions;
}

std::vector<PolicyQuestion> ask_certificates(const PolicySubject& subject) {
  std::map<std::pair<std::uint16_t, std::string>, Value::Array> by_place;
  for (const inventory::ExpectedCertificate& one : expected_of(subject).certificates) {
    Value::Object wanted;
    if (!one.fingerprint.empty()) wanted["fingerprint"] = one.fingerprint;
    if (!one.issuer.empty()) wanted["issuer"] = one.issuer;
    by_place[{one.port, one.server_name}].emplace_back(std::move(wanted));
  }
  std::vector<PolicyQuestion> questions;
  for (auto& [place, wanted] : by_place) {
    Value::Object params;
    params["expected"] = std::move(wanted);
    if (!place.second.empty()) params["server_name"] = place.second;
    ask_each_host(subject, place.first, params, place.second, questions);
  }
  return questions;
}

std::vector<PolicyQuestion> ask_host_keys(const PolicySubject& subject) {
  std::map<std::uint16_t, Value::Array> by_port;
  for (const inventory::ExpectedHostKey& one : expected_of(subject).ssh_host_keys)
    by_port[one.port].emplace_back(one.fingerprint);
  std::vector<PolicyQuestion> questions;
  for (auto& [port, wanted] : by_port) {
    Value::Object params;
    params["expected"] = std::move(wanted);
    ask_each_host(subject, port, params, {}, questions);
  }
  return questions;
}

std::vector<PolicyQuestion> ask_services(const PolicySubject& subject) {
  std::vector<PolicyQuestion> questions;
  for (const inventory::ExpectedService& one : expected_of(subject).services) {
    Value::Object params;
    params["service"] = one.service;
    ask_each_host(subject, one.port, params, {}, questions);
  }
  return questions;
}

}  // namespace audit::core
