#include "probe/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "probe/target.hpp"
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

/// In the alphabet of URLs (RFC 4648 section 5).
std::string for_url(std::string digits) {
  std::replace(digits.begin(), digits.end(), '+', '-');
  std::replace(digits.begin(), digits.end(), '/', '_');
  return digits;
}

void add_forms(const std::string& secret, std::vector<std::string>& forms) {
  forms.push_back(secret);
  forms.push_back(hex(secret));
  forms.push_back(in_capitals(hex(secret)));
  std::vector<std::string> digits{secret.empty() ? "" : base64(secret)};
  for (std::size_t before = 0; before < 3; ++before) digits.push_back(inner_base64(secret, before));
  for (const std::string& text : digits) forms.push_back(text);
  for (const std::string& text : digits) forms.push_back(for_url(text));
}

/// Each byte as `escape` writes it.
template <class Escape>
std::string escaped(std::string_view secret, Escape escape) {
  std::string text;
  for (const char c : secret) text += escape(c);
  return text;
}

std::string escaped_for_json(std::string_view secret) {
  return escaped(secret, [](char c) -> std::string {
    switch (c) {
      case '"': return "\\\"";
      case '\\': return "\\\\";
      case '\n': return "\\n";
      case '\r': return "\\r";
      case '\t': return "\\t";
      default:
        return static_cast<unsigned char>(c) < ' ' ? fmt::format("\\u{:04x}", static_cast<unsigned char>(c))
                                                   : std::string(1, c);
    }
  });
}

std::string escaped_for_url(std::string_view secret) {
  return escaped(secret, [](char c) -> std::string {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    return plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  });
}

std::string escaped_for_html(std::string_view secret, std::string_view apostrophe = "&#39;") {
  return escaped(secret, [&](char c) -> std::string {
    switch (c) {
      case '&': return "&amp;";
      case '<': return "&lt;";
      case '>': return "&gt;";
      case '"': return "&quot;";
      case '\'': return std::string(apostrophe);
      default: return std::string(1, c);
    }
  });
}

std::string_view password_in(std::string_view secret) {
  const std::size_t colon = secret.find(':');
  return colon == std::string_view::npos ? std::string_view() : secret.substr(colon + 1);
}

bool is_for(const Grant& grant, const Target& target) {
  const std::vector<std::string>& groups = target.limits().groups;
  const auto in_group = [&](const std::string& group) {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  };
  const auto covers = [&](const AddressBlock& block) {
    return std::any_of(target.hosts().begin(), target.hosts().end(),
                       [&](const IpAddress& host) { return block.contains(canonical(host)); });
  };
  const auto names = [&](const std::string& glob) { return glob_match(glob, target.host_name()); };
  return grant.for_all() || std::any_of(grant.groups.begin(), grant.groups.end(), in_group) ||
         std::any_of(grant.hosts.begin(), grant.hosts.end(), covers) ||
         (!target.host_name().empty() && std::any_of(grant.names.begin(), grant.names.end(), names));
}

/// Is it for this host of the target, and not for another one of it only?
bool is_for(const Grant& grant, const Target& target, const IpAddress& host) {
  Grant without_hosts = grant;
  without_hosts.hosts.clear();
  if (grant.hosts.empty() || (!without_hosts.for_all() && is_for(without_hosts, target))) return true;
  return std::any_of(grant.hosts.begin(), grant.hosts.end(),
                     [&](const AddressBlock& block) { return block.contains(canonical(host)); });
}

Error missing(std::string_view name, std::string_view where, std::string_view why) {
  return {Reason::missing_credential, fmt::format("credential `{}`{} {}", visible(name, 100),
                                                  where.empty() ? "" : fmt::format(" ({})", where), why)};
}

