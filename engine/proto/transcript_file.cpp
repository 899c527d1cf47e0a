#include "proto/transcript_file.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <stdexcept>

#include "proto/hash.hpp"
#include "proto/transcript_wire.hpp"

namespace audit::proto {
namespace {

// The first byte is no text, and the last two do not survive a transfer that takes the file for one.
constexpr std::string_view magic =
    "\x89"
    "audit\r\n";
constexpr std::size_t head_size = magic.size() + 2;
constexpr std::size_t digest_size = 16;
constexpr std::size_t frame_head = 1 + 4 + 4 + digest_size;
constexpr std::size_t usual_frame = std::size_t{256} << 10U;
constexpr std::uint8_t data_frame = 1;
constexpr std::uint8_t end_frame_kind = 2;
constexpr int compression_level = 3;

void put_little(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

std::uint64_t get_little(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

std::string file_head() {
  std::string head(magic);
  put_little(head, transcript_version, 2);
  return head;
}

FrameDigest digest_of(std::string_view before, std::string_view head, std::string_view payload) {
  std::string text(before);
  text += head;
  text += payload;
  HashBytes out{};
  if (hash(Hash::sha256, text, out) == 0) throw std::runtime_error("OpenSSL has no SHA-256");
  return {reinterpret_cast<const char*>(out.data()), digest_size};
}

}  // namespace

TranscriptWriter::TranscriptWriter() : context_(ZSTD_createCCtx()), digest_(digest_of({}, file_head(), {})) {
  if (context_ == nullptr) throw std::bad_alloc();
}

TranscriptWriter::~TranscriptWriter() { ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context_)); }

void TranscriptWriter::put_frame(std::uint8_t kind, std::string_view payload, std::size_t plain, std::string& out) {
  if (!begun_) out += file_head();
  begun_ = true;
  std::string head(1, static_cast<char>(kind));
  put_little(head, payload.size(), 4);
  put_little(head, plain, 4);
  digest_ = digest_of(digest_, head, payload);
  out += head;
  out += digest_;
  out += payload;
}

void TranscriptWriter::put_data(std::string_view plain, std::string& out) {
  std::string payload(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size = ZSTD_compressCCtx(static_cast<ZSTD_CCtx*>(context_), payload.data(), payload.size(),
                                             plain.data(), plain.size(), compression_level);
  if (ZSTD_isError(size) != 0) throw std::runtime_error(fmt::format("zstd: {}", ZSTD_getErrorName(size)));
  payload.resize(size);
  put_frame(data_frame, payload, plain.size(), out);
}

void TranscriptWriter::add(std::string_view record, std::string& out) {
  TranscriptEncoder length;
  length.number(record.size());
  plain_ += length.take();
  plain_ += record;
  ++records_;
  std::size_t given = 0;
  for (; plain_.size() - given >= usual_frame; given += usual_frame)
    put_data(std::string_view(plain_).substr(given, usual_frame), out);
  plain_.erase(0, given);
}

void TranscriptWriter::end(std::string& out) {
  if (!plain_.empty()) put_data(plain_, out);
  plain_.clear();
  std::string payload;
  put_little(payload, records_, 8);
  put_frame(end_frame_kind, payload, 0, out);
}

TranscriptReader::TranscriptReader() : context_(ZSTD_createDCtx()), digest_(digest_of({}, file_head(), {})) {
  if (context_ == nullptr) throw std::bad_alloc();
}

TranscriptReader::~TranscriptReader() { ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context_)); }

TranscriptReader::Step TranscriptReader::fail(Reason reason, std::string_view what) {
  state_ = State::failed;
  error_ = Error(reason, fmt::format("byte {}: {}", offset_ + taken_, what));
  return Step::failed;
}

TranscriptReader::Step TranscriptReader::next() {
  while (true) {
    if (state_ == State::failed) return Step::failed;
    if (state_ == State::ended) return Step::end;
    if (state_ == State::frames && take_record()) return Step::record;
    if (state_ == State::failed) return Step::failed;
    offset_ += taken_;
    bytes_.erase(0, taken_);
    taken_ = 0;
    const Step step = state_ == State::head ? read_head() : read_frame();
    if (step != Step::record) return step;
  }
}

