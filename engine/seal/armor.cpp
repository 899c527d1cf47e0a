#include "seal/armor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "proto/encoding.hpp"

namespace audit::seal {
namespace {

std::string begin_of(std::string_view label) { return fmt::format("-----BEGIN {}-----", label); }
std::string end_of(std::string_view label) { return fmt::format("-----END {}-----", label); }

}  // namespace

bool has_armor(std::string_view text, std::string_view label) {
  return text.find(begin_of(label)) != std::string_view::npos;
}

std::optional<std::string> base64_bytes(std::string_view text) {
  std::string bytes(text.size(), '\0');
  const proto::Decoded decoded = proto::read_base64(text, bytes.data());
  if (decoded.mistake != nullptr) return std::nullopt;
  bytes.resize(decoded.size);
  return bytes;
}

std::optional<std::string> dearmor(std::string_view text, std::string_view label) {
  const std::string begin = begin_of(label);
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + begin.size());
  const std::size_t end = text.find(end_of(label));
  if (end == std::string_view::npos) return std::nullopt;
  std::string digits(text.substr(0, end));
  std::erase_if(digits, [](char c) { return c == '\n' || c == '\r'; });
  return base64_bytes(digits);
}

std::string armored(std::string_view bytes, std::string_view label) {
  constexpr std::size_t width = 70;
  std::string digits(proto::base64_size(bytes.size()), '\0');
  proto::write_base64(bytes, digits.data());
  std::string text = begin_of(label) + '\n';
  for (std::size_t at = 0; at < digits.size(); at += width) text += digits.substr(at, width) + '\n';
  return text + end_of(label) + '\n';
}

}  // namespace audit::seal
