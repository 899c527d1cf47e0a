#include <http_parser.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "proto/ascii.hpp"
#include "proto/content_decoding.hpp"
#include "proto/http.hpp"

namespace audit::proto {
namespace {

constexpr int parser_failed = -1;  // what a callback returns to stop http-parser
constexpr int parser_skip_body = 1;
constexpr std::size_t parser_header_max = std::size_t{80} << 10;  // HTTP_MAX_HEADER_SIZE
constexpr std::size_t coded_overhead = 4'096;                     // that a coded body may be longer than its text

// RFC 9112 6.3: two readers of such an answer see different ends of it.
constexpr std::string_view two_framings =
    "it has both Content-Length and Transfer-Encoding, a sign of response smuggling";
constexpr std::string_view bad_chunk_size = "a chunk size is no number, or too large for one";
constexpr std::string_view bare_cr = "no LF follows a CR that ends a line";
constexpr std::string_view bare_lf = "an LF without its CR stands in the line of a chunk's size";
constexpr std::string_view no_chunk_end = "a chunk is longer than its size says, or no line end follows it";
constexpr std::string_view two_lengths = "it has two Content-Length headers, a sign of response smuggling";

std::string_view explain(http_errno code, bool in_headers, const std::vector<HttpHeader>& headers) {
  switch (code) {
    case HPE_INVALID_CONSTANT:
    case HPE_INVALID_VERSION:
    case HPE_INVALID_STATUS: return "it does not begin with an HTTP/1 status line";
    case HPE_HEADER_OVERFLOW: return "a header or the head of a chunk is too long";
    case HPE_INVALID_CONTENT_LENGTH:  // http-parser says the same of a chunk's
      return in_headers ? "its Content-Length is no number, or too large for one" : bad_chunk_size;
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return find_header(headers, "Transfer-Encoding") != nullptr ? two_framings : two_lengths;
    case HPE_INVALID_CHUNK_SIZE: return bad_chunk_size;
    default: return http_errno_description(code);
  }
}

/// Up to the first CR that no LF follows, or none yet; that one too.
std::size_t lines_in(std::string_view bytes) {
  std::size_t cr = bytes.find('\r');
  while (cr != std::string_view::npos && cr + 1 < bytes.size() && bytes[cr + 1] == '\n') cr = bytes.find('\r', cr + 2);
  return cr == std::string_view::npos ? bytes.size() : cr + 1;
}

}  // namespace

/// The reading of one response. http-parser holds a pointer to it, so it stays where it is.
struct HttpResponseReader::State {
  /// What is being read of a message: its head, and a body as a whole or in chunks (RFC 9112 7.1).
  enum class Frame : std::uint8_t { head, head_end, body, size_line, data, data_end, trailers };

