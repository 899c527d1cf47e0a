#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "seal/manifest.hpp"
#include "seal/signing_key.hpp"

namespace audit::seal {

/// A file to be packed. It is written twice, to be measured and to be packed, so that no report has to fit into memory: both
/// times the same bytes.
struct Piece {
  std::string path;  // is_bundle_path; each once
  std::string from;  // as Manifest::File
  std::function<void(std::ostream&)> write;
};

/// Packs a bundle: the manifest, its signature where there is a key, then the files by path. `manifest` has everything but
/// its files. The same pieces are the same bytes. Error over_budget: more than a reader takes.
[[nodiscard]] Result<void> write_bundle(Manifest manifest, std::vector<Piece> pieces, WallTime time,
                                        const SigningKey* key, std::ostream& out);

}  // namespace audit::seal
