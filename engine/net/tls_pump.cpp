#include "net/tls_pump.hpp"

#include <fmt/format.h>

namespace audit::net {
namespace {

constexpr std::size_t helping = 16'384 + 512;  // a record and its overhead (RFC 8446 5.2)
constexpr std::size_t most_at_once = 65'536;

}  // namespace

awaitable<Result<void>> TlsPump::flush(Instant deadline) {
  const std::string bytes = engine_->take_outgoing();
  if (bytes.empty()) co_return Result<void>();
  Result<void> sent = co_await wire_.send(bytes, deadline);
  if (!sent) broken_ = true;
  co_return sent;
}

awaitable<Result<void>> TlsPump::fetch(Instant deadline, std::string_view doing) {
  std::array<char, helping> buffer;
  const std::span<char> room(buffer);
  const Result<std::size_t> got = co_await wire_.receive(room, deadline);
  if (got) {
    engine_->feed(std::string_view(buffer.data(), *got));
    co_return Result<void>();
  }
  if (got.error().reason == Reason::eof)
    co_return Error(Reason::eof, fmt::format("{}: the peer closed the connection {}", format_endpoint(remote_), doing));
  co_return Error(got.error().reason, got.error().message + fmt::format(" ({})", doing));
}

awaitable<Result<TlsSession>> TlsPump::handshake(Instant deadline) {
  constexpr std::string_view doing = "in the TLS handshake";
  Error cut;
  while (true) {
    const TlsEngine::Step step = engine_->handshake();
    if (step != TlsEngine::Step::failed && !broken_) {
      const Result<void> sent = co_await flush(deadline);
      if (!sent) cut = sent.error();
    }
    if (step == TlsEngine::Step::done) {
      if (broken_) co_return cut;
      co_return engine_->session();
    }
    if (step == TlsEngine::Step::failed) {
      const Error why = engine_->error();
      const std::string alert = engine_->take_outgoing();
      if (!broken_ && !alert.empty()) {
        const Result<void> sent = co_await wire_.send(alert, deadline);
        broken_ = true;
      }
      if (engine_->showed_unreadable()) co_return engine_->session();
      co_return why;
    }
    // A peer that refuses sends an alert and closes, perhaps while we speak: what it said comes before how it went.
    if (broken_ && cut.reason != Reason::reset) co_return cut;
    const Result<void> fetched = co_await fetch(deadline, doing);
    if (!fetched) co_return broken_ ? cut : fetched.error();
  }
}

awaitable<Result<std::size_t>> TlsPump::read_some(std::span<char> buffer, Instant deadline) {
  while (true) {
    Result<std::size_t> got = engine_->read(buffer);
    if (!got || *got > 0) co_return got;
    if (!broken_) {
      const Result<void> sent = co_await flush(deadline);  // the answer to a key update, say
      if (!sent && sent.error().reason != Reason::reset) co_return sent.error();
    }
    const Result<void> fetched = co_await fetch(deadline, "without ending its TLS connection");
    if (!fetched) co_return fetched.error();
  }
}

awaitable<Result<void>> TlsPump::write(std::string_view bytes, Instant deadline) {
  while (!bytes.empty()) {
    if (broken_) co_return Error(Reason::eof, format_endpoint(remote_) + ": an earlier write over TLS was cut off");
    const std::string_view piece = bytes.substr(0, most_at_once);
    if (Result<void> taken = engine_->write(piece); !taken) co_return taken;
    Result<void> sent = co_await flush(deadline);
    if (!sent) co_return sent;
    bytes.remove_prefix(piece.size());
  }
  co_return Result<void>();
}

std::string TlsPump::farewell() {
  if (broken_ || !engine_->established()) return {};
  engine_->end();
  return engine_->take_outgoing();
}

}  // namespace audit::net