  State(bool head, HttpLimits given) : head_request(head), limits(given) {
    limits.header_bytes = std::min(limits.header_bytes, parser_header_max);
    http_parser_settings_init(&settings);
    settings.on_status = [](http_parser* p, const char* at, size_t n) { return of(p).on_status({at, n}); };
    settings.on_header_field = [](http_parser* p, const char* at, size_t n) { return of(p).on_name({at, n}); };
    settings.on_header_value = [](http_parser* p, const char* at, size_t n) { return of(p).on_value({at, n}); };
    settings.on_headers_complete = [](http_parser* p) { return of(p).on_headers(); };
    settings.on_chunk_header = [](http_parser* p) { return of(p).on_chunk(p->content_length); };
    settings.on_body = [](http_parser* p, const char* at, size_t n) { return of(p).on_body({at, n}); };
    settings.on_message_complete = [](http_parser* p) { return of(p).on_complete(); };
    begin();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static State& of(http_parser* p) { return *static_cast<State*>(p->data); }

  void begin();
  Step feed(std::string_view bytes);
  Step end();
  void run(std::string_view bytes);
  [[nodiscard]] std::size_t part_of(std::string_view bytes) const;
  bool may_follow(std::string_view part);
  void end_part(Frame was, std::string_view part, std::size_t used);
  Step fail(Reason reason, std::string_view text);
  [[nodiscard]] int refuse(std::string_view text);

  int on_status(std::string_view text);
  int on_name(std::string_view text);
  int on_value(std::string_view text);
  int on_headers();
  void choose_decoder();
  int on_chunk(std::uint64_t size);
  bool ends_chunk(std::string_view next);
  int on_body(std::string_view bytes);
  int on_coded_body(std::string_view bytes);
  int cut_body();
  int on_complete();

  bool head_request;
  HttpLimits limits;
  http_parser parser{};
  http_parser_settings settings{};
  HttpResponse response;
  std::optional<ContentDecoder> decoder;
  Error error;
  Step step = Step::need_more;
  std::size_t taken = 0;
  std::uint64_t seen = 0;       // bytes of this response and the interim ones before it
  std::size_t header_seen = 0;  // bytes of the head that is being read
  int interim_seen = 0;
  bool in_value = false;
  bool complete = false;  // http-parser came to the end of a message
  Frame frame = Frame::head;
  bool after_cr = false;  // that ends a line
  std::uint64_t chunk_left = 0;
  std::string_view chunk_end;  // what has to come behind the chunk that was read, and has not yet
};

void HttpResponseReader::State::begin() {
  http_parser_init(&parser, HTTP_RESPONSE);
  parser.data = this;
  response = HttpResponse();
  decoder.reset();
  header_seen = 0;
  in_value = false;
  complete = false;
  frame = Frame::head;
  after_cr = false;
  chunk_end = {};
}

HttpResponseReader::Step HttpResponseReader::State::fail(Reason reason, std::string_view text) {
  const std::string_view prefix = reason == Reason::protocol_error ? "not a valid HTTP answer: " : "";
  error = Error(reason, fmt::format("{}{}", prefix, text));
  return step = Step::failed;
}

/// For a callback: fails, and stops http-parser.
int HttpResponseReader::State::refuse(std::string_view text) {
  fail(Reason::protocol_error, text);
  return parser_failed;
}

int HttpResponseReader::State::on_status(std::string_view text) {
  response.reason.append(text);
  return 0;
}

int HttpResponseReader::State::on_name(std::string_view text) {
  if (frame != Frame::head) return 0;  // trailers
  if (in_value || response.headers.empty()) {
    if (response.headers.size() >= limits.header_count)
      return refuse(fmt::format("it has more than {}", counted(limits.header_count, "header")));
    response.headers.emplace_back();
    in_value = false;
  }
  response.headers.back().name.append(text);
  return 0;
}

int HttpResponseReader::State::on_value(std::string_view text) {
  if (frame != Frame::head) return 0;
  in_value = true;
  response.headers.back().value.append(text);
  return 0;
}

int HttpResponseReader::State::on_headers() {
  frame = Frame::head_end;
  response.status = parser.status_code;
  response.version =
      fmt::format("{}.{}", static_cast<unsigned>(parser.http_major), static_cast<unsigned>(parser.http_minor));
  if (parser.http_major != 1) return refuse(fmt::format("its version is HTTP/{}, not 1.x", response.version));
  if (response.status < 100) return refuse(fmt::format("its status is {}", response.status));
  int lengths = 0;
  bool encoded = false;
  for (HttpHeader& header : response.headers) {
    while (!header.value.empty() && is_blank(header.value.back())) header.value.pop_back();
    const std::string_view name = std::string_view(header.name).substr(0, header.name.find_last_not_of(" \t") + 1);
    const bool frames = same_text(name, "Transfer-Encoding") || same_text(name, "Content-Length");
    if (frames && name.size() != header.name.size())  // RFC 9112 5.1
      return refuse(fmt::format("a blank stands between {} and its colon, a sign of response smuggling", name));
    if (same_text(header.name, "Transfer-Encoding")) encoded = true;
    if (!same_text(header.name, "Content-Length")) continue;
    ++lengths;
    if (header.value.empty() || !std::all_of(header.value.begin(), header.value.end(), is_digit))
      return refuse("its Content-Length is no number");
  }
  if (lengths > 1) return refuse(two_lengths);
  if (lengths > 0 && encoded) return refuse(two_framings);
  const bool bodiless = head_request || response.status < 200 || response.status == 204 || response.status == 304;
  choose_decoder();
  if (bodiless) {
    decoder.reset();
    response.coding_problem.clear();
  }
  http_parser_pause(&parser, 1);  // at the byte that has ended the head
  return bodiless ? parser_skip_body : 0;
}

void HttpResponseReader::State::choose_decoder() {
  std::string named;
  std::string transfer;
  for (const HttpHeader& header : response.headers) {
    if (same_text(header.name, "Content-Encoding")) named += (named.empty() ? "" : ", ") + header.value;
    if (same_text(header.name, "Transfer-Encoding")) transfer += (transfer.empty() ? "" : ", ") + header.value;
  }
  response.coding = lowered(named);
  if (!transfer.empty() && !same_text(transfer, "chunked") && !same_text(transfer, "identity"))
    response.coding_problem = "its transfer coding stays: the body is as it came";
  switch (parse_content_coding(named)) {
    case ContentCoding::identity: break;
    case ContentCoding::other: response.coding_problem = "its coding stays: the body is as it came"; break;
    case ContentCoding::gzip:
    case ContentCoding::deflate:
      if (response.coding_problem.empty()) decoder.emplace(parse_content_coding(named), limits.body_bytes);
  }
}

/// There is more: what came is the answer.
int HttpResponseReader::State::cut_body() {
  response.body_truncated = true;
  step = Step::done;
  return parser_failed;
}

int HttpResponseReader::State::on_chunk(std::uint64_t size) {
  chunk_left = size;
  frame = size > 0 ? Frame::data : Frame::trailers;
  return 0;
}

bool HttpResponseReader::State::ends_chunk(std::string_view next) {
  const bool same = chunk_end.starts_with(next);
  chunk_end.remove_prefix(next.size());
  if (!same) fail(Reason::protocol_error, no_chunk_end);
  return same;
}

int HttpResponseReader::State::on_body(std::string_view bytes) {
  if (decoder) return on_coded_body(bytes);
  const std::size_t room = limits.body_bytes - response.body.size();
  const std::size_t size = response.body.size() + std::min(room, bytes.size());
  if (size > response.body.capacity())
    response.body.reserve(std::min(limits.body_bytes, std::max(size, 2 * response.body.capacity())));
  response.body.append(bytes.substr(0, room));
  response.body_size = response.body.size();
  return bytes.size() <= room ? 0 : cut_body();
}

int HttpResponseReader::State::on_coded_body(std::string_view bytes) {
  const std::uint64_t room = limits.body_bytes + coded_overhead - response.body_size;
  const std::string_view taken_now = bytes.substr(0, room);
  response.body_size += taken_now.size();
  const ContentDecoder::Step decoded = decoder->feed(taken_now, response.body);
  response.coding_problem = decoder->problem();
  const bool goes_on = decoded == ContentDecoder::Step::need_more && taken_now.size() == bytes.size();
  return goes_on ? 0 : cut_body();
}

int HttpResponseReader::State::on_complete() {
  complete = true;
  response.reusable = http_should_keep_alive(&parser) != 0 && response.status != 101;
  if (decoder && !decoder->end()) response.body_truncated = true;
  if (decoder) response.coding_problem = decoder->problem();
  http_parser_pause(&parser, 1);
  return 0;
}

/// How many of the bytes belong to what is being read of the message. A CR that no LF follows, or none yet, ends them.
std::size_t HttpResponseReader::State::part_of(std::string_view bytes) const {
  switch (frame) {
    case Frame::head: return lines_in(bytes.substr(0, limits.header_bytes - header_seen));
    case Frame::trailers: return lines_in(bytes);
    case Frame::size_line: return after_cr ? 1 : std::min(bytes.size() - 1, bytes.find_first_of("\r\n")) + 1;
    case Frame::head_end: return 1;
    case Frame::data: return static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left));
    case Frame::data_end: return std::min(bytes.size(), chunk_end.size());
    case Frame::body: break;
  }
  return bytes.size();
}

