#include "cli/report_observations.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/json_members.hpp"

namespace audit::cli {
namespace {

using Json = rapidjson::Value;

constexpr std::array all_lives{TargetLife::alive, TargetLife::silent, TargetLife::unresolved, TargetLife::unknown};

std::string bytes_of(const Json& text) { return from_visible({text.GetString(), text.GetStringLength()}); }

/// Deeper than any report goes there is nothing.
Value value_of(const Json& json, unsigned depth = 0) {
  constexpr unsigned deepest = 64;
  if (json.IsBool()) return json.GetBool();
  if (json.IsInt64()) return std::int64_t{json.GetInt64()};
  if (json.IsNumber()) return json.GetDouble();
  if (json.IsString()) return bytes_of(json);
  if (depth == deepest) return {};
  if (json.IsArray()) {
    Value::Array list;
    for (const Json& item : json.GetArray()) list.push_back(value_of(item, depth + 1));
    return list;
  }
  if (!json.IsObject()) return {};
  Object object;
  for (const auto& [name, member] : json.GetObject()) object[bytes_of(name)] = value_of(member, depth + 1);
  return object;
}

bool read_port(const Json& json, PortRecord& port) {
  if (!json.IsObject()) return false;
  const auto endpoint = parse_endpoint(text_of(json, "endpoint"));
  const auto state = parse_reason(text_of(json, "state"));
  if (!endpoint || !state) return false;
  port.endpoint = *endpoint;
  port.state = *state;
  return true;
}

}  // namespace

bool read_target(const Json& json, TargetRecord& target) {
  const std::string word = text_of(json, "life");
  const auto* const life =
      std::find_if(all_lives.begin(), all_lives.end(), [&](TargetLife one) { return name_of(one) == word; });
  if (life == all_lives.end()) return false;
  target.life = *life;
  target.life_message = bytes_of(json, "life_message");
  for (const Json& address : list_of(json, "addresses").GetArray()) {
    const auto parsed = address.IsString() ? parse_address(address.GetString()) : std::nullopt;
    if (!parsed) return false;
    target.addresses.push_back(*parsed);
  }
  for (const Json& port : list_of(json, "ports").GetArray())
    if (!read_port(port, target.ports.emplace_back())) return false;
  return true;
}

bool read_evidence(const Json& list, Finding& finding) {
  for (const Json& json : list.GetArray()) {
    if (!json.IsObject()) return false;
    if (!json.HasMember("probe")) continue;
    const auto reason = parse_reason(text_of(json, "reason"));
    if (!reason) return false;
    auto seen = std::make_shared<Observation>();
    seen->probe = bytes_of(json, "probe");
    seen->endpoint = bytes_of(json, "endpoint");
    seen->reason = *reason;
    seen->message = bytes_of(json, "message");
    if (const auto fields = json.FindMember("seen"); fields != json.MemberEnd()) seen->fields = value_of(fields->value);
    finding.evidence.push_back({"", std::move(seen), {}});
  }
  return true;
}

}  // namespace audit::cli
