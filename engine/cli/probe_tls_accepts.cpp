#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {
namespace {

using Object = Value::Object;

const Object& object_of(const Object& fields, std::string_view key) {
  return *fields.find(key)->second.get_if<Object>();
}

std::string joined(const Value& names, std::string_view between) {
  std::string text;
  for (const Value& name : *names.get_if<Value::Array>())
    text += (text.empty() ? std::string() : std::string(between)) + *name.get_if<std::string>();
  return text;
}

std::string order_of(const Object& fields, const std::string& version) {
  const Object& orders = object_of(fields, "server_order");
  const auto found = orders.find(version);
  if (found == orders.end()) return "";
  return *found->second.get_if<bool>() ? " (the server's order)" : " (the client's order)";
}

/// "yes" or "no" for a thing that is not always known.
std::string flag_line(const Object& fields, std::string_view key, std::string_view label) {
  const auto found = fields.find(key);
  if (found == fields.end()) return "";
  return fmt::format("\n  {}: {}", label, *found->second.get_if<bool>() ? "yes" : "no");
}

AnswerText describe(const probe::Answer& answer) {
  const Object& fields = answer.fields;
  const Value& versions = fields.at("versions");
  const auto connections = static_cast<std::uint64_t>(*fields.at("connections").get_if<std::int64_t>());
  std::string text = fmt::format("{} ({})", joined(versions, " "), counted(connections, "connection"));
  for (const Value& name : *versions.get_if<Value::Array>()) {
    const std::string& version = *name.get_if<std::string>();
    text += fmt::format("\n  {}{}:\n    {}", version, order_of(fields, version),
                        joined(object_of(fields, "ciphers").at(version), "\n    "));
  }
  for (const auto& [version, groups] : object_of(fields, "groups"))
    text += fmt::format("\n  groups of {}: {}", version, joined(groups, " "));
  for (const auto& [version, how] : object_of(fields, "refusals"))
    text += fmt::format("\n  {} refused: {}", version, *how.get_if<std::string>());
  if (const auto bits = fields.find("dh_bits"); bits != fields.end())
    text += fmt::format("\n  DHE prime: {} bits", *bits->second.get_if<std::int64_t>());
  text += flag_line(fields, "compression", "compression");
  text += flag_line(fields, "secure_renegotiation", "secure renegotiation");
  text += flag_line(fields, "extended_master_secret", "extended master secret");
  text += flag_line(fields, "fallback_scsv", "protection against fallback");
  return {text, true};
}

}  // namespace

int probe_tls_accepts(const ProbeOptions& options) {
  Object asked;
  if (!options.server_name.empty()) asked["server_name"] = options.server_name;
  if (!options.starttls.empty()) asked["starttls"] = options.starttls;
  options.hand_timeout(asked);
  return ask_each(options, "tls_accepts", asked, describe);
}

}  // namespace audit::cli