/// Is it what has to come behind what was read? http-parser of Debian takes any byte behind a CR for an LF, here and there,
/// and any two for the end of a chunk.
bool HttpResponseReader::State::may_follow(std::string_view part) {
  if (frame == Frame::data_end) return ends_chunk(part);
  if (after_cr && part.front() != '\n') fail(Reason::protocol_error, bare_cr);
  return step == Step::need_more;
}

/// Goes on to what comes next of the message, once http-parser has read so many bytes of the part.
void HttpResponseReader::State::end_part(Frame was, std::string_view part, std::size_t used) {
  const char last = used > 0 ? part[used - 1] : '\0';
  after_cr = last == '\r' && (was == Frame::head || was == Frame::size_line || was == Frame::trailers);
  switch (was) {
    case Frame::head_end:
      frame = Frame::body;
      if ((parser.flags & F_CHUNKED) != 0 && (parser.flags & F_SKIPBODY) == 0) frame = Frame::size_line;
      break;
    case Frame::size_line:  // http-parser takes an LF for a part of it
      if (frame == Frame::size_line && last == '\n') fail(Reason::protocol_error, bare_lf);
      break;
    case Frame::data:
      chunk_left -= used;
      if (chunk_left > 0) break;
      frame = Frame::data_end;
      chunk_end = "\r\n";
      break;
    case Frame::data_end:
      if (chunk_end.empty()) frame = Frame::size_line;
      break;
    case Frame::head:
    case Frame::body:
    case Frame::trailers: break;
  }
}

