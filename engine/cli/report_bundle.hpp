#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/run_record.hpp"
#include "cli/report_files.hpp"
#include "seal/signing_key.hpp"

namespace audit::cli {

/// --bundle, and what belongs to it.
struct BundleOptions {
  std::string path;  // "" where none is wanted
  std::string sign;
  std::vector<std::string> rules;
};

void add_bundle_options(CLI::App& command, BundleOptions& options);

/// The formats of the reports of a bundle, asked for or not, each once, the first ones always.
[[nodiscard]] std::vector<std::string> bundle_formats(const std::vector<ReportWish>& wishes);

/// The key of --sign; null where none is named. Error: it cannot be used, and what to do.
[[nodiscard]] Result<std::unique_ptr<seal::SigningKey>> signing_key(const std::string& path);

/// Writes the bundle, whole or not at all, and says on standard error what is not in it. `record.digest` is filled. Error:
/// it could not be written.
[[nodiscard]] Result<void> write_bundle(const BundleOptions& options, const std::vector<ReportWish>& wishes,
                                        const seal::SigningKey* key, const RunRecord& record);

}  // namespace audit::cli
