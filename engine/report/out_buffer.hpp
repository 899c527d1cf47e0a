#pragma once

#include <cstddef>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>

namespace audit::report {

/// An ostream behind a buffer, so that a character costs no virtual call. What is not flushed is lost.
class OutBuffer {
 public:
  explicit OutBuffer(std::ostream& out) : out_(out), buffer_(capacity, '\0') {}

  void put(char c) {
    if (used_ == capacity) flush();
    buffer_[used_++] = c;
  }
  void fill(char c, std::size_t count) {
    if (used_ + count > capacity) flush();
    std::memset(buffer_.data() + used_, c, count);
    used_ += count;
  }
  void append(std::string_view text) {
    if (used_ + text.size() > capacity) flush();
    if (text.size() > capacity) {
      out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    } else {
      used_ += text.copy(buffer_.data() + used_, text.size());
    }
  }
  void flush() {
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
