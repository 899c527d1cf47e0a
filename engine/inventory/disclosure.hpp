#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/credential_source.hpp"

namespace audit::inventory {

/// What messages may show of a text that was named by mistake and may be a secret (law 8).

/// Could it be an address or a name mistyped? 1 to 64 of the characters that these have; never an @.
[[nodiscard]] bool may_be_shown(std::string_view text);
/// Are so many lines of a text targets that the odd ones are targets mistyped? Three at least, and three for each odd
/// one: never so of a file with one secret in it.
[[nodiscard]] bool are_mostly_targets(std::size_t good, std::size_t odd);
/// Does a text have a section that inventories alone have, on a line of its own?
[[nodiscard]] bool looks_like_inventory(std::string_view text);

/// What a program says, with asterisks for what stands before the @ of a URL, for what follows a word such as `password`
/// or `token`, and for `secrets`.
[[nodiscard]] std::string scrubbed(std::string text, const std::vector<std::string>& secrets);
/// The secrets that a command may have been given: those that credentials name by variable or file, and what stands in
/// variables called so. Nothing is run.
[[nodiscard]] std::vector<std::string> secrets_at_hand(const std::vector<CredentialSource>& credentials);

}  // namespace audit::inventory
