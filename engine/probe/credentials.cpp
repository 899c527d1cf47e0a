#include "probe/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "proto/encoding.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t shortest_hidden = 4;  // what is shorter stands in every text

std::string base64(std::string_view bytes) {
  std::string text(proto::base64_size(bytes.size()), '\0');
  proto::write_base64(bytes, text.data());
  return text;
}

std::string hex(std::string_view bytes) {
  std::string text(proto::hex_size(bytes.size()), '\0');
  proto::write_hex(bytes, text.data());
  return text;
}

std::string in_capitals(std::string digits) {
  for (char& c : digits)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return digits;
}

/// The characters of Base64 that hold nothing but `bytes`, where so many others stand before them (modulo 3).
std::string inner_base64(const std::string& bytes, std::size_t before) {
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t last = (before + bytes.size()) * 8 / 6;
  return last > first ? base64(std::string(before, '\0') + bytes).substr(first, last - first) : "";
}

void add_forms(const std::string& secret, std::vector<std::string>& forms) {
  forms.push_back(secret);
  forms.push_back(hex(secret));
  forms.push_back(in_capitals(hex(secret)));
  forms.push_back(secret.empty() ? "" : base64(secret));
  for (std::size_t before = 0; before < 3; ++before) forms.push_back(inner_base64(secret, before));
}

Error missing(std::string_view name, std::string_view why) {
  return {Reason::missing_credential, fmt::format("credential `{}` {}", visible(name, 100), why)};
}

}  // namespace

void Credentials::add(std::string name, Result<std::string> secret, std::vector<std::string> groups) {
  kept_.insert_or_assign(std::move(name), Kept{std::move(secret), std::move(groups)});
}

Result<std::string> Credentials::find(std::string_view name, const std::vector<std::string>& groups) const {
  const auto found = kept_.find(name);
  if (found == kept_.end())
    return missing(name, fmt::format("is not in the inventory: [credentials.{}]", visible(name, 100)));
  const std::vector<std::string>& wanted = found->second.groups;
  const bool given = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& group) {
                       return std::find(groups.begin(), groups.end(), group) != groups.end();
                     });
  if (!given) return missing(name, "goes to its groups only, and the target is in none of them");
  if (!found->second.secret) return missing(name, found->second.secret.error().message);
  return found->second.secret;
}

std::vector<std::string> Credentials::forms() const {
  std::vector<std::string> forms;
  for (const auto& [name, secret] : secrets())
    for (std::string& form : forms_of(secret))
      if (!form.empty()) forms.push_back(std::move(form));
  return forms;
}

std::map<std::string, std::string> Credentials::secrets() const {
  std::map<std::string, std::string> found;
  for (const auto& [name, kept] : kept_)
    if (kept.secret) found.emplace(name, *kept.secret);
  return found;
}

std::vector<std::string> forms_of(const std::string& secret) {
  const std::size_t colon = secret.find(':');
  std::vector<std::string> forms;
  add_forms(secret, forms);
  add_forms(colon == std::string::npos ? std::string() : secret.substr(colon + 1), forms);
  return forms;
}

std::string shape_of(std::string secret) {
  for (char& c : secret)
    if (c != ':') c = '*';
  return secret;
}

void hide_secrets(std::string& text, const std::vector<std::string>& secrets, std::string_view shown) {
  for (const std::string& secret : secrets) {
    if (secret.size() < shortest_hidden) continue;
    std::string mask(shown.substr(0, secret.size()));
    mask.resize(secret.size(), '*');  // of the same length: linear, and no text grows
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + secret.size()))
      text.replace(at, secret.size(), mask);
    for (std::size_t size = std::min(secret.size() - 1, text.size()); size >= shortest_hidden; --size) {
      if (!text.ends_with(std::string_view(secret).substr(0, size))) continue;
      text.replace(text.size() - size, size, mask, 0, size);
      break;
    }
  }
}

}  // namespace audit::probe
