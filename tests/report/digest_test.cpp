#include <catch2/catch.hpp>

#include <sstream>

#include "base/digest.hpp"
#include "base/fingerprint.hpp"
#include "base/text.hpp"
#include "hostile_record.hpp"
#include "random_record.hpp"
#include "report/digest.hpp"
#include "report/jsonl.hpp"
#include "sample_record.hpp"
#include "written.hpp"

using namespace audit;
using namespace audit::report;

namespace {

std::string lines_of(const RunRecord& record) {
  std::ostringstream out;
  write_record(record, out);
  return out.str();
}

Result<DigestTree> digest_of_lines(const std::string& lines, std::size_t piece = 1'000'000) {
  RecordDigest digest;
  for (std::size_t at = 0; at < lines.size(); at += piece) digest.feed(std::string_view(lines).substr(at, piece));
  return digest.finish();
}

std::string why(const std::string& lines) {
  const Result<DigestTree> digest = digest_of_lines(lines);
  REQUIRE_FALSE(digest);
  return digest.error().message;
}

std::string part_of(const DigestTree& digest, std::string_view name) {
  for (const DigestTree::Part& part : digest.parts)
    if (part.name == name) return part.root;
  return "";
}

constexpr const char* small =
    "{\"line\": \"header\",1}\n{\"line\": \"rule\",2}\n{\"line\": \"check\",3}\n{\"line\": \"check\",4}\n"
    "{\"line\": \"summary\",5}\n";

}  // namespace

TEST_CASE("the digest of a run is what sha256sum and a pencil make of its lines") {
  const auto leaf = [](const std::string& line) { return sha256_hex(std::string(1, '\0') + line); };
  const auto node = [](const std::string& left, const std::string& right) {
    std::string bytes[2];
    REQUIRE((from_hex(left, bytes[0]) && from_hex(right, bytes[1])));
    return sha256_hex('\1' + bytes[0] + bytes[1]);
  };
  const std::string header = leaf("{\"line\": \"header\",1}");
  const std::string rule = leaf("{\"line\": \"rule\",2}");
  const std::string target = sha256_hex("");
  const std::string check = node(leaf("{\"line\": \"check\",3}"), leaf("{\"line\": \"check\",4}"));
  const std::string summary = leaf("{\"line\": \"summary\",5}");
  const Result<DigestTree> digest = digest_of_lines(small);
  REQUIRE(digest);
  CHECK(part_of(*digest, "header") == header);
  CHECK(part_of(*digest, "rule") == rule);
  CHECK(part_of(*digest, "target") == target);
  CHECK(part_of(*digest, "check") == check);
  CHECK(part_of(*digest, "summary") == summary);
  const std::string four = node(node(leaf("header 1 " + header), leaf("rule 1 " + rule)),
                                node(leaf("target 0 " + target), leaf("check 2 " + check)));
  CHECK(digest->root == node(four, leaf("summary 1 " + summary)));
}

TEST_CASE("a record has one digest, in whatever pieces its lines come") {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    const RunRecord record = random_record(seed);
    const DigestTree digest = digest_of(record);
    const std::string lines = lines_of(record);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, lines.size()}) {
      const Result<DigestTree> again = digest_of_lines(lines, piece);
      REQUIRE(again);
      CHECK(*again == digest);
    }
  }
  CHECK_FALSE(digest_of(random_record(1)) == digest_of(random_record(2)));
}

TEST_CASE("any byte of a record changes its digest or makes it none") {
  const std::string lines = lines_of(sample_record());
  const Result<DigestTree> digest = digest_of_lines(lines);
  REQUIRE(digest);
  for (std::size_t at = 0; at < lines.size(); at += 11) {
    std::string changed = lines;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const Result<DigestTree> other = digest_of_lines(changed);
    if (other) CHECK(other->root != digest->root);
  }
}

TEST_CASE("what a run is compared with is no part of its digest") {
  const RunRecord alone = sample_record();
  RunRecord known = alone;
  REQUIRE_FALSE(known.checks.empty());
  known.first_seen.clear();
  for (const Check& check : known.checks)
    for (const Finding& finding : check.results)
      if (is_remembered(finding.status))
        known.first_seen.emplace(seen_key(fingerprint_of(check, finding), finding.status), WallTime());
  known.past.emplace_back().id = "an earlier one";
  known.digest = "of itself";
  CHECK(written("jsonl", known).find("1970-01-01") != std::string::npos);
  CHECK(lines_of(known) == lines_of(alone));
  CHECK(digest_of(known) == digest_of(alone));
}

TEST_CASE("each thing that a run is made of is in its digest, and in the part that is named after it") {
  const RunRecord before = sample_record();
  const DigestTree digest = digest_of(before);
  const auto parts_changed = [&](void (*change)(RunRecord&)) {
    RunRecord record = before;
    change(record);
    const DigestTree after = digest_of(record);
    CHECK(after.root != digest.root);
    std::string changed;
    for (const DigestTree::Part& part : digest.parts)
      if (part_of(after, part.name) != part.root) changed += part.name + ' ';
    return changed;
  };
  CHECK(parts_changed([](RunRecord& record) { record.inventory.sha256 += '0'; }) == "header ");
  CHECK(parts_changed([](RunRecord& record) { record.inventory.files.push_back({"more.toml", "00"}); }) == "header ");
  CHECK(parts_changed([](RunRecord& record) { record.inventory.sources.emplace_back().sha256 = "00"; }) == "header ");
  CHECK(parts_changed([](RunRecord& record) { record.rules.back().sha256 += '0'; }) == "rule ");
  CHECK(parts_changed([](RunRecord& record) { record.targets.back().owner += '!'; }) == "target ");
  CHECK(parts_changed([](RunRecord& record) { record.checks.held().back().results.back().message += '!'; }) ==
        "check ");
  CHECK(parts_changed([](RunRecord& record) { record.summary.dark += 1; }) == "summary ");
}

TEST_CASE("what is no record has no digest, and the message names the line") {
  CHECK(why("") == "there is no summary at its end");
  CHECK(why("{\"line\": \"rule\",2}\n") == "line 1 is a rule out of its place");
  CHECK(why("{\"line\": \"header\",1}\n{}\n") == "line 2 is none of a run's record");
  CHECK(why(std::string(small) + "{\"line\": \"check\",6}\n") == "line 6 is a check out of its place");
  CHECK(why(std::string(small) + "{\"line\": \"summary\",6}\n") == "line 6 is a summary out of its place");
  CHECK(why(std::string(small) + "{\"line") == "line 6 has no end");
  CHECK(why(std::string(small, 10)) == "line 1 has no end");
  const std::string whole(small);
  CHECK(why(whole.substr(0, whole.size() - 1)) == "line 5 has no end");
  CHECK(why(whole.substr(0, whole.rfind("{"))) == "there is no summary at its end");
}

TEST_CASE("hostile bytes in every field break no digest") {
  const RunRecord record = hostile_record(hostile_bytes());
  CHECK(digest_of_lines(lines_of(record))->root == digest_of(record).root);
}
