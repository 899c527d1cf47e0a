#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "base/time.hpp"

struct archive;

namespace audit::seal {

/// Writes a .tar.zst (pax, RFC 8878) of files that belong to nobody and are their owner's to read: the same files are the
/// same bytes on any machine with the same libraries. What becomes of the bytes the stream knows.
class TarWriter {
 public:
  /// `time` of each file, in whole seconds.
  TarWriter(std::ostream& out, WallTime time);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  /// The next file; its bytes, exactly so many, follow.
  void begin(const std::string& path, std::uint64_t size);
  void put(std::string_view bytes);
  void finish();

 private:
  struct Free {
    void operator()(archive* tar) const noexcept;
  };
  void need(bool done) const;

  std::ostream& out_;
  WallTime time_;
  std::unique_ptr<archive, Free> tar_;
};

}  // namespace audit::seal
