#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/grant.hpp"
#include "base/result.hpp"
#include "probe/channel.hpp"

namespace audit::probe {

class Target;

/// The secrets that the inventory names, looked up before the run; read by every shard. A secret goes to whom its grant
/// names and to nobody else, and to no log, report, transcript or error text (law 8).
class Credentials {
 public:
  /// `where` it is written, as messages say it: "campus.toml:12:1", or "".
  void add(std::string name, Result<std::string> secret, Grant grant, std::string where = {});

  /// The secret for a target. Error missing_credential: no such name, not for this target, or why it could not be looked
  /// up.
  [[nodiscard]] Result<std::string> find(std::string_view name, const Target& target) const;
  /// May it leave for `to`? Tested where it becomes bytes of a socket. Error missing_credential: not for this target,
  /// host or port, or it would go in clear text, or to a server that no certificate proves, where [credentials.NAME] does
  /// not say so.
  [[nodiscard]] Result<void> permit(std::string_view name, const Target& target, const Endpoint& to,
                                    const Channel& channel) const;
  /// What must not be written down: every secret, in all its forms.
  [[nodiscard]] std::vector<std::string> forms() const;
  /// The same, and as texts have it that escape its bytes: for JSON, URLs, HTML, and as this program shows bytes.
  [[nodiscard]] std::vector<std::string> written_forms() const;
  /// The secrets that could be looked up, by name.
  [[nodiscard]] std::map<std::string, std::string> secrets() const;

 private:
  struct Kept {
    Result<std::string> secret;
    Grant grant;
    std::string where;
  };
  std::map<std::string, Kept, std::less<>> kept_;
};

/// How a secret may be said: as it is, in hexadecimal, in Base64 of either alphabet (whole, and wherever it stands in a
/// longer text), and the same of the password of a user:password. Always equally many, of sizes that the secret's shape
/// gives; "" where it has no such form.
[[nodiscard]] std::vector<std::string> forms_of(const std::string& secret);
/// The secret with an asterisk for everything but colons.
[[nodiscard]] std::string shape_of(std::string secret);
/// Why it cannot be kept out of what is written, in words that follow its name; "" where it can: shorter than 4 bytes it
/// stands in every text.
[[nodiscard]] std::string why_not_hidden(std::string_view secret);

/// Puts `shown`, cut or filled up to its length, in place of every secret in `text`, and of one that the end cuts off: a
/// peer may say back what it was sent. Secrets shorter than 4 bytes are left alone.
void hide_secrets(std::string& text, const std::vector<std::string>& secrets, std::string_view shown);

}  // namespace audit::probe
