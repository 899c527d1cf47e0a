#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "report/digest.hpp"

namespace audit::seal {

// Names in a bundle that have a meaning.
inline constexpr std::string_view manifest_name = "manifest.json";  // the first file of a bundle
inline constexpr std::string_view signature_name = "manifest.sig";  // the second, where it is signed
inline constexpr std::string_view record_name = "record.jsonl";     // what the digest is taken over

// Bounds of a bundle. A writer keeps to what a reader takes.
inline constexpr std::uint64_t largest_manifest = 16U << 20U;  // bytes
inline constexpr std::size_t most_files = 50'000;
inline constexpr std::uint64_t most_unpacked = std::uint64_t{16} << 30U;  // bytes, of all files together

/// What a bundle says of itself.
struct Manifest {
  struct File {
    std::string path;  // in the bundle
    std::uint64_t size = 0;
    std::string sha256;
    std::string from;  // the file of the run that it is a copy of; "" for a report
  };
  struct Missing {
    std::string name;
    std::string sha256;  // as the run recorded it; "" where there is none
    std::string why;
  };
  std::string version;  // of the program that did the run
  std::string run;
  std::string started;
  report::DigestTree digest;
  std::vector<File> files;          // by path; neither the manifest nor its signature
  std::vector<Missing> not_packed;  // what belongs to the run and is not in the bundle
};

/// A path below the bundle, of letters, digits, and ._-/ that leads nowhere else and is no longer than 200 bytes.
[[nodiscard]] bool is_bundle_path(std::string_view path) noexcept;

[[nodiscard]] std::string write_manifest(const Manifest& manifest);
/// Only the very bytes that `write_manifest` gives are one, so that no two readers can take them for different things.
/// Error protocol_error.
[[nodiscard]] Result<Manifest> read_manifest(std::string_view bytes);

}  // namespace audit::seal
