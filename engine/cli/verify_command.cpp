#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/paths.hpp"
#include "proto/ssh_host_key.hpp"
#include "seal/bundle_reader.hpp"
#include "seal/public_key.hpp"
#include "seal/ssh_signature.hpp"

namespace audit::cli {
namespace {

struct VerifyOptions {
  std::string bundle;
  std::string key;
};

/// Of --key: a line, or a file. "" where there is no such option.
Result<std::string> trusted_key(const std::string& wanted) {
  if (wanted.empty()) return std::string();
  const bool line = wanted.starts_with("ssh-") || wanted.starts_with("ecdsa-");
  std::string text = wanted;
  if (!line) {
    constexpr std::size_t most = 65'537;  // a byte more than is accepted
    std::ifstream file(wanted, std::ios::binary);
    if (!file) return Error(Reason::local_fault, fmt::format("--key {}: there is no such file", visible(wanted)));
    text.resize(most);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  Result<std::string> key = seal::read_public_key(text);
  if (!key)
    return Error(key.error().reason,
                 fmt::format("--key {} {}", line ? "the key" : visible(wanted), key.error().message));
  return key;
}

/// Who signed, in words; what is wrong with it becomes one of the changes.
std::string judge_signature(seal::Contents& contents, const std::string& trusted) {
  if (!contents.signature) {
    if (trusted.empty()) return "none: who made it is not known, and anybody can have";
    contents.changes.push_back(fmt::format("{}: is missing; the bundle is not signed", seal::signature_name));
    return "none";
  }
  const Result<std::string> signer = seal::signer_of(*contents.signature, contents.manifest_bytes);
  if (!signer) {
    contents.changes.push_back(fmt::format("{}: {}", seal::signature_name, signer.error().message));
    return "does not hold";
  }
  const std::string name = proto::ssh_sha256_fingerprint(*signer);
  if (trusted.empty()) return fmt::format("by {}; whose key that is was not asked (--key PUB)", name);
  if (*signer == trusted) return fmt::format("by {}, the key of --key", name);
  contents.changes.push_back(fmt::format("{}: is of the key {}, not of {}, that of --key", seal::signature_name, name,
                                         proto::ssh_sha256_fingerprint(trusted)));
  return "by another key: " + name;
}

void print(const seal::Contents& contents, const std::string& path, const std::string& signature) {
  const seal::Manifest& manifest = contents.manifest;
  std::cout << fmt::format("{}: run {}, started {}, audit {}\n", visible(path), visible(manifest.run),
                           visible(manifest.started), visible(manifest.version))
            << fmt::format("digest: {}\n", visible(manifest.digest.root)) << fmt::format("signature: {}\n", signature);
  for (const seal::Manifest::Missing& missing : manifest.not_packed)
    std::cout << fmt::format("never packed: {}: {}\n", visible(missing.name), visible(missing.why));
  for (const std::string& change : contents.changes) std::cout << fmt::format("changed: {}\n", visible(change));
  const std::size_t count = contents.changes.size();
  if (count > 0)
    std::cout << fmt::format("NOT verified: {}\n", counted(count, "thing is wrong", "things are wrong"));
  else
    std::cout << fmt::format("verified: {}, each as the manifest has it\n", counted(manifest.files.size(), "file"));
}

int verify(const VerifyOptions& options) {
  const Result<std::string> trusted = trusted_key(options.key);
  if (!trusted || !is_there(options.bundle)) {
    std::cerr << "audit verify: "
              << (trusted ? fmt::format("{}: there is no such file", visible(options.bundle)) : trusted.error().message)
              << '\n';
    return exit_usage;
  }
  if (std::error_code none; std::filesystem::is_directory(options.bundle, none)) {
    std::cerr << "audit verify: " << visible(options.bundle)
              << " is a directory; a bundle is one file, as it was written\n";
    return exit_usage;
  }
  std::ifstream file(options.bundle, std::ios::binary);
  Result<seal::Contents> contents = seal::read_bundle(file);
  if (!contents) {
    std::cerr << fmt::format("audit verify: {} {}; it is refused, and nothing in it is to be relied on\n",
                             visible(options.bundle), contents.error().message);
    return exit_config;
  }
  const std::string signature = judge_signature(*contents, *trusted);
  print(*contents, options.bundle, signature);
  return contents->changes.empty() ? exit_complete : exit_findings;
}

}  // namespace

void add_verify(CLI::App& program, int& code) {
  CLI::App* command = program.add_subcommand("verify", "Whether a bundle is what it was, and who signed it; offline");
  const auto options = std::make_shared<VerifyOptions>();
  command->add_option("BUNDLE", options->bundle, "What audit report --bundle wrote")->required();
  command
      ->add_option("--key", options->key,
                   "The public Ed25519 key that has to have signed it: a file of OpenSSH's or PEM, or the line itself")
      ->type_name("PUB");
  command->footer(
      "Nothing is unpacked to disk. Refused are links, devices, paths that lead elsewhere or occur twice, bytes behind "
      "the end, more than 16 GiB or 1,000 times the size of the bundle.\n\n"
      "Exit codes: 0 verified; 1 something was changed, or the signature is not of the key; 64 usage, or no such file "
      "or key; 78 it is no bundle, damaged, or refused.\n\n"
      "Example: audit verify campus.tar.zst --key auditor.pub");
  command->callback([options, &code] { code = verify(*options); });
}

}  // namespace audit::cli