/// Gives http-parser bytes up to the end of what is being read of a message.
void HttpResponseReader::State::run(std::string_view bytes) {
  if (frame == Frame::head && header_seen >= limits.header_bytes) {
    fail(Reason::protocol_error, fmt::format("its head is longer than {}", counted(limits.header_bytes, "byte")));
    return;
  }
  const Frame was = frame;
  const std::string_view part = bytes.substr(0, part_of(bytes));
  if (!may_follow(part)) return;
  const std::size_t used = http_parser_execute(&parser, &settings, part.data(), part.size());
  taken += used;
  seen += used;
  if (was == Frame::head) header_seen += used;
  if (step != Step::need_more) return;
  const auto code = HTTP_PARSER_ERRNO(&parser);
  if (code != HPE_OK && code != HPE_PAUSED) {
    fail(Reason::protocol_error, explain(code, frame == Frame::head, response.headers));
    return;
  }
  end_part(was, part, used);
  if (!complete) http_parser_pause(&parser, 0);
}

HttpResponseReader::Step HttpResponseReader::State::feed(std::string_view bytes) {
  taken = 0;
  while (step == Step::need_more && taken < bytes.size()) {
    run(bytes.substr(taken));
    if (step != Step::need_more || !complete) continue;
    const bool interim = response.status < 200 && response.status != 101;
    if (!interim)
      step = Step::done;
    else if (++interim_seen > limits.interim_responses)
      fail(Reason::protocol_error,
           fmt::format("more than {} came before it",
                       counted(static_cast<std::uint64_t>(limits.interim_responses), "interim response")));
    else
      begin();
  }
  return step;
}

HttpResponseReader::Step HttpResponseReader::State::end() {
  taken = 0;
  if (step != Step::need_more) return step;
  if (seen == 0) return fail(Reason::eof, "the server closed the connection without an HTTP answer");
  if (frame == Frame::head)
    return fail(Reason::eof, "the server closed the connection within the head of its HTTP answer");
  http_parser_execute(&parser, &settings, nullptr, 0);
  if (complete) return step = Step::done;
  return fail(Reason::eof, fmt::format("the server closed the connection after {} of an unfinished HTTP body",
                                       counted(response.body_size, "byte")));
}

HttpResponseReader::HttpResponseReader(bool head_request, HttpLimits limits)
    : state_(std::make_unique<State>(head_request, limits)) {}
HttpResponseReader::~HttpResponseReader() = default;
HttpResponseReader::HttpResponseReader(HttpResponseReader&&) noexcept = default;
HttpResponseReader& HttpResponseReader::operator=(HttpResponseReader&&) noexcept = default;

HttpResponseReader::Step HttpResponseReader::feed(std::string_view bytes) { return state_->feed(bytes); }
HttpResponseReader::Step HttpResponseReader::end() { return state_->end(); }
std::size_t HttpResponseReader::taken() const noexcept { return state_->taken; }
HttpResponse& HttpResponseReader::response() noexcept { return state_->response; }
const Error& HttpResponseReader::error() const noexcept { return state_->error; }

}  // namespace audit::proto
