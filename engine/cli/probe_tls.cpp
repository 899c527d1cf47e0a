#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t most_pem_bytes = 16U << 20U;

std::string text_of(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  const auto* text = found == fields.end() ? nullptr : found->second.get_if<std::string>();
  return text == nullptr ? std::string() : *text;
}

std::int64_t number_of(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  const auto* number = found == fields.end() ? nullptr : found->second.get_if<std::int64_t>();
  return number == nullptr ? 0 : *number;
}

bool flag_of(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  const auto* flag = found == fields.end() ? nullptr : found->second.get_if<bool>();
  return flag != nullptr && *flag;
}

std::string validity(const Value::Object& certificate) {
  if (!certificate.contains("days_left")) return "its end cannot be read: " + text_of(certificate, "not_after");
  const std::int64_t days = number_of(certificate, "days_left");
  const std::string when = text_of(certificate, "not_after");
  return days >= 0 ? fmt::format("until {} ({} left)", when, counted(static_cast<std::uint64_t>(days), "day"))
                   : fmt::format("ended {} ({} ago)", when, counted(static_cast<std::uint64_t>(-days), "day"));
}

std::string certificate_line(std::size_t number, const Value::Object& certificate) {
  if (certificate.contains("problem"))
    return fmt::format("\n  {} cannot be read: {}", number, text_of(certificate, "problem"));
  const auto& key = *certificate.at("key").get_if<Value::Object>();
  const std::string curve = text_of(key, "curve");
  return fmt::format("\n  {} {}\n    issued by {}\n    {} {}{}, {}, {}", number, text_of(certificate, "subject"),
                     flag_of(certificate, "self_signed") ? "itself" : text_of(certificate, "issuer"),
                     text_of(key, "type"), number_of(key, "bits"), curve.empty() ? "" : " " + curve,
                     text_of(certificate, "signature"), validity(certificate));
}

std::string trust_line(const Value::Object& fields) {
  const std::string reason = text_of(fields, "reason");
  std::string line = flag_of(fields, "verified")   ? "verified"
                     : fields.contains("verified") ? "not verified: " + reason
                                                   : reason;
  line += flag_of(fields, "name_matches") ? ", is for " : ", is not for ";
  return line + text_of(fields, "name");
}

AnswerText describe(const probe::Answer& answer) {
  const Value::Object& fields = answer.fields;
  std::string text = fmt::format("{} {}", text_of(fields, "version"), text_of(fields, "cipher"));
  if (const std::string group = text_of(fields, "group"); !group.empty()) text += " " + group;
  if (const std::string alpn = text_of(fields, "alpn"); !alpn.empty()) text += " alpn " + visible(alpn);
  if (const std::string starttls = text_of(fields, "starttls"); starttls != "none")
    text += " after STARTTLS " + starttls;
  text += "\n  " + trust_line(fields);
  const auto& staple = *fields.at("staple").get_if<Value::Object>();
  if (flag_of(staple, "present"))
    text += fmt::format("\n  stapled: {}{}", text_of(staple, "response"),
                        text_of(staple, "status").empty() ? "" : ", " + text_of(staple, "status"));
  const auto& chain = *fields.at("chain").get_if<Value::Array>();
  for (std::size_t i = 0; i < chain.size(); ++i) text += certificate_line(i + 1, *chain[i].get_if<Value::Object>());
  if (const std::int64_t sent = number_of(fields, "sent"); sent > static_cast<std::int64_t>(chain.size()))
    text += fmt::format("\n  and {} more", sent - static_cast<std::int64_t>(chain.size()));
  const bool good = flag_of(fields, "name_matches") && (flag_of(fields, "verified") || !fields.contains("verified"));
  return {text, good};
}

/// The PEM text of a file. False after a complaint.
bool read_pem(const std::string& path, std::string& pem) {
  std::ifstream file(path, std::ios::binary);
  pem.resize(most_pem_bytes);
  file.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  pem.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  return pem.find("-----BEGIN") != std::string::npos;
}

}  // namespace

int probe_tls(const ProbeOptions& options) {
  Value::Object asked;
  if (!options.server_name.empty()) asked["server_name"] = options.server_name;
  if (!options.starttls.empty()) asked["starttls"] = options.starttls;
  options.hand_timeout(asked);
  Value::Array alpn;
  for (const std::string& protocol : options.alpn) alpn.emplace_back(protocol);
  if (!alpn.empty()) asked["alpn"] = std::move(alpn);
  if (options.trust == "system" || options.trust == "none") {
    asked["trust"] = options.trust;
  } else if (!options.trust.empty()) {
    std::string pem;
    if (!read_pem(options.trust, pem))
      return usage(fmt::format("tls --trust: {} is not a file with certificates in PEM", visible(options.trust)));
    asked["trust_pem"] = std::move(pem);
  }
  return ask_each(options, "tls", asked, describe);
}

}  // namespace audit::cli
