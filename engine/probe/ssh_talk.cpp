#include "probe/ssh_talk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace audit::probe {
namespace {

using Step = proto::SshTransportReader::Step;

constexpr std::size_t read_size = 16'384;
constexpr std::size_t line_shown = 200;

/// RFC 4253 4.2: printable US-ASCII, at most 253 bytes before CR LF.
std::string identification(const Identity& identity) {
  constexpr std::size_t longest = 253;
  std::string ident = "SSH-2.0-audit";
  if (identity.contact.empty()) return ident;
  ident += ' ';
  for (const char c : identity.contact) ident += c >= ' ' && c <= '~' ? c : '?';
  return ident.substr(0, longest);
}

}  // namespace

SshTalk::SshTalk(Context& context, std::unique_ptr<Conversation> conversation, Duration timeout)
    : context_(context), conversation_(std::move(conversation)), timeout_(timeout),
      ends_(context.world().now() + timeout), own_ident_(identification(context.target().services().identity)) {}

Duration SshTalk::left() const { return ends_ - context_.world().now(); }

Error SshTalk::placed(const Error& error) const {
  if (error.message.starts_with("tcp/")) return error;
  return {error.reason, fmt::format("{}: {}", observation()->endpoint, error.message)};
}

awaitable<Result<void>> SshTalk::greet() {
  std::string line = own_ident_ + "\r\n";
  const Result<void> written = co_await conversation_->write(std::move(line), left());
  // A server that turns visitors away says so and closes: what it said may still be read.
  const bool hopeless = !written && written.error().reason != Reason::reset && written.error().reason != Reason::eof;
  if (hopeless) co_return placed(written.error());
  Result<void> heard = co_await read_until_event(timeout_);
  if (!heard && !theirs().lines_before().empty() && heard.error().reason != Reason::stopped) {
    Error error = heard.error();
    error.message += fmt::format("; it said `{}`", visible(theirs().lines_before().front(), line_shown));
    co_return error;
  }
  co_return heard;
}

awaitable<Result<void>> SshTalk::read_until_event(Duration patience) {
  if (step_ == Step::ident || step_ == Step::message) step_ = reader_.next();
  const Instant patient_until = context_.world().now() + patience;
  while (step_ == Step::need_more) {
    const Duration wait = std::min(left(), patient_until - context_.world().now());
    if (wait <= Duration::zero()) {
      const Error late(Reason::timeout, "the server speaks, but did not come to an end in time");
      co_return placed(late);
    }
    const Result<std::string> bytes = co_await conversation_->read_some(read_size, wait);
    if (!bytes && bytes.error().reason != Reason::eof) co_return placed(bytes.error());
    step_ = bytes ? reader_.feed(*bytes) : reader_.end();
  }
  if (step_ == Step::failed) co_return placed(reader_.error());
  co_return Result<void>();
}

awaitable<Result<std::string>> SshTalk::message(Duration patience) {
  const Result<void> heard = co_await read_until_event(patience);
  if (!heard) co_return heard.error();
  co_return std::string(reader_.payload());
}

awaitable<Result<void>> SshTalk::send(std::vector<std::string> payloads) {
  std::string bytes;
  for (const std::string& payload : payloads) bytes += proto::encode_ssh_packet(payload);
  const Result<void> written = co_await conversation_->write(std::move(bytes), left());
  if (!written) co_return placed(written.error());
  co_return Result<void>();
}

}  // namespace audit::probe
