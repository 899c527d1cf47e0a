#pragma once

#include <rapidjson/prettywriter.h>

#include <cstddef>
#include <string_view>

#include "report/out_buffer.hpp"

namespace audit::report {

/// What RapidJSON writes to, by the names that it uses.
class JsonStream : public OutBuffer {
 public:
  using Ch = char;
  using OutBuffer::OutBuffer;

  void Put(char c) { put(c); }
  void Flush() { flush(); }
};

}  // namespace audit::report

/// What RapidJSON indents with.
template <>
inline void rapidjson::PutN(audit::report::JsonStream& stream, char c, std::size_t count) {
  stream.fill(c, count);
}

namespace audit::report {

/// RapidJSON's, which looks at each character of a text by itself; most texts need no look at all.
class JsonWriter : public rapidjson::PrettyWriter<JsonStream> {
 public:
  using PrettyWriter::PrettyWriter;

  /// A string of plain text (see is_plain_text).
  void plain_text(std::string_view text) {
    PrettyPrefix(rapidjson::kStringType);
    os_->Put('"');
    for (std::size_t quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"')) {
      os_->append(text.substr(0, quote));
      os_->append("\\\"");
      text.remove_prefix(quote + 1);
    }
    os_->append(text);
    os_->Put('"');
  }
  /// A string of `visible` text: no control is in it.
  void visible_text(std::string_view text) {
    PrettyPrefix(rapidjson::kStringType);
    os_->Put('"');
    std::size_t quote = text.find('"');
    std::size_t backslash = text.find('\\');
    std::size_t written = 0;
    while (quote != std::string_view::npos || backslash != std::string_view::npos) {
      std::size_t& next = quote < backslash ? quote : backslash;
      os_->append(text.substr(written, next - written));
      os_->Put('\\');
      written = next;
      next = text.find(text[next], next + 1);
    }
    os_->append(text.substr(written));
    os_->Put('"');
  }
};

}  // namespace audit::report
