#pragma once

#include <rapidjson/prettywriter.h>

#include <cstddef>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>

namespace audit::report {

/// What RapidJSON writes to: an ostream behind a buffer, so that a character costs no virtual call.
class JsonStream {
 public:
  using Ch = char;

  explicit JsonStream(std::ostream& out) : out_(out), buffer_(capacity, '\0') {}

  void Put(char c) {
    if (used_ == capacity) Flush();
    buffer_[used_++] = c;
  }
  void fill(char c, std::size_t count) {
    if (used_ + count > capacity) Flush();
    std::memset(buffer_.data() + used_, c, count);
    used_ += count;
  }
  void append(std::string_view text) {
    if (used_ + text.size() > capacity) Flush();
    if (text.size() > capacity) {
      out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    } else {
      used_ += text.copy(buffer_.data() + used_, text.size());
    }
  }
  void Flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(used_));
    used_ = 0;
  }

 private:
  static constexpr std::size_t capacity = 64 * 1024;
  std::ostream& out_;
  std::string buffer_;
  std::size_t used_ = 0;
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
