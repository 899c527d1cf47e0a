#include "notify/transfer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <new>

#include "base/text.hpp"

namespace audit::notify {
namespace {

constexpr std::size_t most_heard = std::size_t{64} << 10U;  // bytes of headers and body together
constexpr std::size_t most_shown = 200;

long milliseconds(Duration duration) {
  return std::max<long>(1, static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
}

/// A command that is started meanwhile must not inherit it.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int look_up(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

}  // namespace

Transfer::Transfer(const CurlLibrary& curl, const Delivery& delivery, const std::string& url, const char* protocols)
    : curl_(curl), handle_(curl.easy_init(), curl.easy_cleanup), headers_(nullptr, curl.slist_free_all) {
  if (!handle_) throw std::bad_alloc();
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_USERAGENT, fmt::format("audit/{}", delivery.message.news->version).c_str());
  bound(delivery, protocols);
  trust(delivery.settings);
}

void Transfer::bound(const Delivery& delivery, const char* protocols) {
  set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, protocols);
#else
#error "libcurl before 7.85 has no CURLOPT_PROTOCOLS_STR"
#endif
  set(CURLOPT_TIMEOUT_MS, milliseconds(delivery.timeout));
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(delivery.timeout));
  set(CURLOPT_SERVER_RESPONSE_TIMEOUT,
      static_cast<long>(std::chrono::ceil<std::chrono::seconds>(delivery.timeout).count()));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // not even one that the environment names
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, take_line);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  set(CURLOPT_XFERINFOFUNCTION, look_up);
  set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&delivery.stop));
  set(CURLOPT_NOPROGRESS, 0L);
}

void Transfer::trust(const NotifySettings& settings) {
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (settings.ca.empty()) return;
  const std::string path = (std::filesystem::path(settings.folder) / settings.ca).string();
  set(CURLOPT_CAINFO, path.c_str());
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // in place of the system's, not beside them
}

void Transfer::add_header(const std::string& line) {
  curl_slist* longer = curl_.slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)headers_.release();
  headers_.reset(longer);
}

bool Transfer::count(std::size_t bytes) {
  heard_ += bytes;
  overlong_ = overlong_ || heard_ > most_heard;
  return !overlong_;
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.count(size * count)) return 0;
  transfer.body_.append(bytes, std::min(size * count, most_shown - std::min(most_shown, transfer.body_.size())));
  return size * count;
}

std::size_t Transfer::take_line(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.count(size * count)) return 0;
  transfer.line_.assign(bytes, std::min(size * count, most_shown));
  return size * count;
}

CURLcode Transfer::perform() {
  const CURLcode code = curl_.easy_perform(handle());
  curl_.easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status_);
  return code;
}

Duration Transfer::retry_after() const noexcept {
  curl_off_t wanted = 0;
  curl_.easy_getinfo(handle(), CURLINFO_RETRY_AFTER, &wanted);
  return std::chrono::seconds(std::clamp<curl_off_t>(wanted, 0, 86'400));
}

std::string Transfer::said() const { return visible(body_, most_shown); }

std::string Transfer::last_line() const {
  return visible(std::string_view(line_).substr(0, line_.find_first_of("\r\n")), most_shown);
}

std::string Transfer::why(CURLcode code) const {
  if (overlong_) return fmt::format("said more than {} bytes", most_heard);
  if (code == CURLE_ABORTED_BY_CALLBACK) return "the program was asked to end";
  return visible(error_.front() != '\0' ? error_.data() : curl_.easy_strerror(code), 300);
}

bool is_passing(CURLcode code) noexcept {
  constexpr std::array<CURLcode, 10> passing{CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                                             CURLE_OPERATION_TIMEDOUT,   CURLE_SEND_ERROR,
                                             CURLE_RECV_ERROR,           CURLE_GOT_NOTHING,
                                             CURLE_SSL_CONNECT_ERROR,    CURLE_PARTIAL_FILE,
                                             CURLE_WEIRD_SERVER_REPLY,   CURLE_AGAIN};
  return std::find(passing.begin(), passing.end(), code) != passing.end();
}

Sent post(const Delivery& delivery, const Post& what) {
  const Result<CurlLibrary>& curl = curl_library();
  if (!curl) return {Sent::How::refused, curl.error().message, {}};
  Transfer transfer(*curl, delivery, what.url, delivery.settings.address.scheme == "https" ? "https" : "http");
  transfer.set(CURLOPT_POST, 1L);
  transfer.set(CURLOPT_POSTFIELDS, what.body.data());
  transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(what.body.size()));
  transfer.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  transfer.add_header(fmt::format("Content-Type: {}", what.content_type));
  transfer.add_header("Expect:");  // no question before a body of this size
  for (const std::string& header : what.headers) transfer.add_header(header);
  transfer.send_headers();
  const CURLcode code = transfer.perform();
  const long status = transfer.status();
  const std::string where = delivery.settings.address.shown();
  const bool accepted = status >= 200 && status < 300;
  if (accepted && (code == CURLE_OK || transfer.overlong())) return {Sent::How::delivered, "", {}};
  if (code != CURLE_OK && !transfer.overlong())
    return {is_passing(code) ? Sent::How::failed : Sent::How::refused,
            fmt::format("{}: {}", where, transfer.why(code)),
            {}};
  const bool passing = status == 429 || status >= 500;
  std::string message = fmt::format("{}: HTTP status {}", where, status);
  if (status >= 300 && status < 400) message += ", a redirect, which is not followed; write the URL that it leads to";
  if (const std::string said = transfer.said(); !said.empty()) message += fmt::format(": {}", said);
  return {passing ? Sent::How::failed : Sent::How::refused, std::move(message), transfer.retry_after()};
}

}  // namespace audit::notify
