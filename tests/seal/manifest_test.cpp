#include <catch2/catch.hpp>

#include "seal/manifest.hpp"

using namespace audit;
using namespace audit::seal;
using Catch::Contains;

namespace {

const std::string digest(64, 'a');

Manifest sample() {
  Manifest manifest;
  manifest.version = "0.1.0";
  manifest.run = "20261120T220405-abcdef";
  manifest.started = "2026-11-20T22:04:05.123Z";
  manifest.digest.root = digest;
  manifest.digest.parts = {{"header", 1, digest}, {"check", 12, digest}};
  manifest.files = {{"inventory/1-a.toml", 5, digest, "/etc/\x1b[31m\\a.toml"}, {"record.jsonl", 6, digest, ""}};
  manifest.not_packed = {{"rule a.b", digest, "gone"}, {"source x", "", "\xff"}};
  return manifest;
}

std::string why(const std::string& bytes) {
  const Result<Manifest> manifest = read_manifest(bytes);
  REQUIRE_FALSE(manifest);
  CHECK(manifest.error().reason == Reason::protocol_error);
  return manifest.error().message;
}

std::string why(void (*spoil)(Manifest&)) {
  Manifest manifest = sample();
  spoil(manifest);
  return why(write_manifest(manifest));
}

}  // namespace

TEST_CASE("a manifest that was written is read, hostile bytes and all") {
  const std::string bytes = write_manifest(sample());
  const Result<Manifest> manifest = read_manifest(bytes);
  REQUIRE(manifest);
  CHECK(manifest->run == sample().run);
  CHECK(manifest->digest == sample().digest);
  CHECK(manifest->files.front().from == sample().files.front().from);
  CHECK(manifest->not_packed.back().why == "\xff");
  CHECK(write_manifest(*manifest) == bytes);
  CHECK(bytes.find('\x1b') == std::string::npos);
}

TEST_CASE("a manifest that another would read otherwise is none") {
  const std::string bytes = write_manifest(sample());
  const auto with = [&](std::string_view old, std::string_view now) {
    std::string changed = bytes;
    const std::size_t at = changed.find(old);
    REQUIRE(at != std::string::npos);
    return changed.replace(at, old.size(), now);
  };
  const char* as_audit_writes = "is not written as audit writes it";
  CHECK_THAT(why(bytes + ' '), Contains(as_audit_writes));
  CHECK_THAT(why(with("\"size\": 5", "\"size\": 5, \"size\": 6")), Contains(as_audit_writes));
  CHECK_THAT(why(with("\"size\": 5", "\"size\": 5.0")), Contains(as_audit_writes));
  CHECK_THAT(why(with("\"size\": 5", "\"size\": \"5\"")), Contains(as_audit_writes));
  CHECK_THAT(why(with("\"run\": {", "\"extra\": 1,\"run\": {")), Contains(as_audit_writes));
  CHECK_THAT(why(with("0.1.0", "\\u0030.1.0")), Contains(as_audit_writes));
  CHECK_THAT(why(with("\"schema\": 1", "\"schema\": 2")), Contains("another version"));
  CHECK_THAT(why(with("audit bundle", "other bundle")), Contains("none of a bundle"));
  CHECK_THAT(why(bytes.substr(0, bytes.size() / 2)), Contains("is no JSON"));
  CHECK_THAT(why(""), Contains("is no JSON"));
  CHECK_THAT(why("[]"), Contains("none of a bundle"));
  CHECK_THAT(why(std::string(200'000, '[')), Contains("is no JSON"));
}

TEST_CASE("a manifest whose files no bundle can have is none") {
  CHECK_THAT(why([](Manifest& manifest) { manifest.files.pop_back(); }), Contains("does not name record.jsonl"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].path = "../a"; }), Contains("cannot be in a bundle: ../a"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].path = "manifest.json"; }), Contains("cannot be"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].path = "manifest.sig"; }), Contains("cannot be"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].path = "record.jsonl"; }), Contains("twice"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].path = "z"; }), Contains("out of order"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].sha256.pop_back(); }), Contains("no SHA-256"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].sha256[0] = 'A'; }), Contains("no SHA-256"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].size = most_unpacked; }), Contains("more than 16 GiB"));
  CHECK_THAT(why([](Manifest& manifest) { manifest.files[0].size = ~std::uint64_t{}; }), Contains("more than 16 GiB"));
}

TEST_CASE("a path of a bundle leads nowhere but below it") {
  for (const char* good :
       {"a", "report.html", "rules/exposure.telnet-open.lua", "a/b/c", "..a", "a..", "-a", ".hidden"})
    CHECK(is_bundle_path(good));
  for (const char* bad :
       {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a/.", "a\\b", "a b", "a:b", "a\n", "ä"})
    CHECK_FALSE(is_bundle_path(bad));
  CHECK(is_bundle_path(std::string(200, 'a')));
  CHECK_FALSE(is_bundle_path(std::string(201, 'a')));
  CHECK_FALSE(is_bundle_path(std::string_view("a\0b", 3)));
}
