#include "proto/content_decoding.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::uint32_t most_blocks = 65'536;  // an empty block costs microseconds and yields nothing
constexpr std::uint32_t most_members = 4'096;
constexpr std::size_t scratch_size = 16'384;
constexpr std::size_t feed_size = std::size_t{1} << 30U;  // zlib counts in 32 bits

constexpr int raw_window = -15;
constexpr int zlib_window = 15;
constexpr int gzip_window = 15 + 16;
constexpr int at_block_end = 128;  // of z_stream::data_type

/// RFC 1950 2.2: method 8, a window of at most 32 KiB, and a check that is right by chance once in 31.
bool is_zlib_header(unsigned char first, unsigned char second) {
  return (first & 0x0fU) == 8 && (first >> 4U) <= 7 && ((first << 8U) + second) % 31 == 0;
}

}  // namespace

ContentCoding parse_content_coding(std::string_view value) {
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  if (value.empty() || same_text(value, "identity")) return ContentCoding::identity;
  if (same_text(value, "gzip") || same_text(value, "x-gzip")) return ContentCoding::gzip;
  if (same_text(value, "deflate")) return ContentCoding::deflate;
  return ContentCoding::other;
}

/// z_stream holds pointers into itself, so it stays where it is.
struct ContentDecoder::State {
  State(ContentCoding coding_in, std::size_t most_in) : coding(coding_in), left(most_in) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (begun) inflateEnd(&stream);
  }

  [[nodiscard]] std::string_view name() const { return coding == ContentCoding::gzip ? "gzip" : "deflate"; }
  bool fail(std::string text) {
    problem = std::move(text);
    step = Step::failed;
    return false;
  }
  bool begin(std::string_view bytes);
  void run(std::string_view bytes, std::string& into);
  bool decoded(int code);
  bool data_ended();

  ContentCoding coding;
  std::size_t left;
  z_stream stream{};
  bool begun = false;
  bool ended = false;  // the data has come to its end; more members may follow
  std::string lead;    // the first byte of a deflate body, until its second tells what it is
  std::uint32_t blocks = 0;
  std::uint32_t members = 0;
  Step step = Step::need_more;
  std::string problem;
};

/// Chooses the form by the first two bytes. False where they are not there yet, or zlib cannot begin.
bool ContentDecoder::State::begin(std::string_view bytes) {
  int window = gzip_window;
  if (coding == ContentCoding::deflate) {
    lead.append(bytes.substr(0, 2 - std::min<std::size_t>(lead.size(), 2)));
    if (lead.size() < 2) return false;
    const bool wrapped = is_zlib_header(static_cast<unsigned char>(lead[0]), static_cast<unsigned char>(lead[1]));
    window = wrapped ? zlib_window : raw_window;
  }
  begun = inflateInit2(&stream, window) == Z_OK;
  return begun || fail("no memory to decode it");
}

/// After the last block. False where no more is decoded.
bool ContentDecoder::State::data_ended() {
  ended = true;
  if (coding != ContentCoding::gzip) {
    if (stream.avail_in > 0) problem = "bytes follow the end of its deflate data";
    return false;
  }
  if (++members > most_members) return fail(fmt::format("its gzip data has more than {} members", most_members));
  inflateReset(&stream);
  return stream.avail_in > 0;
}

/// What one call of inflate came to. False where no more is decoded.
bool ContentDecoder::State::decoded(int code) {
  if (code == Z_STREAM_END) return data_ended();
  const bool block_ended = (stream.data_type & at_block_end) != 0;
  if (code == Z_OK || (code == Z_BUF_ERROR && block_ended)) {  // the latter: a block of a few bits, held back before
    if (stream.total_in > 2) ended = false;
    if (block_ended && ++blocks > most_blocks)
      return fail(fmt::format("its {} data has more than {} blocks", name(), most_blocks));
    return true;
  }
  if (code == Z_BUF_ERROR) return false;  // it needs more
  if (ended && stream.total_in <= 2) {
    problem = "bytes follow the end of its gzip data";
    stream.avail_in = 0;
    coding = ContentCoding::identity;  // whatever else comes is passed over
    return false;
  }
  const char* why = code == Z_NEED_DICT ? "it wants a dictionary" : stream.msg;
  return fail(fmt::format("its {} data is broken: {}", name(), why != nullptr ? why : "no reason is known"));
}

void ContentDecoder::State::run(std::string_view bytes, std::string& into) {
  std::array<char, scratch_size> scratch;  // NOLINT(cppcoreguidelines-pro-type-member-init): inflate fills it
  stream.next_in = reinterpret_cast<const Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  bool more = true;
  while (more) {
    stream.next_out = reinterpret_cast<Bytef*>(scratch.data());
    stream.avail_out = static_cast<uInt>(scratch.size());
    more = decoded(inflate(&stream, Z_BLOCK));
    const std::size_t got = scratch.size() - stream.avail_out;
    const std::size_t kept = std::min(got, left);
    into.append(scratch.data(), kept);
    left -= kept;
    if (got == kept) continue;
    step = Step::full;
    problem.clear();  // it lies beyond the cap
    return;
  }
}

ContentDecoder::ContentDecoder(ContentCoding coding, std::size_t most)
    : state_(std::make_unique<State>(coding, most)) {}
ContentDecoder::~ContentDecoder() = default;
ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;

ContentDecoder::Step ContentDecoder::feed(std::string_view bytes, std::string& into) {
  State& state = *state_;
  const auto done = [&] {
    const bool over = state.ended && state.coding != ContentCoding::gzip;
    if (over && !bytes.empty() && state.problem.empty()) state.problem = "bytes follow the end of its deflate data";
    return over || state.step != Step::need_more || bytes.empty();
  };
  if (done()) return state.step;
  if (!state.begun) {
    const std::size_t before = state.lead.size();
    const bool begun = state.begin(bytes);
    bytes.remove_prefix(state.lead.size() - before);
    if (!begun) return state.step;
    if (!state.lead.empty()) state.run(state.lead, into);
  }
  while (!done()) {
    state.run(bytes.substr(0, feed_size), into);
    bytes.remove_prefix(std::min(feed_size, bytes.size()));
  }
  return state.step;
}

bool ContentDecoder::end() {
  State& state = *state_;
  if (state.step == Step::failed) return false;
  const bool untouched = !state.begun && state.lead.empty();
  if (state.step == Step::full || state.ended || untouched) {
    if (state.ended && state.coding == ContentCoding::gzip && state.stream.total_in > 0 && state.problem.empty())
      state.problem = "bytes follow the end of its gzip data";
    return true;
  }
  return state.fail(fmt::format("its {} data ends before its end", state.name()));
}

const std::string& ContentDecoder::problem() const noexcept { return state_->problem; }

}  // namespace audit::proto
