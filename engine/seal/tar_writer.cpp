#include "seal/tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <new>
#include <stdexcept>

namespace audit::seal {
namespace {

using EntryPtr = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

la_ssize_t write_out(archive* tar, void* data, const void* bytes, std::size_t size) {
  auto& out = *static_cast<std::ostream*>(data);
  if (out.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size)))
    return static_cast<la_ssize_t>(size);
  archive_set_error(tar, EIO, "the stream takes no more");
  return -1;
}

}  // namespace

void TarWriter::Free::operator()(archive* tar) const noexcept { archive_write_free(tar); }

TarWriter::TarWriter(std::ostream& out, WallTime time) : out_(out), time_(time), tar_(archive_write_new()) {
  if (!tar_) throw std::bad_alloc();
  need(archive_write_set_format_pax_restricted(tar_.get()) == ARCHIVE_OK);
  need(archive_write_add_filter_zstd(tar_.get()) == ARCHIVE_OK);
  need(archive_write_set_bytes_in_last_block(tar_.get(), 1) == ARCHIVE_OK);  // nothing behind the frame
  need(archive_write_open(tar_.get(), &out_, nullptr, write_out, nullptr) == ARCHIVE_OK);
}

TarWriter::~TarWriter() = default;

/// A stream that takes no more is its owner's to see; anything else that goes wrong here is a fault of the program.
void TarWriter::need(bool done) const {
  if (done || !out_) return;
  const char* why = archive_error_string(tar_.get());
  throw std::runtime_error(fmt::format("libarchive: {}", why == nullptr ? "no reason given" : why));
}

void TarWriter::begin(const std::string& path, std::uint64_t size) {
  constexpr unsigned owner_only = 0600;
  const EntryPtr entry(archive_entry_new(), archive_entry_free);
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), path.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), owner_only);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_mtime(entry.get(), std::chrono::floor<std::chrono::seconds>(time_).time_since_epoch().count(), 0);
  need(archive_write_header(tar_.get(), entry.get()) == ARCHIVE_OK);
}

void TarWriter::put(std::string_view bytes) {
  if (!bytes.empty())
    need(archive_write_data(tar_.get(), bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size()));
}

void TarWriter::finish() { need(archive_write_close(tar_.get()) == ARCHIVE_OK); }

}  // namespace audit::seal
