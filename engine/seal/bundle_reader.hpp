#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "seal/manifest.hpp"

namespace audit::seal {

/// What a bundle holds, beside what it says of itself.
struct Contents {
  Manifest manifest;
  std::string manifest_bytes;  // what is signed
  std::optional<std::string> signature;
  /// "report.html: …", one each: files that are other than the manifest has them, that it does not name, or that are gone;
  /// a digest tree that is not that of the record.
  std::vector<std::string> changes;
};

/// Reads a bundle through, in bounded memory, and writes none of it anywhere. Error protocol_error: it is none, or holds
/// what no bundle does (see TarReader): a path twice, a manifest that is not the first file.
[[nodiscard]] Result<Contents> read_bundle(std::istream& in);

}  // namespace audit::seal
