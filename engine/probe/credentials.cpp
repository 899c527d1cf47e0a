#include "probe/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "proto/encoding.hpp"

namespace audit::probe {
namespace {

constexpr std::size_t shortest_hidden = 4;  // what is shorter stands in every text

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
  for (const auto& [name, kept] : kept_) {
    if (!kept.secret) continue;
    const std::string& secret = *kept.secret;
    std::string base64(proto::base64_size(secret.size()), '\0');
    proto::write_base64(secret, base64.data());
    forms.push_back(secret);
    forms.push_back(std::move(base64));
    if (const std::size_t colon = secret.find(':'); colon != std::string::npos)
      forms.push_back(secret.substr(colon + 1));
  }
  return forms;
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
