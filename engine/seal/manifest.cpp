#include "seal/manifest.hpp"

#include <algorithm>

#include "base/sink_stream.hpp"
#include "report/json_value.hpp"

namespace audit::seal {
namespace {

using report::JsonWriter;
using report::put;
using report::put_each;
using report::put_object;
using report::put_some;

void put_digest(JsonWriter& json, const report::DigestTree& digest) {
  put(json, "method", std::string_view("RFC 9162 2.1.1, SHA-256"));
  put(json, "root", digest.root);
  put_each(json, "trees", digest.parts, [&](const report::DigestTree::Part& part) {
    put_object(json, [&] {
      put(json, "name", part.name);
      put(json, "leaves", part.leaves);
      put(json, "root", part.root);
    });
  });
}

void put_file(JsonWriter& json, const Manifest::File& file) {
  put_object(json, [&] {
    put(json, "path", file.path);
    put(json, "size", file.size);
    put(json, "sha256", file.sha256);
    put_some(json, "from", file.from);
  });
}

void put_missing(JsonWriter& json, const Manifest::Missing& missing) {
  put_object(json, [&] {
    put(json, "name", missing.name);
    put_some(json, "sha256", missing.sha256);
    put(json, "why", missing.why);
  });
}

bool is_path_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool is_bundle_path(std::string_view path) noexcept {
  constexpr std::size_t longest = 200;
  if (path.empty() || path.size() > longest) return false;
  while (true) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || part == "." || part == ".." || !std::all_of(part.begin(), part.end(), is_path_character))
      return false;
    if (part.size() == path.size()) return true;
    path.remove_prefix(part.size() + 1);
  }
}

std::string write_manifest(const Manifest& manifest) {
  std::string bytes;
  SinkStream out([&](std::string_view piece) {
    bytes += piece;
    return true;
  });
  report::JsonStream stream(out);
  JsonWriter json(stream);
  json.SetIndent(' ', 1);
  put_object(json, [&] {
    put(json, "schema", std::uint64_t{1});
    put(json, "kind", std::string_view("audit bundle"));
    put_object(json, "tool", [&] {
      put(json, "name", std::string_view("audit"));
      put(json, "version", manifest.version);
    });
    put_object(json, "run", [&] {
      put(json, "id", manifest.run);
      put(json, "started", manifest.started);
    });
    put_object(json, "digest", [&] { put_digest(json, manifest.digest); });
    put_each(json, "files", manifest.files, [&](const Manifest::File& file) { put_file(json, file); });
    put_each(json, "not_packed", manifest.not_packed,
             [&](const Manifest::Missing& missing) { put_missing(json, missing); });
  });
  stream.Put('\n');
  stream.Flush();
  return bytes;
}

}  // namespace audit::seal
