#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "base/text.hpp"
#include "seal/manifest.hpp"

namespace audit::seal {
namespace {

using Json = rapidjson::Value;

Error refused(std::string why) { return {Reason::protocol_error, "manifest.json " + std::move(why)}; }

const Json* member(const Json& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

// Whatever is not there, or of another kind, is empty: it is seen when the manifest is written again.

std::string text_of(const Json& object, const char* name) {
  const Json* found = member(object, name);
  return found != nullptr && found->IsString() ? from_visible({found->GetString(), found->GetStringLength()}) : "";
}

std::uint64_t number_of(const Json& object, const char* name) {
  const Json* found = member(object, name);
  return found != nullptr && found->IsUint64() ? found->GetUint64() : 0;
}

const Json& object_of(const Json& object, const char* name) {
  static const Json none(rapidjson::kObjectType);
  const Json* found = member(object, name);
  return found != nullptr && found->IsObject() ? *found : none;
}

const Json& list_of(const Json& object, const char* name) {
  static const Json none(rapidjson::kArrayType);
  const Json* found = member(object, name);
  return found != nullptr && found->IsArray() ? *found : none;
}

bool is_digest(std::string_view text) {
  constexpr std::size_t digits = 64;
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Manifest manifest_of(const Json& json) {
  Manifest manifest;
  manifest.version = text_of(object_of(json, "tool"), "version");
  manifest.run = text_of(object_of(json, "run"), "id");
  manifest.started = text_of(object_of(json, "run"), "started");
  const Json& digest = object_of(json, "digest");
  manifest.digest.root = text_of(digest, "root");
  for (const Json& tree : list_of(digest, "trees").GetArray())
    manifest.digest.parts.push_back({text_of(tree, "name"), number_of(tree, "leaves"), text_of(tree, "root")});
  for (const Json& file : list_of(json, "files").GetArray())
    manifest.files.push_back(
        {text_of(file, "path"), number_of(file, "size"), text_of(file, "sha256"), text_of(file, "from")});
  for (const Json& missing : list_of(json, "not_packed").GetArray())
    manifest.not_packed.push_back({text_of(missing, "name"), text_of(missing, "sha256"), text_of(missing, "why")});
  return manifest;
}

/// "" where the files are such as a bundle has.
std::string why_no_files(const std::vector<Manifest::File>& files) {
  if (files.size() > most_files) return fmt::format("names more than {} files", most_files);
  std::uint64_t sum = 0;
  bool record = false;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Manifest::File& file = files[i];
    if (!is_bundle_path(file.path) || file.path == manifest_name || file.path == signature_name)
      return fmt::format("names a file that cannot be in a bundle: {}", visible(file.path, 200));
    if (i > 0 && files[i - 1].path >= file.path) return fmt::format("names {} twice or out of order", file.path);
    if (!is_digest(file.sha256)) return fmt::format("has no SHA-256 of {}", file.path);
    if (file.size > most_unpacked || (sum += file.size) > most_unpacked)
      return fmt::format("names more than {} GiB of files", most_unpacked >> 30U);
    record = record || file.path == record_name;
  }
  return record ? "" : fmt::format("does not name {}", record_name);
}

}  // namespace

Result<Manifest> read_manifest(std::string_view bytes) {
  if (bytes.size() > largest_manifest) return refused(fmt::format("is larger than {} bytes", largest_manifest));
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(bytes.data(), bytes.size());
  if (json.HasParseError())
    return refused(fmt::format("is no JSON: {} (byte {})", rapidjson::GetParseError_En(json.GetParseError()),
                               json.GetErrorOffset()));
  if (!json.IsObject() || text_of(json, "kind") != "audit bundle") return refused("is none of a bundle of audit");
  if (number_of(json, "schema") != 1) return refused("is of another version of the program; verify it with that");
  Manifest manifest = manifest_of(json);
  if (std::string why = why_no_files(manifest.files); !why.empty()) return refused(std::move(why));
  if (write_manifest(manifest) != bytes) return refused("is not written as audit writes it");
  return manifest;
}

}  // namespace audit::seal
