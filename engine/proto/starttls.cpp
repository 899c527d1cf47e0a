#include "proto/starttls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "proto/ascii.hpp"
#include "proto/starttls_dialogues.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t total_max = 16'384;
constexpr std::size_t said_max = 120;

std::string only_host_characters(std::string text) {
  std::erase_if(text, [](char c) {
    return !is_letter(c) && !is_digit(c) && std::string_view("-._:[]").find(c) == std::string_view::npos;
  });
  constexpr std::size_t longest = 255;
  text.resize(std::min(text.size(), longest));
  return text;
}

}  // namespace

StarttlsStep StarttlsStep::saying(std::string bytes) { return {Kind::say, std::move(bytes), {}}; }
StarttlsStep StarttlsStep::done() { return {Kind::ready, {}, {}}; }
StarttlsStep StarttlsStep::failing(Reason reason, std::string message) {
  return {Kind::failed, {}, Error(reason, std::move(message))};
}

StarttlsStep refused_with(std::string_view what, std::string_view said) {
  return StarttlsStep::failing(Reason::tls_error, fmt::format("{}: {}", what, visible(said, said_max)));
}

StarttlsStep foreign(std::string_view expected, std::string_view said) {
  return StarttlsStep::failing(Reason::protocol_error,
                               fmt::format("{} was expected, and this came: {}", expected, visible(said, said_max)));
}

StarttlsNames::StarttlsNames(std::string ours_in, std::string theirs_in)
    : ours(only_host_characters(std::move(ours_in))), theirs(only_host_characters(std::move(theirs_in))) {
  if (ours.empty()) ours = "audit.invalid";
}

const std::vector<StarttlsProtocol>& starttls_protocols() {
  static const std::vector<StarttlsProtocol> table{
      {"smtp", {25, 587}, smtp_dialogue},
      {"imap", {143}, imap_dialogue},
      {"pop3", {110}, pop3_dialogue},
      {"ftp", {21}, ftp_dialogue},
      {"ldap", {389}, ldap_dialogue},
      {"postgres", {5432}, postgres_dialogue},
      {"mysql", {3306}, mysql_dialogue},
      {"xmpp", {5222}, xmpp_dialogue},
      {"xmpp-server", {5269}, xmpp_server_dialogue},
  };
  return table;
}

const StarttlsProtocol* find_starttls(std::string_view name) {
  for (const StarttlsProtocol& protocol : starttls_protocols())
    if (protocol.name == name) return &protocol;
  return nullptr;
}

const StarttlsProtocol* usual_starttls(std::uint16_t port) {
  for (const StarttlsProtocol& protocol : starttls_protocols())
    if (std::find(protocol.ports.begin(), protocol.ports.end(), port) != protocol.ports.end()) return &protocol;
  return nullptr;
}

Starttls::Starttls(const StarttlsProtocol& protocol, StarttlsNames names)
    : name_(protocol.name), dialogue_(protocol.make(std::move(names))) {}

StarttlsStep Starttls::settle(StarttlsStep step) {
  if (step.kind == StarttlsStep::Kind::failed)
    step.error.message = fmt::format("STARTTLS over {}: {}", name_, step.error.message);
  last_ = step;
  return step;
}

StarttlsStep Starttls::feed(std::string_view bytes) {
  using Kind = StarttlsStep::Kind;
  if (last_.kind == Kind::failed) return last_;
  if (last_.kind == Kind::ready && bytes.empty()) return last_;
  const std::size_t room = total_max - std::min(total_max, total_);
  pending_ += bytes.substr(0, room);
  total_ += bytes.size();
  StarttlsStep step = last_;
  if (last_.kind != Kind::ready) {
    std::string_view rest = pending_;
    step = dialogue_->advance(rest);
    pending_.erase(0, pending_.size() - rest.size());
  }
  if (step.kind == Kind::ready && (!pending_.empty() || total_ > total_max))
    return settle(StarttlsStep::failing(
        Reason::protocol_error,
        "clear text came behind the go-ahead for TLS, where somebody may have slipped it in (as in CVE-2011-0411): " +
            visible(pending_, said_max)));
  if (step.kind == Kind::need_more && total_ > total_max)
    return settle(StarttlsStep::failing(Reason::protocol_error, "no go-ahead in the first 16384 bytes"));
  return settle(std::move(step));
}

StarttlsStep Starttls::end() {
  if (last_.kind == StarttlsStep::Kind::failed) return last_;
  return settle(StarttlsStep::failing(
      Reason::eof, total_ == 0 ? "the server closed the connection without a word"
                               : "the server closed the connection before it gave the go-ahead for TLS"));
}

}  // namespace audit::proto
