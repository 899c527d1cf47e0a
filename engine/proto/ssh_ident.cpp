#include "proto/ssh_ident.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/ascii.hpp"

namespace audit::proto {
namespace {

constexpr std::string_view prefix = "SSH-";
constexpr std::size_t ident_max = 255;  // CR and LF included
constexpr std::size_t total_max = 8192;
constexpr std::size_t lines_max = 64;

/// The parts of "SSH-protoversion-softwareversion SP comments"; nothing where the two hyphens are missing.
std::optional<SshIdent> split_ident(std::string_view line) {
  const std::string_view parts = line.substr(prefix.size());
  const std::size_t hyphen = parts.find('-');
  if (hyphen == std::string_view::npos || hyphen == 0) return std::nullopt;
  const std::string_view software = parts.substr(hyphen + 1);
  const std::size_t space = software.find(' ');
  SshIdent ident;
  ident.line = line;
  ident.protocol = parts.substr(0, hyphen);
  ident.software = software.substr(0, space);
  if (space != std::string_view::npos) ident.comments = software.substr(space + 1);
  ident.ssh1 = ident.protocol.starts_with("1.");
  ident.ssh2 = ident.protocol == "2.0" || ident.protocol == "1.99";
  return ident;
}

}  // namespace

SshIdentReader::Step SshIdentReader::feed(std::string_view bytes) {
  taken_ = 0;
  while (step_ == Step::need_more && taken_ < bytes.size()) {
    const char byte = bytes[taken_++];
    if (++total_ > total_max) return fail(Reason::protocol_error, "no SSH identification in the first 8192 bytes");
    if (byte == '\n')
      line_ended();
    else
      line_ += byte;
    if (step_ == Step::need_more && line_.size() >= ident_max && line_.starts_with(prefix))
      return fail(Reason::protocol_error, "the SSH identification is longer than 255 bytes");
  }
  return step_;
}

SshIdentReader::Step SshIdentReader::line_ended() {
  if (!line_.starts_with(prefix)) {
    if (line_.ends_with('\r')) line_.pop_back();
    lines_.push_back(std::move(line_));
    line_.clear();
    if (lines_.size() >= lines_max) return fail(Reason::protocol_error, "no SSH identification in the first 64 lines");
    return step_;
  }
  if (line_.back() == '\r') line_.pop_back();
  if (std::any_of(line_.begin(), line_.end(), is_control))
    return fail(Reason::protocol_error, "the SSH identification holds a control character");
  auto ident = split_ident(line_);
  if (!ident) return fail(Reason::protocol_error, "the SSH identification has no protocol and software version");
  ident_ = std::move(*ident);
  return step_ = Step::done;
}

SshIdentReader::Step SshIdentReader::end() {
  taken_ = 0;
  if (step_ != Step::need_more) return step_;
  if (total_ == 0) return fail(Reason::eof, "the server closed the connection without an SSH identification");
  if (line_.starts_with(prefix))
    return fail(Reason::eof, "the server closed the connection within its SSH identification");
  return fail(Reason::eof,
              fmt::format("the server closed the connection after {} bytes without an SSH identification", total_));
}

SshIdentReader::Step SshIdentReader::fail(Reason reason, std::string text) {
  error_ = Error(reason, std::move(text));
  return step_ = Step::failed;
}

std::optional<SshIdent> parse_ssh_ident(std::string_view banner_bytes) {
  SshIdentReader reader;
  if (reader.feed(banner_bytes) != SshIdentReader::Step::done) return std::nullopt;
  return reader.ident();
}

}  // namespace audit::proto
