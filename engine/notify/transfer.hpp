#pragma once

#include <array>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "notify/curl_library.hpp"
#include "notify/delivery.hpp"

namespace audit::notify {

/// One libcurl transfer with every bound that it has to have: deadlines, a cap on what the server says, the protocols
/// that are meant and no other, a verified certificate, no redirect, no proxy or password from the environment. One thread.
class Transfer {
 public:
  /// `protocols`: "https", "smtp,smtps".
  Transfer(const CurlLibrary& curl, const Delivery& delivery, const std::string& url, const char* protocols);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* handle() const noexcept { return handle_.get(); }
  /// libcurl reads each option as one of its own types: a long, a curl_off_t, a pointer.
  template <typename Value>
  void set(CURLoption option, Value value) {
    static_assert(std::is_same_v<Value, long> || std::is_same_v<Value, curl_off_t> || std::is_pointer_v<Value>);
    curl_.easy_setopt(handle(), option, value);
  }
  /// A line of a header, of bytes that cannot end it.
  void add_header(const std::string& line);
  void send_headers() { set(CURLOPT_HTTPHEADER, headers_.get()); }

  /// Does it. `status` is the server's last: of HTTP or SMTP, 0 where it said none.
  [[nodiscard]] CURLcode perform();
  [[nodiscard]] long status() const noexcept { return status_; }
  [[nodiscard]] Duration retry_after() const noexcept;
  /// Was the server's answer cut off at the cap?
  [[nodiscard]] bool overlong() const noexcept { return overlong_; }
  /// The beginning of what the server said, and its last line of protocol, safe to print.
  [[nodiscard]] std::string said() const;
  [[nodiscard]] std::string last_line() const;
  /// What libcurl has to say of a fault.
  [[nodiscard]] std::string why(CURLcode code) const;

 private:
  void bound(const Delivery& delivery, const char* protocols);
  void trust(const NotifySettings& settings);
  bool count(std::size_t bytes);
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t take_line(char* bytes, std::size_t size, std::size_t count, void* self);

  const CurlLibrary& curl_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string body_;
  std::string line_;
  std::size_t heard_ = 0;
  bool overlong_ = false;
  long status_ = 0;
};

/// Would another attempt end otherwise? Connections that could not be made or broke, and time that ran out.
[[nodiscard]] bool is_passing(CURLcode code) noexcept;

/// A POST of an HTTP body to the notifier's URL: 2xx is delivered, 429 and 5xx failed, all else refused.
struct Post {
  std::string url;
  const char* content_type = "";
  const std::string& body;
  std::vector<std::string> headers;
};
[[nodiscard]] Sent post(const Delivery& delivery, const Post& what);

}  // namespace audit::notify
