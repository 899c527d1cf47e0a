#include "seal/bundle_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/sink_stream.hpp"
#include "seal/ssh_signature.hpp"
#include "seal/tar_writer.hpp"

namespace audit::seal {
namespace {

/// Writes a piece once, to nowhere.
Manifest::File measure(const Piece& piece) {
  Sha256 hash;
  std::uint64_t size = 0;
  SinkStream out([&](std::string_view bytes) {
    hash.update(bytes);
    size += bytes.size();
    return true;
  });
  piece.write(out);
  return {piece.path, size, hex_of(hash.finish()), piece.from};
}

void pack(const Piece& piece, const Manifest::File& file, TarWriter& tar) {
  Sha256 hash;
  tar.begin(file.path, file.size);
  SinkStream out([&](std::string_view bytes) {
    hash.update(bytes);
    tar.put(bytes);
    return true;
  });
  piece.write(out);
  if (hex_of(hash.finish()) != file.sha256)
    throw std::logic_error(fmt::format("{} is not the same when it is written again", file.path));
}

void pack(std::string_view path, std::string_view bytes, TarWriter& tar) {
  tar.begin(std::string(path), bytes.size());
  tar.put(bytes);
}

}  // namespace

Result<void> write_bundle(Manifest manifest, std::vector<Piece> pieces, WallTime time, const SigningKey* key,
                          std::ostream& out) {
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.path < b.path; });
  manifest.files.clear();
  for (const Piece& piece : pieces) manifest.files.push_back(measure(piece));
  const std::string bytes = write_manifest(manifest);
  if (const Result<Manifest> readable = read_manifest(bytes); !readable)
    return Error(Reason::over_budget, "the bundle would be refused where it is verified: " + readable.error().message);
  TarWriter tar(out, time);
  pack(manifest_name, bytes, tar);
  if (key != nullptr) pack(signature_name, sign_bytes(*key, bytes), tar);
  for (std::size_t i = 0; i < pieces.size() && out; ++i) pack(pieces[i], manifest.files[i], tar);
  tar.finish();
  return {};
}

}  // namespace audit::seal
