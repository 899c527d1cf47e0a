#pragma once

#include <rapidjson/prettywriter.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace audit::report {

/// What RapidJSON writes to: an ostream behind a buffer, so that a character costs no virtual call.
class JsonStream {
 public:
  using Ch = char;

  explicit JsonStream(std::ostream& out) : out_(out) { buffer_.reserve(capacity); }

  void Put(char c) {
    if (buffer_.size() == capacity) Flush();
    buffer_ += c;
  }
  void Flush() {
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

 private:
  static constexpr std::size_t capacity = 64 * 1024;
  std::ostream& out_;
  std::string buffer_;
};

using JsonWriter = rapidjson::PrettyWriter<JsonStream>;

}  // namespace audit::report
