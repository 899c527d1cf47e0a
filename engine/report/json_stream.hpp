#pragma once

#include <rapidjson/prettywriter.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "base/scan.hpp"

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

/// RapidJSON's, which looks at each character of a text by itself; most texts need no look at all.
class JsonWriter : public rapidjson::PrettyWriter<JsonStream> {
 public:
  using PrettyWriter::PrettyWriter;

  /// A string of `visible` text: no control is in it.
  void visible_text(std::string_view text) {
    PrettyPrefix(rapidjson::kStringType);
    os_->Put('"');
    while (true) {
      const std::size_t plain = length_of_good(
          text, [](unsigned char byte) { return static_cast<int>(byte != '"') & static_cast<int>(byte != '\\'); });
      os_->append(text.substr(0, plain));
      if (plain == text.size()) break;
      os_->Put('\\');
      os_->Put(text[plain]);
      text.remove_prefix(plain + 1);
    }
    os_->Put('"');
  }
};

}  // namespace audit::report