/// "" or why it may not go through such a channel, and what to do.
std::string complaint_of(const Grant& grant, std::string_view name, const Endpoint& to, const Channel& channel) {
  if (channel.kind == Channel::Kind::clear && !grant.cleartext)
    return fmt::format("would go to {} in clear text; use TLS, or allow it with cleartext = true in [credentials.{}]",
                       format_endpoint(to), visible(name, 100));
  if (channel.kind == Channel::Kind::unproven && !grant.unverified)
    return fmt::format(
        "would go to whoever answers at {}, whose certificate does not prove who that is: {}; give the server a "
        "certificate that this machine trusts (SSL_CERT_FILE may name its authority), or allow it with unverified = "
        "true in [credentials.{}]",
        format_endpoint(to), channel.doubt, visible(name, 100));
  return {};
}

}  // namespace

void Credentials::add(std::string name, Result<std::string> secret, Grant grant, std::string where) {
  kept_.insert_or_assign(std::move(name), Kept{std::move(secret), std::move(grant), std::move(where)});
}

Result<std::string> Credentials::find(std::string_view name, const Target& target) const {
  const auto found = kept_.find(name);
  if (found == kept_.end())
    return missing(name, "", fmt::format("is not in the inventory: [credentials.{}]", visible(name, 100)));
  const auto& [secret, grant, where] = found->second;
  if (!is_for(grant, target))
    return missing(name, where,
                   grant.hosts.empty() && grant.names.empty()
                       ? "goes to its groups only, and the target is in none of them"
                       : "goes to its groups and targets only, and this target is none of them");
  if (!secret) return missing(name, where, secret.error().message);
  return secret;
}

Result<void> Credentials::permit(std::string_view name, const Target& target, const Endpoint& to,
                                 const Channel& channel) const {
  const Result<std::string> known = find(name, target);
  if (!known) return known.error();
  const auto& [secret, grant, where] = kept_.find(name)->second;
  if (!is_for(grant, target, to.address))
    return missing(name, where, fmt::format("is for other hosts than {}", format_endpoint(to)));
  if (!grant.endpoints.empty() && !grant.endpoints.of(to.transport).contains(to.port))
    return missing(name, where,
                   fmt::format("goes to {} only, and not to {}", grant.endpoints.format(), format_endpoint(to)));
  if (const std::string why = complaint_of(grant, name, to, channel); !why.empty()) return missing(name, where, why);
  return {};
}

std::vector<std::string> Credentials::forms() const {
  std::vector<std::string> forms;
  for (const auto& [name, secret] : secrets())
    for (std::string& form : forms_of(secret))
      if (!form.empty()) forms.push_back(std::move(form));
  return forms;
}

std::vector<std::string> Credentials::written_forms() const {
  std::vector<std::string> written = forms();
  for (const auto& [name, secret] : secrets())
    for (const std::string_view part : {std::string_view(secret), password_in(secret)})
      for (const std::string& text : std::array{visible(part), escaped_for_json(part), escaped_for_url(part),
                                                escaped_for_html(part), escaped_for_html(part, "&#x27;"),
                                                escaped_for_json(visible(part)), escaped_for_html(visible(part))})
        if (text != part) written.push_back(text);
  return written;
}

std::map<std::string, std::string> Credentials::secrets() const {
  std::map<std::string, std::string> found;
  for (const auto& [name, kept] : kept_)
    if (kept.secret) found.emplace(name, *kept.secret);
  return found;
}

std::vector<std::string> forms_of(const std::string& secret) {
  std::vector<std::string> forms;
  add_forms(secret, forms);
  add_forms(std::string(password_in(secret)), forms);
  return forms;
}

std::string shape_of(std::string secret) {
  for (char& c : secret)
    if (c != ':') c = '*';
  return secret;
}

std::string why_not_hidden(std::string_view secret) {
  const std::string_view password = password_in(secret);
  const bool is_short = secret.size() < shortest_hidden || (!password.empty() && password.size() < shortest_hidden);
  return is_short ? fmt::format(
                        "is shorter than {} bytes, and could not be told from other text to be kept out of "
                        "reports",
                        shortest_hidden)
                  : std::string();
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
