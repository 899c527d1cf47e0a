#include "store/segment.hpp"

#include <zstd.h>

#include <array>

#include "store/archive.hpp"

namespace audit::store {
namespace {

constexpr int level = 1;  // the journal must not slow the run; level 3 saves 8 % more

constexpr unsigned long long most_of_block = 128 << 10;  // and what it takes at least (RFC 8878 3.1.1.2)
constexpr unsigned long long least_block = 4;

Error damaged(std::string_view why) { return {Reason::protocol_error, std::string(why)}; }

}  // namespace

void Segment::add(std::string_view record) {
  std::array<char, longest_number> size;
  bytes_.append(size.data(), write_number(record.size(), size.data()));
  bytes_ += record;
  ++records_;
}

std::string Segment::seal() {
  std::string packed = pack(bytes_);
  bytes_.clear();
  records_ = 0;
  return packed;
}

std::string pack(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
  packed.resize(ZSTD_isError(size) != 0U ? 0 : size);  // no error is possible with that room
  return packed;
}

Result<std::string> unpack(std::string_view packed) {
  std::string bytes;
  if (Result<void> unpacked = unpack(packed, bytes); !unpacked) return unpacked.error();
  return bytes;
}

Result<void> unpack(std::string_view packed, std::string& bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return damaged("is not compressed by zstd");
  if (size > Segment::largest) return damaged("claims to be larger than 1 GiB unpacked");
  if (size > (packed.size() / least_block + 1) * most_of_block)
    return damaged("claims to be larger unpacked than so few bytes can be");
  bytes.resize(size);
  const std::size_t unpacked = ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
  if (ZSTD_isError(unpacked) != 0U || unpacked != bytes.size()) return damaged("is cut off or was changed");
  return {};
}

Result<void> read_segment(std::string_view sealed, const std::function<bool(std::string_view)>& each) {
  const Result<std::string> bytes = unpack(sealed);
  if (!bytes) return bytes.error();
  Reader reader(*bytes);
  while (!reader.at_end()) {
    const std::string_view record = reader.bytes();
    if (!reader.good()) return damaged("holds a record that is cut off");
    if (!each(record)) return {};
  }
  return {};
}

}  // namespace audit::store
