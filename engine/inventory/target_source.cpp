#include "inventory/target_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace audit::inventory {

Position Lines::at(std::size_t offset) {
  for (const std::size_t end = std::min(offset, text_.size()); done_ < end; ++done_) {
    const char c = text_[done_];
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) {
      ++position_.column;
    }
  }
  return position_;
}

bool complain_of_encoding(std::string_view bytes, ReadSource& source) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (static_cast<unsigned char>(bytes[at]) < 0x80) {
      ++at;
      continue;
    }
    const CodePoint point = decode_utf8(bytes.substr(at));
    if (point.length == 0) {
      source.mistakes.push_back({Lines(bytes).at(at), fmt::format("the byte 0x{:02x} is not UTF-8; save it as UTF-8",
                                                                  static_cast<unsigned char>(bytes[at]))});
      return true;
    }
    at += point.length;
  }
  return false;
}

ReadSource read_text_source(std::string_view bytes) {
  constexpr std::size_t longest_line = 4'096;
  ReadSource source;
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (complain_of_encoding(bytes, source)) return source;
  std::uint32_t number = 0;
  while (!bytes.empty()) {
    ++number;
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    line = line.substr(0, line.find('#'));
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) continue;
    const std::size_t last = line.find_last_not_of(" \t\r");
    const Position at{number, Lines(line).at(begin).column};
    const std::string_view address = line.substr(begin, last - begin + 1);
    if (address.size() > longest_line) {
      source.mistakes.push_back({at, fmt::format("this line is longer than {} bytes", longest_line)});
      return source;
    }
    if (source.targets.size() == most_sourced) {
      source.mistakes.push_back({at, fmt::format("a source names at most {} targets", most_sourced)});
      return source;
    }
    SourcedTarget target;
    target.address = address;
    target.at = at;
    source.targets.push_back(std::move(target));
  }
  return source;
}

}  // namespace audit::inventory
