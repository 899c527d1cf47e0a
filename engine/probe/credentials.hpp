#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace audit::probe {

/// The secrets that the inventory names, looked up before the run; read by every shard. A secret goes to a target of its
/// groups (any, where it has none), and to no log, report, transcript or error text (law 8).
class Credentials {
 public:
  void add(std::string name, Result<std::string> secret, std::vector<std::string> groups);

  /// The secret for a target in these groups. Error missing_credential: no such name, not for this target, or why it could
  /// not be looked up.
  [[nodiscard]] Result<std::string> find(std::string_view name, const std::vector<std::string>& groups) const;
  /// What must not be written down: every secret, in all its forms.
  [[nodiscard]] std::vector<std::string> forms() const;
  /// The secrets that could be looked up, by name.
  [[nodiscard]] std::map<std::string, std::string> secrets() const;

 private:
  struct Kept {
    Result<std::string> secret;
    std::vector<std::string> groups;
  };
  std::map<std::string, Kept, std::less<>> kept_;
};

/// How a secret may be said: as it is, in hexadecimal, in Base64 (whole, and wherever it stands in a longer text), and
/// the same of the password of a user:password. Always equally many, of sizes that the secret's shape gives; "" where it
/// has no such form.
[[nodiscard]] std::vector<std::string> forms_of(const std::string& secret);
/// The secret with an asterisk for everything but colons.
[[nodiscard]] std::string shape_of(std::string secret);

/// Puts `shown`, cut or filled up to its length, in place of every secret in `text`, and of one that the end cuts off: a
/// peer may say back what it was sent. Secrets shorter than 4 bytes are left alone.
void hide_secrets(std::string& text, const std::vector<std::string>& secrets, std::string_view shown);

}  // namespace audit::probe
