#include "proto/dns_tcp.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/wire.hpp"

namespace audit::proto {

DnsTcpReader::Step DnsTcpReader::feed(std::string_view bytes) {
  taken_ = 0;
  if (step_ == Step::failed) return step_;
  if (step_ == Step::message) {
    step_ = Step::need_more;
    prefix_seen_ = length_ = 0;
    message_.clear();
  }
  for (; prefix_seen_ < 2 && taken_ < bytes.size(); ++prefix_seen_) length_ = length_ << 8 | get8(bytes, taken_++);
  if (prefix_seen_ < 2) return step_;
  if (length_ < 12)
    return fail(Reason::protocol_error, fmt::format("a DNS message of {} bytes is shorter than its header", length_));
  const std::size_t part = std::min(length_ - message_.size(), bytes.size() - taken_);
  message_.append(bytes.substr(taken_, part));
  taken_ += part;
  if (message_.size() == length_) step_ = Step::message;
  return step_;
}

DnsTcpReader::Step DnsTcpReader::end() {
  taken_ = 0;
  if (step_ == Step::failed) return step_;
  if (prefix_seen_ == 2 && step_ == Step::need_more)
    return fail(Reason::eof,
                fmt::format("the server closed after {} of {} bytes of its DNS message", message_.size(), length_));
  return fail(Reason::eof, "the server closed without a DNS message");
}

DnsTcpReader::Step DnsTcpReader::fail(Reason reason, std::string text) {
  error_ = Error(reason, std::move(text));
  return step_ = Step::failed;
}

std::string frame_dns_tcp(std::string_view message) {
  std::string framed;
  framed.reserve(message.size() + 2);
  put16(framed, static_cast<std::uint16_t>(message.size()));
  framed.append(message);
  return framed;
}

}  // namespace audit::proto
