#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct archive;

namespace audit::seal {

/// Reads a .tar.zst of plain files, of which nothing is written anywhere. Whatever else an archive may hold is refused:
/// links, devices, directories, holes, paths that lead elsewhere, bytes behind its end. Errors: protocol_error.
class TarReader {
 public:
  struct Entry {
    std::string path;  // is_bundle_path
    std::uint64_t size = 0;
  };

  explicit TarReader(std::istream& in);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// The next file; none at the end, and nothing follows it.
  [[nodiscard]] Result<std::optional<Entry>> next();
  /// The bytes of that file, in pieces.
  [[nodiscard]] Result<void> read(const std::function<void(std::string_view)>& take);

 private:
  struct Source;
  struct Free {
    void operator()(archive* tar) const noexcept;
  };
  [[nodiscard]] Error fault() const;
  [[nodiscard]] Result<void> check_end();

  std::unique_ptr<Source> source_;
  std::unique_ptr<archive, Free> tar_;
  bool opened_ = false;
};

}  // namespace audit::seal
