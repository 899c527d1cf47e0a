#include "cli/report_bundle.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <iostream>

#include "base/text.hpp"
#include "cli/bundle_parts.hpp"
#include "cli/paths.hpp"
#include "cli/report_mode.hpp"
#include "cli/secret_file.hpp"
#include "report/digest.hpp"

namespace audit::cli {

void add_bundle_options(CLI::App& command, BundleOptions& options) {
  command
      .add_option("--bundle", options.path,
                  "Pack the run for who reviews it: its record, a JSON and an HTML report and those of --report, its "
                  "inventory and rules, and a manifest with the digest of each (.tar.zst)")
      ->type_name("PATH");
  command
      .add_option("--sign", options.sign,
                  "Sign the bundle with this private Ed25519 key: PEM or OpenSSH's, without a passphrase")
      ->type_name("KEY");
  command
      .add_option("--rules", options.rules, "Where the rules of the run are, besides the shipped ones; may be repeated")
      ->type_name("PATH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::vector<std::string> bundle_formats(const std::vector<ReportWish>& wishes) {
  std::vector<std::string> formats{"json", "html"};
  for (const ReportWish& wish : wishes)
    if (std::find(formats.begin(), formats.end(), wish.format) == formats.end()) formats.push_back(wish.format);
  return formats;
}

Result<std::unique_ptr<seal::SigningKey>> signing_key(const std::string& path) {
  if (path.empty()) return std::unique_ptr<seal::SigningKey>();
  Result<std::string> text = read_secret_file(path);
  if (!text) return Error(text.error().reason, fmt::format("--sign: the key {}", text.error().message));
  Result<seal::SigningKey> key = seal::SigningKey::read(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return Error(key.error().reason, fmt::format("--sign: {} {}", visible(path), key.error().message));
  return std::make_unique<seal::SigningKey>(std::move(*key));
}

Result<void> write_bundle(const BundleOptions& options, const std::vector<ReportWish>& wishes,
                          const seal::SigningKey* key, const RunRecord& record) {
  BundleParts parts;
  add_reports(record, bundle_formats(wishes), parts);
  std::vector<std::string> rules = options.rules;
  if (const std::string shipped = shipped_folder("rules"); !shipped.empty()) rules.push_back(shipped);
  add_rules(record, rules, parts);
  add_inventory(record, parts);
  seal::Manifest manifest;
  manifest.version = record.tool.version;
  manifest.run = record.run.id;
  manifest.started = format_utc(record.run.started);
  manifest.digest = report::digest_of(record);
  manifest.not_packed = parts.not_packed;
  const std::size_t count = parts.pieces.size();
  Result<void> packed;
  Result<void> written = write_whole(options.path, "bundle", usual_mode("bundle"), [&](std::ostream& out) {
    packed = seal::write_bundle(std::move(manifest), std::move(parts.pieces), record.run.finished, key, out);
    if (!packed) out.setstate(std::ios::failbit);
  });
  if (!packed) return packed;
  if (!written) return written;
  std::cerr << fmt::format("bundle: {}, {}, {}, digest {}\n", visible(options.path), counted(count, "file"),
                           key == nullptr ? "not signed" : "signed", record.digest);
  for (const seal::Manifest::Missing& missing : parts.not_packed)
    std::cerr << fmt::format("not in the bundle: {}: {}\n", visible(missing.name), visible(missing.why));
  return {};
}

}  // namespace audit::cli
