#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace audit::proto {

// A transcript as a file: eight bytes that say what it is, a version, then frames. A frame is its kind, the sizes of its
// bytes compressed (zstd) and plain, 16 bytes of SHA-256 over these, its payload and the digest of the frame before, and
// the payload. Records run through the frames, each behind its length. The last frame says how many records there are:
// where it is missing the file was cut off. Numbers outside of records are little-endian.

inline constexpr std::uint16_t transcript_version = 1;
inline constexpr std::size_t longest_transcript_record = std::size_t{96} << 20U;
inline constexpr std::size_t largest_transcript_frame = std::size_t{1} << 20U;  // plain
inline constexpr std::uint64_t largest_transcript = std::uint64_t{2} << 30U;    // all records together

using FrameDigest = std::string;

/// Records in, bytes of the file out.
class TranscriptWriter {
 public:
  TranscriptWriter();
  ~TranscriptWriter();
  TranscriptWriter(const TranscriptWriter&) = delete;
  TranscriptWriter& operator=(const TranscriptWriter&) = delete;

  /// Appends to `out` what is ready for the file, which may be nothing.
  void add(std::string_view record, std::string& out);
  /// No more will come.
  void end(std::string& out);
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

 private:
  void put_frame(std::uint8_t kind, std::string_view payload, std::size_t plain, std::string& out);
  void put_data(std::string_view plain, std::string& out);

  void* context_;  // ZSTD_CCtx
  FrameDigest digest_;
  std::string plain_;
  std::uint64_t records_ = 0;
  bool begun_ = false;
};

/// Bytes of the file in, records out. Nothing of a frame is given out before its digest was found right, so a file that
/// was damaged or edited never gives a wrong record; no length of a hostile file makes it take more than a record's cap.
class TranscriptReader {
 public:
  enum class Step : std::uint8_t { need_more, record, end, failed };

  TranscriptReader();
  ~TranscriptReader();
  TranscriptReader(const TranscriptReader&) = delete;
  TranscriptReader& operator=(const TranscriptReader&) = delete;

  void feed(std::string_view bytes) { bytes_ += bytes; }
  /// Goes on to the next record.
  [[nodiscard]] Step next();
  /// There are no more bytes: what `need_more` then means. Bytes behind the end are an error too.
  [[nodiscard]] Result<void> finish() const;

  /// After `record`, until the next call.
  [[nodiscard]] std::string_view record() const noexcept { return record_; }
  /// After `failed`: "byte 117: …", what it means and what to do.
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  enum class State : std::uint8_t { head, frames, ended, failed };

  [[nodiscard]] Step fail(Reason reason, std::string_view what);
  [[nodiscard]] Step read_head();
  [[nodiscard]] Step read_frame();
  [[nodiscard]] Step end_frame(std::string_view payload);
  [[nodiscard]] bool take_record();

  void* context_;  // ZSTD_DCtx
  State state_ = State::head;
  std::string bytes_;
  std::size_t taken_ = 0;     // of bytes_
  std::uint64_t offset_ = 0;  // of bytes_ in the file
  FrameDigest digest_;
  std::string plain_;
  std::size_t plain_taken_ = 0;
  std::uint64_t plain_total_ = 0;
  std::string record_;
  std::uint64_t records_ = 0;
  Error error_;
};

}  // namespace audit::proto
