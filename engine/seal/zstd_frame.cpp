#include "seal/zstd_frame.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <new>

namespace audit::seal {
namespace {

constexpr std::size_t piece_size = 128U << 10U;

Error refused(std::string why) { return {Reason::protocol_error, std::move(why)}; }

}  // namespace

void ZstdFrame::Free::operator()(ZSTD_DCtx_s* context) const noexcept { ZSTD_freeDCtx(context); }

ZstdFrame::ZstdFrame(std::istream& in) : file_(in), context_(ZSTD_createDCtx()), plain_(piece_size, '\0') {
  if (!context_) throw std::bad_alloc();
}

bool ZstdFrame::refill() {
  packed_.resize(piece_size);
  file_.read(packed_.data(), static_cast<std::streamsize>(packed_.size()));
  packed_.resize(static_cast<std::size_t>(file_.gcount()));
  used_ = 0;
  read_ += packed_.size();
  return !packed_.empty();
}

Result<std::string_view> ZstdFrame::next() {
  if (ended_) return std::string_view();
  ZSTD_outBuffer out{plain_.data(), plain_.size(), 0};
  while (out.pos == 0 && !ended_) {
    ZSTD_inBuffer in{packed_.data(), packed_.size(), used_};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) return refused(fmt::format("is no zstd, or damaged: {}", ZSTD_getErrorName(left)));
    used_ = in.pos;
    ended_ = left == 0 && read_ > 0;
    if (out.pos == 0 && !ended_ && used_ == packed_.size() && !refill())
      return refused(read_ == 0 ? "is empty" : "is cut off");
  }
  if (ended_ && (used_ < packed_.size() || refill())) return refused("goes on behind its end");
  return checked(out.pos);
}

Result<std::string_view> ZstdFrame::checked(std::size_t size) {
  unpacked_ += size;
  if (unpacked_ > most) return refused(fmt::format("unpacks to more than {} GiB", most >> 30U));
  if (unpacked_ > free_of_that && unpacked_ / most_times > read_)
    return refused(fmt::format("unpacks to more than {} times its size", most_times));
  return std::string_view(plain_).substr(0, size);
}

}  // namespace audit::seal
