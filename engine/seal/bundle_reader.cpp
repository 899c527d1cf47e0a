#include "seal/bundle_reader.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <set>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "seal/tar_reader.hpp"

namespace audit::seal {
namespace {

constexpr std::uint64_t largest_signature = 64U << 10U;
constexpr std::size_t longest_header = 1U << 20U;

Error refused(std::string why) { return {Reason::protocol_error, std::move(why)}; }

/// A member of a member, as text that was made visible.
std::string text_in(const rapidjson::Document& json, const char* object, const char* name) {
  if (!json.IsObject() || !json.HasMember(object) || !json[object].IsObject()) return {};
  const auto found = json[object].FindMember(name);
  return found == json[object].MemberEnd() || !found->value.IsString() ? "" : from_visible(found->value.GetString());
}

class BundleReader {
 public:
  explicit BundleReader(std::istream& in) : tar_(in) {}
  Result<Contents> operator()();

 private:
  Result<std::string> read_small(const TarReader::Entry& entry, std::uint64_t most);
  Result<void> read_head();
  Result<void> take(const TarReader::Entry& entry);
  Result<void> take_file(const TarReader::Entry& entry, const Manifest::File& file);
  void take_record(std::string_view bytes);
  void judge_record();
  void changed(std::string_view what, std::string_view how) {
    contents_.changes.push_back(fmt::format("{}: {}", what, how));
  }

  TarReader tar_;
  Contents contents_;
  std::set<std::string> seen_;
  report::RecordDigest digest_;
  std::string header_;  // the first line of the record
  bool header_ended_ = false;
};

Result<std::string> BundleReader::read_small(const TarReader::Entry& entry, std::uint64_t most) {
  if (entry.size > most) return refused(fmt::format("has a {} of more than {} bytes", entry.path, most));
  std::string bytes;
  if (Result<void> read = tar_.read([&](std::string_view piece) { bytes += piece; }); !read) return read.error();
  return bytes;
}

/// The manifest comes first, so that of all others it is known what they should be.
Result<void> BundleReader::read_head() {
  Result<std::optional<TarReader::Entry>> entry = tar_.next();
  if (!entry) return entry.error();
  if (!*entry || (*entry)->path != manifest_name)
    return refused(fmt::format("does not begin with {}: it is no bundle of audit", manifest_name));
  Result<std::string> bytes = read_small(**entry, largest_manifest);
  if (!bytes) return bytes.error();
  contents_.manifest_bytes = std::move(*bytes);
  Result<Manifest> manifest = read_manifest(contents_.manifest_bytes);
  if (!manifest) return refused("has a " + manifest.error().message);
  contents_.manifest = std::move(*manifest);
  seen_.insert(std::string(manifest_name));
  return {};
}

Result<void> BundleReader::take(const TarReader::Entry& entry) {
  if (!seen_.insert(entry.path).second) return refused("holds a path twice: " + entry.path);
  if (seen_.size() > most_files + 2) return refused(fmt::format("holds more than {} files", most_files));
  if (entry.path == signature_name) {
    Result<std::string> bytes = read_small(entry, largest_signature);
    if (!bytes) return bytes.error();
    contents_.signature = std::move(*bytes);
    return {};
  }
  const std::vector<Manifest::File>& files = contents_.manifest.files;
  const auto file =
      std::lower_bound(files.begin(), files.end(), entry.path,
                       [](const Manifest::File& one, const std::string& path) { return one.path < path; });
  if (file != files.end() && file->path == entry.path) return take_file(entry, *file);
  changed(entry.path, "is not in the manifest");
  return {};
}

Result<void> BundleReader::take_file(const TarReader::Entry& entry, const Manifest::File& file) {
  if (entry.size != file.size) {
    changed(file.path, fmt::format("has {} bytes; the manifest says {}", entry.size, file.size));
    return {};
  }
  Sha256 hash;
  const bool record = file.path == record_name;
  const Result<void> read = tar_.read([&](std::string_view piece) {
    hash.update(piece);
    if (record) take_record(piece);
  });
  if (!read) return read.error();
  const std::string found = hex_of(hash.finish());
  if (found != file.sha256)
    changed(file.path, fmt::format("its SHA-256 is {}; the manifest says {}", found, file.sha256));
  if (record) judge_record();
  return {};
}

void BundleReader::take_record(std::string_view bytes) {
  digest_.feed(bytes);
  if (header_ended_) return;
  const std::size_t end = std::min({bytes.find('\n'), bytes.size(), longest_header - header_.size()});
  header_ += bytes.substr(0, end);
  header_ended_ = end < bytes.size();
}

/// The digest tree, part by part, and which run the manifest says it is.
void BundleReader::judge_record() {
  const Manifest& manifest = contents_.manifest;
  const Result<report::DigestTree> digest = digest_.finish();
  if (!digest) return changed(record_name, "is no record of a run: " + digest.error().message);
  for (const report::DigestTree::Part& part : digest->parts)
    if (std::find(manifest.digest.parts.begin(), manifest.digest.parts.end(), part) == manifest.digest.parts.end())
      changed(record_name, fmt::format("the digest of its {} lines is not the manifest's", part.name));
  if (digest->root != manifest.digest.root)
    changed(record_name, fmt::format("its digest is {}; the manifest says {}", digest->root, manifest.digest.root));
  rapidjson::Document header;
  header.Parse<rapidjson::kParseIterativeFlag>(header_.data(), header_.size());
  if (text_in(header, "run", "id") != manifest.run || text_in(header, "run", "started") != manifest.started ||
      text_in(header, "tool", "version") != manifest.version)
    changed(manifest_name, fmt::format("does not name the run that {} is of", record_name));
}

Result<Contents> BundleReader::operator()() {
  if (Result<void> head = read_head(); !head) return head.error();
  while (true) {
    const Result<std::optional<TarReader::Entry>> entry = tar_.next();
    if (!entry) return entry.error();
    if (!*entry) break;
    if (Result<void> taken = take(**entry); !taken) return taken.error();
  }
  for (const Manifest::File& file : contents_.manifest.files)
    if (!seen_.contains(file.path)) changed(file.path, "is missing");
  return std::move(contents_);
}

}  // namespace

Result<Contents> read_bundle(std::istream& in) { return BundleReader(in)(); }

}  // namespace audit::seal
