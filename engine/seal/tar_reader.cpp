#include "seal/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cerrno>
#include <new>

#include "base/text.hpp"
#include "seal/manifest.hpp"
#include "seal/zstd_frame.hpp"

namespace audit::seal {
namespace {

constexpr std::size_t shown = 200;  // bytes of a name

Error refused(std::string why) { return {Reason::protocol_error, std::move(why)}; }

/// "" where it is a plain file.
std::string why_not_plain(archive_entry* entry) {
  const char* path = archive_entry_pathname(entry);
  if (path == nullptr) return "holds a file whose name cannot be read";
  const std::string name = visible(path, shown);
  if (archive_entry_symlink(entry) != nullptr || archive_entry_hardlink(entry) != nullptr)
    return fmt::format("holds a link: {}", name);
  if (archive_entry_filetype(entry) != AE_IFREG) return fmt::format("holds what is no file: {}", name);
  if (!is_bundle_path(path)) return fmt::format("holds a path that no bundle has: {}", name);
  if (archive_entry_sparse_count(entry) > 0 || archive_entry_size_is_set(entry) == 0 || archive_entry_size(entry) < 0)
    return fmt::format("holds a file with holes: {}", name);
  return "";
}

}  // namespace

/// What libarchive reads from: the unpacked bytes, watched for what stands behind the archive's end.
struct TarReader::Source {
  explicit Source(std::istream& in) : frame(in) {}

  Result<std::string_view> next() {
    Result<std::string_view> piece = frame.next();
    if (!piece) return piece;
    if (const std::size_t last = piece->find_last_not_of('\0'); last != std::string_view::npos)
      end_of_content = size + last + 1;
    size += piece->size();
    return piece;
  }

  static la_ssize_t read(archive* tar, void* data, const void** buffer) noexcept {
    auto& source = *static_cast<Source*>(data);
    const Result<std::string_view> piece = source.next();
    if (!piece) {
      source.failure = piece.error().message;
      archive_set_error(tar, EIO, "unpacking failed");
      return ARCHIVE_FATAL;
    }
    *buffer = piece->data();
    return static_cast<la_ssize_t>(piece->size());
  }

  ZstdFrame frame;
  std::uint64_t size = 0;
  std::uint64_t end_of_content = 0;  // behind the last byte that is not 0
  std::string failure;
};

void TarReader::Free::operator()(archive* tar) const noexcept { archive_read_free(tar); }

TarReader::TarReader(std::istream& in) : source_(std::make_unique<Source>(in)), tar_(archive_read_new()) {
  if (!tar_) throw std::bad_alloc();
  archive_read_support_format_tar(tar_.get());
}

TarReader::~TarReader() = default;

Error TarReader::fault() const {
  if (!source_->failure.empty()) return refused(source_->failure);
  const char* why = archive_error_string(tar_.get());
  return refused(fmt::format("is no tar, or damaged: {}", why == nullptr ? "it cannot be read" : visible(why, shown)));
}

Result<std::optional<TarReader::Entry>> TarReader::next() {
  if (!opened_ && archive_read_open(tar_.get(), source_.get(), nullptr, Source::read, nullptr) != ARCHIVE_OK)
    return fault();
  opened_ = true;
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(tar_.get(), &entry);
  if (code == ARCHIVE_EOF) {
    if (Result<void> clean = check_end(); !clean) return clean.error();
    return std::optional<Entry>();
  }
  if (code != ARCHIVE_OK) return fault();
  if (std::string why = why_not_plain(entry); !why.empty()) return refused(std::move(why));
  return std::optional(Entry{archive_entry_pathname(entry), static_cast<std::uint64_t>(archive_entry_size(entry))});
}

Result<void> TarReader::read(const std::function<void(std::string_view)>& take) {
  la_int64_t expected = 0;
  while (true) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(tar_.get(), &bytes, &size, &offset);
    if (code == ARCHIVE_EOF) return {};
    if (code != ARCHIVE_OK) return fault();
    if (offset != expected) return refused("holds a file with holes");
    take({static_cast<const char*>(bytes), size});
    expected += static_cast<la_int64_t>(size);
  }
}

/// tar fills its last record with zeros; anything else there is hidden from who lists the archive.
Result<void> TarReader::check_end() {
  constexpr std::uint64_t record = 64U << 10U;
  const auto end = static_cast<std::uint64_t>(archive_filter_bytes(tar_.get(), 0));
  while (true) {
    const Result<std::string_view> piece = source_->next();
    if (!piece) return piece.error();
    if (source_->end_of_content > end || source_->size > end + record)
      return refused("goes on behind the end of its archive");
    if (piece->empty()) return {};
  }
}

}  // namespace audit::seal
