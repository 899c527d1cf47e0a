#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {
namespace {

std::string text_of(const Value* value) {
  if (value == nullptr) return "";
  if (const auto* number = value->get_if<std::int64_t>()) return fmt::format("{}", *number);
  const auto* text = value->get_if<std::string>();
  return text == nullptr ? std::string() : visible(*text);
}

std::string joined(const Value& names) {
  std::string line;
  for (const Value& name : *names.get_if<Value::Array>()) line += ' ' + text_of(&name);
  return line.empty() ? " (none)" : line;
}

std::string list_line(const Value::Object& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end()) return "";
  if (found->second.get_if<Value::Array>() != nullptr) return fmt::format("\n  {}:{}", key, joined(found->second));
  const Value& to_server = *found->second.find("client_to_server");
  const Value& to_client = *found->second.find("server_to_client");
  if (to_server == to_client) return fmt::format("\n  {}:{}", key, joined(to_server));
  return fmt::format("\n  {} to server:{}\n  {} to client:{}", key, joined(to_server), key, joined(to_client));
}

std::string host_key_line(const Value& key, bool& proven) {
  const Value* flag = key.find("proven");
  const bool holds = flag != nullptr && *flag->get_if<bool>();
  proven = proven && holds;
  std::string line = fmt::format("\n  host key {}", text_of(key.find("type")));
  if (key.find("fingerprint") != nullptr)
    line += fmt::format(" {} {}", text_of(key.find("bits")), text_of(key.find("fingerprint")));
  if (const Value* certificate = key.find("certificate"))
    line += fmt::format(" of authority {}", text_of(certificate->find("ca_fingerprint")));
  line += holds ? std::string(", proven") : fmt::format(", not proven: {}", text_of(key.find("message")));
  return line;
}

AnswerText show(const probe::Answer& answer) {
  const Value::Object& fields = answer.fields;
  std::string text = text_of(&fields.at("banner"));
  bool proven = true;
  for (const char* key : {"kex", "host_key_algorithms", "ciphers", "macs", "compression"})
    text += list_line(fields, key);
  std::size_t seen = 0;
  if (const auto keys = fields.find("host_keys"); keys != fields.end())
    for (const Value& key : *keys->second.get_if<Value::Array>()) {
      text += host_key_line(key, proven);
      ++seen;
    }
  if (!fields.contains("kex"))
    text += "\n  SSH-1 only: no algorithms, no host keys";
  else if (seen == 0)
    text += "\n  no host key was seen: the server offers none, or no key exchange that could show it";
  return {text, proven && seen > 0};
}

}  // namespace

int probe_ssh(const ProbeOptions& options) {
  // One key exchange is several attempts' worth of round trips; the word takes 300 s at most.
  constexpr double attempts_worth = 5;
  constexpr double longest = 300;
  Value::Object asked;
  asked["timeout"] = std::min(options.attempt_time() * attempts_worth, longest);
  return ask_each(options, "ssh", asked, show);
}

}  // namespace audit::cli
