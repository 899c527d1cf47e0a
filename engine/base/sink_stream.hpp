#pragma once

#include <functional>
#include <ostream>
#include <streambuf>
#include <string_view>

namespace audit {

/// A stream that hands what is written to a function, at once; the stream fails where that is false.
class SinkStream final : public std::ostream {
 public:
  using Take = std::function<bool(std::string_view)>;
  explicit SinkStream(Take take) : std::ostream(nullptr), buffer_(std::move(take)) { rdbuf(&buffer_); }

 private:
  class Buffer final : public std::streambuf {
   public:
    explicit Buffer(Take take) : take_(std::move(take)) {}

   protected:
    std::streamsize xsputn(const char* bytes, std::streamsize size) override {
      return take_({bytes, static_cast<std::size_t>(size)}) ? size : 0;
    }
    int_type overflow(int_type byte) override {
      const char c = traits_type::to_char_type(byte);
      if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
      return take_({&c, 1}) ? byte : traits_type::eof();
    }

   private:
    Take take_;
  };
  Buffer buffer_;
};

}  // namespace audit
