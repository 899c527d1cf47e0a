#include "cli/credentials.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t longest = 65'536;

Error missing(std::string text) { return {Reason::missing_credential, std::move(text)}; }

Result<std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before any thread is started
  if (value == nullptr || *value == '\0') return missing(fmt::format("is not set: environment variable {}", name));
  return std::string(value);
}

Result<std::string> read_file(const std::filesystem::path& path) {
  const std::string shown = visible(path.string());
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return missing(fmt::format("is not there: no file {}", shown));
  std::ifstream file(path, std::ios::binary);
  std::string text(longest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > longest) return missing(fmt::format("is longer than {} bytes: {}", longest, shown));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return missing(fmt::format("is empty, or cannot be read: {}", shown));
  return text;
}

Result<std::string> read_secret(const inventory::Inventory& inventory, const inventory::CredentialSource& source) {
  const std::filesystem::path folder = std::filesystem::path(inventory.path).parent_path();
  return source.env.empty() ? read_file(folder / source.file) : read_variable(source.env);
}

}  // namespace

std::shared_ptr<const probe::Credentials> look_up_credentials(const inventory::Inventory& inventory) {
  auto credentials = std::make_shared<probe::Credentials>();
  for (const inventory::CredentialSource& source : inventory.credentials)
    credentials->add(source.name, read_secret(inventory, source), source.groups);
  return credentials;
}

std::shared_ptr<const probe::Credentials> replay_credentials(const inventory::Inventory& inventory,
                                                             const std::map<std::string, std::string>& shapes) {
  auto credentials = std::make_shared<probe::Credentials>();
  for (const inventory::CredentialSource& source : inventory.credentials) {
    Result<std::string> secret = read_secret(inventory, source);
    const auto shape = shapes.find(source.name);
    if (shape == shapes.end()) {
      if (secret) secret = missing("was not there when the run was recorded");
    } else if (!secret || probe::shape_of(*secret) != shape->second) {
      secret = shape->second;
    }
    credentials->add(source.name, std::move(secret), source.groups);
  }
  return credentials;
}

}  // namespace audit::cli
