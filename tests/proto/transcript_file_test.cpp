#include "proto/transcript_file.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include "proto/transcript_wire.hpp"

using namespace audit;
using namespace audit::proto;

namespace {

struct Read {
  std::vector<std::string> records;
  Result<void> whole;
};

/// Everything that a file gives, its bytes fed so many at a time.
Read read(std::string_view file, std::size_t at_a_time) {
  using Step = TranscriptReader::Step;
  TranscriptReader reader;
  Read read;
  for (std::size_t at = 0; at < file.size(); at += at_a_time) {
    reader.feed(file.substr(at, at_a_time));
    for (Step step = reader.next(); step == Step::record; step = reader.next())
      read.records.emplace_back(reader.record());
  }
  read.whole = reader.finish();
  return read;
}

std::string write(const std::vector<std::string>& records) {
  TranscriptWriter writer;
  std::string file;
  for (const std::string& record : records) writer.add(record, file);
  writer.end(file);
  return file;
}

std::vector<std::string> some_records() { return {"one", "", std::string(1'000, 'x'), "the last"}; }

}  // namespace

TEST_CASE("records come back as they were written, however the file is cut into pieces") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> records(random() % 8);
    for (std::string& record : records) {
      record.resize(random() % (round % 10 == 0 ? 700'000 : 300));
      for (char& c : record) c = static_cast<char>(random());
    }
    const std::string file = write(records);
    for (const std::size_t at_a_time : {file.size(), std::size_t{4'096}, std::size_t{97}}) {
      const Read back = read(file, at_a_time);
      CHECK(back.whole);
      REQUIRE(back.records == records);
    }
  }
  const std::string file = write(some_records());
  CHECK(read(file, 1).records == some_records());
}

TEST_CASE("the same records give the same bytes") { CHECK(write(some_records()) == write(some_records())); }

TEST_CASE("a transcript that was cut off anywhere says so, and where") {
  const std::string file = write(some_records());
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Read cut = read(std::string_view(file).substr(0, size), 64);
    INFO(size);
    REQUIRE_FALSE(cut.whole);
    CHECK(cut.whole.error().reason == Reason::truncated);
    CHECK(cut.whole.error().message.starts_with("byte " + std::to_string(size) + ": the transcript ends here"));
    REQUIRE(cut.records.size() <= some_records().size());
    for (std::size_t i = 0; i < cut.records.size(); ++i) CHECK(cut.records[i] == some_records()[i]);
  }
}

TEST_CASE("a transcript with any bit changed is refused, and gives no wrong record before that") {
  const std::string file = write(some_records());
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string changed = file;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const Read back = read(changed, changed.size());
    INFO("bit " << bit);
    REQUIRE_FALSE(back.whole);
    for (std::size_t i = 0; i < back.records.size(); ++i) REQUIRE(back.records[i] == some_records()[i]);
  }
}

TEST_CASE("a transcript with a frame taken out, or something behind its end, was edited") {
  std::vector<std::string> records(3, std::string(256 << 10, 'a'));
  records[1].assign(256 << 10, 'b');
  const std::string file = write(records);
  const std::size_t first = 10;  // behind the head
  const std::size_t size = static_cast<std::uint8_t>(file[first + 1]) | static_cast<std::uint8_t>(file[first + 2]) << 8;
  std::string edited = file;
  edited.erase(first, 25 + size);
  const Read back = read(edited, edited.size());
  REQUIRE_FALSE(back.whole);
  CHECK(back.whole.error().message.find("was damaged or edited here") != std::string::npos);
  CHECK(back.records.empty());
  const Read longer = read(file + "x", 4'096);
  REQUIRE_FALSE(longer.whole);
  CHECK(longer.whole.error().message.find("something follows the end") != std::string::npos);
}

TEST_CASE("a transcript of a newer version names both versions and what to do") {
  std::string file = write(some_records());
  file[8] = 2;
  const Read back = read(file, file.size());
  REQUIRE_FALSE(back.whole);
  CHECK(
      back.whole.error().message ==
      "byte 8: the transcript is of version 2, written by a newer audit; this one reads version 1: replay it with the "
      "newer one");
}

TEST_CASE("a file of something else is no transcript") {
  const Read back = read("{\"schema\": 1}\n", 3);
  REQUIRE_FALSE(back.whole);
  CHECK(back.whole.error().message == "byte 0: this is no transcript of audit");
}

TEST_CASE("numbers and texts of a record end where the record does") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 62U, INT64_MIN, INT64_MAX}) {
    TranscriptEncoder out;
    out.integer(value);
    out.number(static_cast<std::uint64_t>(value));
    const std::string bytes = out.take();
    TranscriptDecoder in(bytes);
    CHECK(in.integer() == value);
    CHECK(in.number() == static_cast<std::uint64_t>(value));
    CHECK(in.ended());
    TranscriptDecoder cut(std::string_view(bytes).substr(0, bytes.size() - 1));
    (void)cut.integer();
    (void)cut.number();
    CHECK_FALSE(cut.good());
  }
  TranscriptDecoder long_text("\x7fxx");
  CHECK(long_text.text().empty());
  CHECK_FALSE(long_text.good());
  TranscriptDecoder endless("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  CHECK(endless.number() == 0);
  CHECK_FALSE(endless.good());
}
