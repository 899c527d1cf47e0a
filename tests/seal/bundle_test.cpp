#include <catch2/catch.hpp>

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

#include <sstream>

#include "../report/random_record.hpp"
#include "../report/sample_record.hpp"
#include "report/jsonl.hpp"
#include "seal/bundle_reader.hpp"
#include "seal/bundle_writer.hpp"
#include "seal/ssh_signature.hpp"
#include "seal/tar_reader.hpp"
#include "seal/zstd_frame.hpp"
#include "test_keys.hpp"

using namespace audit;
using namespace audit::seal;
using Catch::Contains;

namespace {

std::string record_lines(const RunRecord& record) {
  std::ostringstream out;
  report::write_record(record, out);
  return out.str();
}

Piece piece(std::string path, std::string bytes) {
  return {std::move(path), "", [bytes = std::move(bytes)](std::ostream& out) { out << bytes; }};
}

Manifest head_of(const RunRecord& record) {
  Manifest manifest;
  manifest.version = record.tool.version;
  manifest.run = record.run.id;
  manifest.started = format_utc(record.run.started);
  manifest.digest = report::digest_of(record);
  return manifest;
}

std::string bundle_of(const RunRecord& record, bool with_key = true) {
  Result<SigningKey> key = SigningKey::read(pem_private());
  REQUIRE(key);
  std::ostringstream out;
  const Result<void> written = write_bundle(head_of(record),
                                            {piece("rules/a.b.lua", "return rule {}"), piece("empty", ""),
                                             piece("report.html", "<p>"), piece("record.jsonl", record_lines(record))},
                                            record.run.finished, with_key ? &*key : nullptr, out);
  REQUIRE(written);
  return out.str();
}

Result<Contents> read(const std::string& bytes) {
  std::istringstream in(bytes);
  return read_bundle(in);
}

std::string refusal(const std::string& bytes) {
  const Result<Contents> contents = read(bytes);
  REQUIRE_FALSE(contents);
  CHECK(contents.error().reason == Reason::protocol_error);
  return contents.error().message;
}

/// A file of an archive, or what a hostile one has in its place.
struct Member {
  std::string path;
  std::string bytes;
  int kind = AE_IFREG;
  std::string link = "";
  bool hard = false;
};

std::string packed(std::string plain) {
  std::string bytes(ZSTD_compressBound(plain.size()), '\0');
  bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), plain.data(), plain.size(), 1));
  return bytes;
}

std::string unpacked(const std::string& bytes) {
  std::string plain(std::size_t{4} << 20U, '\0');
  const std::size_t size = ZSTD_decompress(plain.data(), plain.size(), bytes.data(), bytes.size());
  REQUIRE_FALSE(ZSTD_isError(size));
  plain.resize(size);
  return plain;
}

std::string tar_of(const std::vector<Member>& members) {
  std::string bytes(std::size_t{8} << 20U, '\0');
  std::size_t used = 0;
  archive* tar = archive_write_new();
  archive_write_set_format_pax(tar);
  REQUIRE(archive_write_open_memory(tar, bytes.data(), bytes.size(), &used) == ARCHIVE_OK);
  for (const Member& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.path.c_str());
    archive_entry_set_filetype(entry, static_cast<unsigned>(member.kind));
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
    if (!member.link.empty() && member.hard) archive_entry_set_hardlink(entry, member.link.c_str());
    if (!member.link.empty() && !member.hard) archive_entry_set_symlink(entry, member.link.c_str());
    REQUIRE(archive_write_header(tar, entry) == ARCHIVE_OK);
    archive_write_data(tar, member.bytes.data(), member.bytes.size());
    archive_entry_free(entry);
  }
  REQUIRE(archive_write_close(tar) == ARCHIVE_OK);
  archive_write_free(tar);
  bytes.resize(used);
  return bytes;
}

/// The members of a bundle, to be packed again otherwise.
std::vector<Member> members_of(const std::string& bundle) {
  std::istringstream in(bundle);
  TarReader tar(in);
  std::vector<Member> members;
  while (true) {
    const Result<std::optional<TarReader::Entry>> entry = tar.next();
    REQUIRE(entry);
    if (!*entry) return members;
    Member& member = members.emplace_back();
    member.path = (*entry)->path;
    REQUIRE(tar.read([&](std::string_view piece_of) { member.bytes += piece_of; }));
  }
}

std::string again(const std::vector<Member>& members) { return packed(tar_of(members)); }

bool names(const std::vector<std::string>& changes, const std::string& path) {
  return std::any_of(changes.begin(), changes.end(),
                     [&](const std::string& change) { return change.starts_with(path + ": "); });
}

}  // namespace

