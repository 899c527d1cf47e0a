#pragma once

#include <string>
#include <vector>

#include "base/run_record.hpp"
#include "seal/bundle_writer.hpp"

namespace audit::cli {

/// What of a run goes into a bundle, and what does not, each with why.
struct BundleParts {
  std::vector<seal::Piece> pieces;
  std::vector<seal::Manifest::Missing> not_packed;
};

/// The record that the digest is taken over, and a report of each format. The run outlives the pieces.
void add_reports(const RunRecord& record, const std::vector<std::string>& formats, BundleParts& parts);
/// Each rule's file, named by its id, where one of that digest is below `paths` (files, or folders of them).
void add_rules(const RunRecord& record, const std::vector<std::string>& paths, BundleParts& parts);
/// The inventory's own files, in which no secret can stand, where they are what they were. What its sources gave stays
/// out: an Ansible inventory, say, may have passwords in it.
void add_inventory(const RunRecord& record, BundleParts& parts);

}  // namespace audit::cli