/// `record` stands for "there is more to look at".
TranscriptReader::Step TranscriptReader::read_head() {
  const std::string_view seen = std::string_view(bytes_).substr(0, magic.size());
  if (seen != magic.substr(0, seen.size())) return fail(Reason::protocol_error, "this is no transcript of audit");
  if (bytes_.size() < head_size) return Step::need_more;
  const auto version = static_cast<std::uint16_t>(get_little(std::string_view(bytes_).substr(magic.size(), 2)));
  taken_ = magic.size();
  if (version > transcript_version)
    return fail(Reason::protocol_error,
                fmt::format("the transcript is of version {}, written by a newer audit; this one reads version {}: "
                            "replay it with the newer one",
                            version, transcript_version));
  if (version != transcript_version)
    return fail(Reason::protocol_error,
                fmt::format("there is no version {} of transcripts: the file is damaged", version));
  taken_ = head_size;
  state_ = State::frames;
  return Step::record;
}

TranscriptReader::Step TranscriptReader::read_frame() {
  constexpr std::string_view damaged = "the transcript was damaged or edited here: restore the file, or record anew";
  const std::string_view rest = std::string_view(bytes_).substr(taken_);
  if (rest.size() < frame_head) return Step::need_more;
  const auto kind = static_cast<std::uint8_t>(rest[0]);
  const std::uint64_t size = get_little(rest.substr(1, 4));
  const std::uint64_t plain = get_little(rest.substr(5, 4));
  const bool sane = kind == end_frame_kind ? size == 8 && plain == 0
                                           : kind == data_frame && plain > 0 && plain <= largest_transcript_frame &&
                                                 size <= ZSTD_COMPRESSBOUND(largest_transcript_frame);
  if (!sane) return fail(Reason::protocol_error, damaged);
  if (rest.size() < frame_head + size) return Step::need_more;
  const std::string_view payload = rest.substr(frame_head, size);
  FrameDigest digest = digest_of(digest_, rest.substr(0, frame_head - digest_size), payload);
  if (digest != rest.substr(frame_head - digest_size, digest_size)) return fail(Reason::protocol_error, damaged);
  digest_ = std::move(digest);
  if (kind == end_frame_kind) return end_frame(payload);
  plain_total_ += plain;
  if (plain_total_ > largest_transcript)
    return fail(Reason::over_budget,
                fmt::format("the transcript holds more than {} MiB, which is more than is replayed",
                            largest_transcript >> 20U));
  plain_.erase(0, plain_taken_);
  plain_taken_ = 0;
  const std::size_t before = plain_.size();
  plain_.resize(before + plain);
  const std::size_t got = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(context_), plain_.data() + before, plain,
                                              payload.data(), payload.size());
  if (ZSTD_isError(got) != 0 || got != plain) return fail(Reason::protocol_error, damaged);
  taken_ += frame_head + size;
  return Step::record;
}

TranscriptReader::Step TranscriptReader::end_frame(std::string_view payload) {
  if (get_little(payload) != records_ || plain_taken_ != plain_.size())
    return fail(Reason::protocol_error, "the transcript's end does not fit its records: record anew");
  taken_ += frame_head + payload.size();
  state_ = State::ended;
  return Step::end;
}

bool TranscriptReader::take_record() {
  const std::string_view rest = std::string_view(plain_).substr(plain_taken_);
  std::uint64_t size = 0;
  std::size_t used = 0;
  for (bool more = true; more; ++used) {
    if (used == rest.size()) return false;
    if (used == 5) break;
    size |= std::uint64_t{static_cast<std::uint8_t>(rest[used]) & 0x7fU} << (7 * used);
    more = (static_cast<std::uint8_t>(rest[used]) & 0x80U) != 0;
  }
  if (used == 5 && (static_cast<std::uint8_t>(rest[4]) & 0x80U) != 0) size = ~std::uint64_t{0};
  if (size > longest_transcript_record) {
    (void)fail(Reason::protocol_error, "a record of the transcript is larger than any can be: record anew");
    return false;
  }
  if (rest.size() - used < size) return false;
  record_.assign(rest.substr(used, size));
  plain_taken_ += used + size;
  ++records_;
  return true;
}

Result<void> TranscriptReader::finish() const {
  const std::uint64_t end = offset_ + bytes_.size();
  if (state_ == State::failed) return error_;
  if (state_ != State::ended)
    return Error(Reason::truncated,
                 fmt::format("byte {}: the transcript ends here, without its end mark: it was cut off "
                             "(the run was killed, the disk was full, or not all of it was copied); "
                             "copy it again, or record anew",
                             end));
  if (taken_ != bytes_.size())
    return Error(
        Reason::protocol_error,
        fmt::format("byte {}: something follows the end of the transcript: the file was edited", offset_ + taken_));
  return {};
}

}  // namespace audit::proto