TEST_CASE("a bundle that nobody touched is what it was, and the same run is the same bytes") {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const RunRecord record = report::random_record(seed);
    const std::string bundle = bundle_of(record);
    CHECK(bundle == bundle_of(record));
    const Result<Contents> contents = read(bundle);
    REQUIRE(contents);
    CHECK(contents->changes.empty());
    CHECK(contents->manifest.digest == report::digest_of(record));
    REQUIRE(contents->signature);
    CHECK(*signer_of(*contents->signature, contents->manifest_bytes) == test_blob());
  }
  CHECK_FALSE(read(bundle_of(report::sample_record(), false))->signature);
}

TEST_CASE("packed again as it was it is still verified, so that the tests below change what they say") {
  const Result<Contents> contents = read(again(members_of(bundle_of(report::sample_record()))));
  REQUIRE(contents);
  CHECK(contents->changes.empty());
}

TEST_CASE("a changed byte of any file is told with the file's name") {
  const std::vector<Member> members = members_of(bundle_of(report::sample_record()));
  CHECK(members.size() == 6);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::string& path = members[i].path;
    const std::size_t step = std::max<std::size_t>(1, members[i].bytes.size() / 23);
    for (std::size_t at = 0; at < members[i].bytes.size(); at += step) {
      INFO(path << " byte " << at);
      std::vector<Member> changed = members;
      changed[i].bytes[at] = static_cast<char>(changed[i].bytes[at] ^ 1);
      const Result<Contents> contents = read(again(changed));
      const bool signed_part = path == manifest_name || path == signature_name;
      if (!contents) {
        CHECK(path == manifest_name);
      } else if (signed_part) {
        const Result<std::string> signer = signer_of(*contents->signature, contents->manifest_bytes);
        CHECK_FALSE((signer && *signer == test_blob() && contents->changes.empty()));
      } else {
        CHECK(names(contents->changes, path));
        CHECK(std::all_of(contents->changes.begin(), contents->changes.end(),
                          [&](const std::string& change) { return change.starts_with(path + ": "); }));
      }
    }
  }
}

TEST_CASE("a file that is gone, longer, shorter or new is told with its name") {
  const std::vector<Member> members = members_of(bundle_of(report::sample_record()));
  for (std::size_t i = 2; i < members.size(); ++i) {
    std::vector<Member> changed = members;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(read(again(changed))->changes == std::vector<std::string>{members[i].path + ": is missing"});
    changed = members;
    changed[i].bytes += 'x';
    CHECK(names(read(again(changed))->changes, members[i].path));
    changed[i].bytes = members[i].bytes.substr(0, members[i].bytes.size() / 2);
    if (!members[i].bytes.empty()) CHECK(names(read(again(changed))->changes, members[i].path));
  }
  std::vector<Member> more = members;
  more.push_back({"zzz", "new"});
  CHECK(read(again(more))->changes == std::vector<std::string>{"zzz: is not in the manifest"});
}

TEST_CASE("a record that is not the one the digest was taken over is told, also where the manifest has its hash") {
  RunRecord record = report::sample_record();
  Manifest head = head_of(record);
  record.checks.held().back().results.back().message += "!";
  std::ostringstream out;
  REQUIRE(write_bundle(head, {piece("record.jsonl", record_lines(record))}, {}, nullptr, out));
  const Result<Contents> contents = read(out.str());
  REQUIRE(contents);
  REQUIRE(contents->changes.size() == 2);
  CHECK_THAT(contents->changes[0], Contains("the digest of its check lines"));
  CHECK_THAT(contents->changes[1], Contains("record.jsonl: its digest is"));
}

TEST_CASE("a manifest that names another run than its record is told") {
  const RunRecord record = report::sample_record();
  Manifest head = head_of(record);
  head.run = "another";
  std::ostringstream out;
  REQUIRE(write_bundle(head, {piece("record.jsonl", record_lines(record))}, {}, nullptr, out));
  CHECK(read(out.str())->changes ==
        std::vector<std::string>{"manifest.json: does not name the run that record.jsonl is of"});
}

