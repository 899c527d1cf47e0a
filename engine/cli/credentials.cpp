#include "cli/credentials.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "cli/secret_command.hpp"
#include "cli/secret_file.hpp"
#include "inventory/mistakes.hpp"

namespace audit::cli {
namespace {

Error missing(std::string text) { return {Reason::missing_credential, std::move(text)}; }

Result<std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before any thread is started
  if (value == nullptr || *value == '\0') return missing(fmt::format("is not set: environment variable {}", name));
  return std::string(value);
}

Result<std::string> read_source(const inventory::CredentialSource& source, bool allow_commands) {
  if (!source.env.empty()) return read_variable(source.env);
  const std::filesystem::path folder = std::filesystem::path(source.place.file).parent_path();
  if (!source.file.empty()) return read_secret_file(folder / source.file);
  if (!allow_commands)
    return missing(fmt::format("is what {} says, and no command of an inventory is run without --allow-commands",
                               visible(source.command.front())));
  return run_secret_command(source.command, source.timeout, folder.string());
}

}  // namespace

Result<std::string> look_up_secret(const inventory::CredentialSource& source, bool allow_commands) {
  Result<std::string> secret = read_source(source, allow_commands);
  if (!secret) return secret;
  if (source.env.empty()) {
    if (secret->ends_with('\n')) secret->pop_back();
    if (secret->ends_with('\r')) secret->pop_back();
  }
  if (secret->empty()) return missing("is an empty line");
  if (std::string why = probe::why_not_hidden(*secret); !why.empty()) return missing(std::move(why));
  return secret;
}

std::shared_ptr<const probe::Credentials> look_up_credentials(const inventory::Inventory& inventory,
                                                              bool allow_commands) {
  auto credentials = std::make_shared<probe::Credentials>();
  for (const inventory::CredentialSource& source : inventory.credentials)
    credentials->add(source.name, look_up_secret(source, allow_commands), source.grant,
                     inventory::format_place(source.place));
  return credentials;
}

std::vector<std::string> missing_credentials(const inventory::Inventory& inventory, bool allow_commands) {
  std::vector<std::string> missing;
  for (const inventory::CredentialSource& source : inventory.credentials)
    if (const Result<std::string> secret = look_up_secret(source, allow_commands); !secret)
      missing.push_back(fmt::format("credential `{}` ({}) {}", visible(source.name, 100),
                                    inventory::format_place(source.place), secret.error().message));
  return missing;
}

std::shared_ptr<const probe::Credentials> replay_credentials(const inventory::Inventory& inventory, bool allow_commands,
                                                             const std::map<std::string, std::string>& shapes) {
  auto credentials = std::make_shared<probe::Credentials>();
  for (const inventory::CredentialSource& source : inventory.credentials) {
    Result<std::string> secret = look_up_secret(source, allow_commands);
    const auto shape = shapes.find(source.name);
    if (shape == shapes.end()) {
      if (secret) secret = missing("was not there when the run was recorded");
    } else if (!secret || probe::shape_of(*secret) != shape->second) {
      secret = shape->second;
    }
    credentials->add(source.name, std::move(secret), source.grant, inventory::format_place(source.place));
  }
  return credentials;
}

}  // namespace audit::cli
