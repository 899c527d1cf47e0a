#include "net/tracer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace audit::net {
namespace {

constexpr std::size_t shortest_secret = 4;
constexpr std::size_t row = 16;

/// Masks the secrets in `text`; how much of its end might be the beginning of one.
std::size_t mask(std::string& text, const std::vector<std::string>& secrets) {
  std::size_t open = 0;
  for (const std::string& secret : secrets) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + secret.size()))
      text.replace(at, secret.size(), secret.size(), '*');
    for (std::size_t size = std::min(secret.size() - 1, text.size()); size > open; --size)
      if (text.ends_with(std::string_view(secret).substr(0, size))) open = size;
  }
  return open;
}

}  // namespace

std::string trace_milliseconds(Duration duration) {
  return fmt::format("{:.2f} ms", std::chrono::duration<double, std::milli>(duration).count());
}

void Tracer::hide(std::string secret) {
  if (secret.size() >= shortest_secret) secrets_.push_back(std::move(secret));
}

void Tracer::line(WallTime when, std::string_view kind, std::string_view whom, const std::string& text) {
  const std::string whole = fmt::format("{} {:<8} {} {}\n", format_utc(when), kind, whom, text);
  const std::scoped_lock lock(writing_);
  write_(whole);
}

void Tracer::Direction::add(std::string_view bytes) {
  count_ += bytes.size();
  if (tracer_.detail_ != Detail::bytes) return;
  held_ += bytes;
  const std::size_t open = mask(held_, tracer_.secrets_);
  write(std::string_view(held_).substr(0, held_.size() - open));
  held_.erase(0, held_.size() - open);
}

void Tracer::Direction::end() {
  if (held_.empty()) return;
  std::fill(held_.begin(), held_.end(), '*');  // cut off in the middle, it may still be most of a secret
  write(held_);
  held_.clear();
}

void Tracer::Direction::write(std::string_view bytes) {
  std::string lines;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(row, bytes.size()))) {
    const std::string_view part = bytes.substr(0, row);
    std::string hex;
    std::string text;
    for (const char c : part) {
      hex += fmt::format("{:02x} ", static_cast<unsigned char>(c));
      text += c >= ' ' && c <= '~' ? c : '.';
    }
    lines += fmt::format("{} {} {:08x}  {:<48} {}\n", whom_, arrow_, written_, hex, text);
    written_ += part.size();
  }
  if (lines.empty()) return;
  const std::scoped_lock lock(tracer_.writing_);
  tracer_.write_(lines);
}

}  // namespace audit::net