TEST_CASE("links, devices, folders, paths that lead elsewhere and paths that are there twice are refused") {
  const std::vector<Member> members = members_of(bundle_of(report::sample_record()));
  const auto with = [&](Member hostile) {
    std::vector<Member> changed = members;
    changed.push_back(std::move(hostile));
    return refusal(again(changed));
  };
  CHECK_THAT(with({"report.link", "", AE_IFLNK, "/etc/passwd"}), Contains("holds a link: report.link"));
  CHECK_THAT(with({"report.link", "", AE_IFREG, "record.jsonl", true}), Contains("holds a link: report.link"));
  CHECK_THAT(with({"pipe", "", AE_IFIFO}), Contains("is no file: pipe"));
  CHECK_THAT(with({"device", "", AE_IFCHR}), Contains("is no file: device"));
  CHECK_THAT(with({"folder", "", AE_IFDIR}), Contains("is no file: folder"));
  CHECK_THAT(with({"../escaped", "x"}), Contains("a path that no bundle has: ../escaped"));
  CHECK_THAT(with({"/etc/absolute", "x"}), Contains("a path that no bundle has: /etc/absolute"));
  CHECK_THAT(with({"rules/../../x", "x"}), Contains("a path that no bundle has"));
  CHECK_THAT(with({"a\x1b[31m", "x"}), Contains("a path that no bundle has: a\\x1b[31m"));
  CHECK_THAT(with({"report.html", "<p>"}), Contains("holds a path twice: report.html"));
  CHECK_THAT(with({"manifest.json", members[0].bytes}), Contains("holds a path twice: manifest.json"));
}

TEST_CASE("what does not begin with a manifest is no bundle") {
  const std::vector<Member> members = members_of(bundle_of(report::sample_record()));
  std::vector<Member> turned(members.rbegin(), members.rend());
  CHECK_THAT(refusal(again(turned)), Contains("does not begin with manifest.json"));
  CHECK_THAT(refusal(again({})), Contains("does not begin with manifest.json"));
  CHECK_THAT(refusal(""), Contains("is empty"));
  CHECK_THAT(refusal("no bundle at all"), Contains("is no zstd"));
  CHECK_THAT(
      refusal(packed("no archive at all, though it is as long as the header of one would be" + std::string(900, 'x'))),
      Contains("is no tar"));
}

TEST_CASE("what stands behind the end is refused: of the frame, of the archive, of its last file") {
  const std::string bundle = bundle_of(report::sample_record());
  const std::string plain = unpacked(bundle);
  CHECK(read(packed(plain)));
  CHECK_THAT(refusal(bundle + "x"), Contains("goes on behind its end"));
  CHECK_THAT(refusal(bundle + packed("more")), Contains("goes on behind its end"));
  CHECK_THAT(refusal(bundle + std::string("\x50\x2a\x4d\x18\x04\0\0\0more", 12)), Contains("goes on behind its end"));
  CHECK_THAT(refusal(packed(plain + "hidden")), Contains("goes on behind the end of its archive"));
  CHECK_THAT(refusal(packed(plain + tar_of({{"hidden", "x"}}))), Contains("goes on behind the end of its archive"));
  CHECK_THAT(refusal(packed(plain + std::string(1U << 20U, '\0'))), Contains("goes on behind the end of its archive"));
}

TEST_CASE("a bundle that is cut anywhere is never verified") {
  const std::string bundle = bundle_of(report::sample_record());
  for (std::size_t size = 0; size < bundle.size(); size += 97) CHECK_FALSE(read(bundle.substr(0, size)));
  CHECK_FALSE(read(bundle.substr(0, bundle.size() - 1)));
  const std::string plain = unpacked(bundle);
  for (std::size_t size = 0; size + 2048 < plain.size(); size += 509) {
    const Result<Contents> contents = read(packed(plain.substr(0, size)));
    if (contents) CHECK_FALSE(contents->changes.empty());
  }
}

TEST_CASE("a bomb goes off nowhere: what unpacks to a thousand times its size is refused on the way") {
  const std::string bomb = packed(std::string(std::size_t{96} << 20U, '\0'));
  std::istringstream in(bomb);
  ZstdFrame frame(in);
  std::uint64_t unpacked_size = 0;
  Result<std::string_view> piece = frame.next();
  for (; piece && !piece->empty(); piece = frame.next()) unpacked_size += piece->size();
  REQUIRE_FALSE(piece);
  CHECK(piece.error().message == "unpacks to more than 1000 times its size");
  CHECK(unpacked_size <= ZstdFrame::free_of_that + (1U << 20U));
  CHECK_THAT(refusal(bomb), Contains("goes on behind the end of its archive"));
}

TEST_CASE("a bundle that no reader would take is not written") {
  std::ostringstream out;
  const Result<void> written =
      write_bundle(head_of(report::sample_record()), {piece("report.html", "<p>")}, {}, nullptr, out);
  REQUIRE_FALSE(written);
  CHECK_THAT(written.error().message, Contains("does not name record.jsonl"));
  CHECK(out.str().empty());
}
