#include "net/replayed_exchange.hpp"

#include <algorithm>

#include "net/conversation_log.hpp"
#include "net/replay_clock.hpp"

namespace audit::net {
namespace {

constexpr std::string_view no_more = "more of this conversation: the recorded run asked something else here";

class ReplayedStream final : public Stream {
 public:
  ReplayedStream(ReplayingWorld& world, Kept& kept)
      : world_(world), candidates_(*world.recording().with(Exchange::Kind::stream, kept.exchange.to)), kept_(&kept) {
    local_ = kept.exchange.local;
    remote_ = kept.exchange.to;
  }

  awaitable<Result<void>> write(std::string_view bytes, Instant /*deadline*/) override {
    if (departed_) co_return departed();
    if (bytes.empty()) co_return Result<void>();
    std::optional<StreamPlace> after = after_bytes(kept_->exchange, place_, Step::Kind::write, bytes);
    if (!after) {
      ConversationLog wanted = log_;
      wanted.wrote(bytes);
      after = go_on_elsewhere(wanted);
    }
    if (!after) co_return depart();
    place_ = *after;
    due_.reset();
    const Step* last = place_.used == 0 && place_.step > 0 ? &steps()[place_.step - 1] : nullptr;
    const Instant when = world_.now() + (last != nullptr ? last->took : Duration::zero());
    if (!co_await world_.wait_until(when)) co_return stopped();
    if (last == nullptr || !last->error) {
      log_.wrote(bytes);
      co_return Result<void>();
    }
    if (last->error->reason == Reason::stopped) co_return depart();
    log_.failed(Step::Kind::write, last->error->reason);
    co_return *last->error;
  }

  awaitable<Result<std::size_t>> read_some(std::span<char> buffer, Instant deadline) override {
    const Duration patience = patience_of(world_.now(), deadline);
    Instant base = world_.now();
    while (!departed_) {
      if (place_.step == steps().size() || steps()[place_.step].kind != Step::Kind::read) {
        if (const std::optional<Error> end = ended()) co_return *end;
        const std::optional<StreamPlace> elsewhere = go_on_elsewhere(log_);
        if (!elsewhere) break;
        place_ = *elsewhere;
        continue;
      }
      const Step& step = steps()[place_.step];
      const Due due =
          place_.used > 0 ? Due{Due::What::outcome, world_.now()} : due_of(step, base, due_, patience, deadline);
      if (due.what == Due::What::timeout && !due_) due_ = base + step.took;
      if (!co_await world_.wait_until(due.when)) co_return stopped();
      if (due.what == Due::What::unknown) break;
      if (due.what == Due::What::timeout)
        co_return Error(Reason::timeout, format_endpoint(remote_) + ": the deadline passed while reading");
      due_.reset();
      if (due.what == Due::What::outcome) co_return outcome(step, buffer);
      base = due.when;
      ++place_.step;
      if (place_.step == steps().size() || steps()[place_.step].kind != Step::Kind::read) break;
    }
    co_return depart();
  }

  awaitable<Result<TlsSession>> start_tls(TlsSettings settings, Instant deadline) override {
    if (departed_) co_return departed();
    const std::string asked = encode_tls_settings(settings);
    if (!next_is(Step::Kind::tls, asked)) {
      const std::optional<StreamPlace> elsewhere = go_on_elsewhere(log_, Step::Kind::tls, asked);
      if (!elsewhere) co_return depart();
      place_ = *elsewhere;
    }
    place_ = past_silence(kept_->exchange, place_);
    const Step& step = steps()[place_.step];
    const Due due = due_of(step, world_.now(), std::nullopt, patience_of(world_.now(), deadline), deadline);
    if (!co_await world_.wait_until(due.when)) co_return stopped();
    if (due.what == Due::What::timeout) {
      departed_ = true;
      co_return Error(Reason::timeout,
                      format_endpoint(remote_) + ": the deadline passed while reading (in the TLS handshake)");
    }
    std::optional<TlsSession> session = step.error ? std::nullopt : decode_tls_session(step.got);
    if (due.what != Due::What::outcome || (!session && !step.error)) co_return depart();
    ++place_.step;
    due_.reset();
    log_.secured(asked, step.error ? std::optional(step.error->reason) : std::nullopt);
    if (step.error) co_return *step.error;
    co_return std::move(*session);
  }

  void shutdown_send() override {
    if (departed_) return;
    const std::optional<StreamPlace> elsewhere = next_is(Step::Kind::end_sending, {})
                                                     ? past_silence(kept_->exchange, place_)
                                                     : go_on_elsewhere(log_, Step::Kind::end_sending, {});
    departed_ = !elsewhere;
    if (departed_) return;
    place_ = *elsewhere;
    ++place_.step;
    log_.ended_sending();
  }
  void close() override { closed_ = true; }
  /// The recorded run asked on, here or on another stream of the same beginning: so it was silent there.
  bool silent() override {
    return departed_ || std::any_of(candidates_.begin(), candidates_.end(), [&](const Kept* candidate) {
             const std::optional<StreamPlace> place = log_.find_in(candidate->exchange);
             if (!place) return false;
             const std::size_t next = past_silence(candidate->exchange, *place).step;
             return next < candidate->exchange.steps.size() &&
                    candidate->exchange.steps[next].kind == Step::Kind::write;
           });
  }

 private:
  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return kept_->exchange.steps; }
  [[nodiscard]] Error stopped() const { return {Reason::stopped, format_endpoint(remote_) + ": the run was stopped"}; }
  [[nodiscard]] Error departed() const { return not_recorded(format_endpoint(remote_), no_more); }
  Error depart() {
    departed_ = true;
    return departed();
  }

  [[nodiscard]] static bool is_next(const Exchange& exchange, StreamPlace place, Step::Kind kind,
                                    std::string_view asked) {
    if (kind != Step::Kind::read) place = past_silence(exchange, place);
    return place.used == 0 && place.step < exchange.steps.size() && exchange.steps[place.step].kind == kind &&
           (kind == Step::Kind::read || exchange.steps[place.step].asked == asked);
  }
  [[nodiscard]] bool next_is(Step::Kind kind, std::string_view asked) const {
    return is_next(kept_->exchange, place_, kind, asked);
  }

  /// What reading gives once the stream has ended, however often.
  [[nodiscard]] std::optional<Error> ended() const {
    if (closed_) return Error(Reason::eof, format_endpoint(remote_) + ": the stream was closed here");
    if (place_.step == 0 || place_.step != steps().size()) return std::nullopt;
    const Step& last = steps().back();
    if (last.kind != Step::Kind::read || !last.error || is_silent(last)) return std::nullopt;
    return last.error;
  }

  Result<std::size_t> outcome(const Step& step, std::span<char> buffer) {
    if (step.error) {
      ++place_.step;
      if (step.error->reason != Reason::timeout) log_.failed(Step::Kind::read, step.error->reason);
      return *step.error;
    }
    const std::size_t count = std::min(buffer.size(), step.got.size() - place_.used);
    std::copy_n(step.got.begin() + static_cast<std::ptrdiff_t>(place_.used), count, buffer.begin());
    log_.read(std::string_view(buffer.data(), count));
    place_.used += count;
    if (place_.used == step.got.size()) {
      ++place_.step;
      place_.used = 0;
    }
    return count;
  }

  /// Another recorded stream where all of `wanted` was said, and then this: those that nobody was given first.
  std::optional<StreamPlace> go_on_elsewhere(const ConversationLog& wanted,
                                             std::optional<Step::Kind> kind = Step::Kind::read,
                                             std::string_view asked = {}) {
    for (const bool taken : {false, true}) {
      for (Kept* candidate : candidates_) {
        if (candidate->taken != taken || candidate == kept_) continue;
        const std::optional<StreamPlace> place = wanted.find_in(candidate->exchange);
        if (!place) continue;
        const bool writes = &wanted != &log_;
        const bool partly_read = place->used > 0 && kind == Step::Kind::read;
        if (!writes && !partly_read && !is_next(candidate->exchange, *place, *kind, asked)) continue;
        kept_->taken = false;
        kept_ = candidate;
        kept_->taken = true;
        due_.reset();
        return place;
      }
    }
    return std::nullopt;
  }

  ReplayingWorld& world_;
  std::vector<Kept*>& candidates_;
  Kept* kept_;
  StreamPlace place_;
  ConversationLog log_;
  std::optional<Instant> due_;  // of the next read, which somebody began to wait for
  bool departed_ = false;
  bool closed_ = false;
};

class ReplayedDatagram final : public Datagram {
 public:
  ReplayedDatagram(ReplayingWorld& world, Kept& kept) : world_(world), kept_(&kept) {
    local_ = kept.exchange.local;
    remote_ = kept.exchange.to;
  }

  Result<void> hear_other_ports() override {
    other_ports_ = true;
    return {};
  }

  Result<void> send(std::string_view bytes) override {
    if (departed_) return depart();
    const auto fits = [&] {
      return step_ < steps().size() && steps()[step_].kind == Step::Kind::send && steps()[step_].asked == bytes &&
             kept_->exchange.other_ports == other_ports_;
    };
    while (step_ < steps().size() && is_silent(steps()[step_])) ++step_;
    if (step_ == 0 && !fits()) {
      const std::vector<Kept*>* others = world_.recording().beginning(remote_, other_ports_, std::string(bytes));
      if (others == nullptr) return depart("datagram of these bytes to it");
      kept_->taken = false;
      kept_ = &choose(*others);
      kept_->taken = true;
      local_ = kept_->exchange.local;
    }
    if (!fits()) return depart();
    const Step& step = steps()[step_++];
    due_.reset();
    icmp_ = step.icmp;
    if (step.error) return *step.error;
    return {};
  }

  awaitable<Result<DatagramReply>> receive(Instant deadline) override {
    const Duration patience = patience_of(world_.now(), deadline);
    Instant base = world_.now();
    while (!departed_ && step_ < steps().size() && steps()[step_].kind == Step::Kind::receive) {
      const Step& step = steps()[step_];
      const Due due = due_of(step, base, due_, patience, deadline);
      if (due.what == Due::What::timeout && !due_) due_ = base + step.took;
      if (!co_await world_.wait_until(due.when))
        co_return Error(Reason::stopped, format_endpoint(remote_) + ": the run was stopped");
      if (due.what == Due::What::unknown) break;
      if (due.what == Due::What::timeout)
        co_return Error(Reason::timeout, format_endpoint(remote_) + ": the deadline passed while waiting for a reply");
      due_.reset();
      ++step_;
      if (due.what == Due::What::silence) {
        base = due.when;
        continue;
      }
      icmp_ = step.icmp;
      if (step.error) co_return *step.error;
      DatagramReply reply;
      reply.bytes = step.got;
      reply.from = step.peer;
      co_return reply;
    }
    co_return depart();
  }

 private:
  Result<void> do_answer(const Endpoint& to, std::string_view bytes) override {
    while (step_ < steps().size() && is_silent(steps()[step_])) ++step_;
    const bool fits = !departed_ && step_ < steps().size() && steps()[step_].kind == Step::Kind::answer &&
                      steps()[step_].asked == bytes && steps()[step_].peer == to;
    if (!fits) return depart();
    const Step& step = steps()[step_++];
    due_.reset();
    icmp_ = step.icmp;
    if (step.error) return *step.error;
    return {};
  }

  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return kept_->exchange.steps; }
  Error depart(std::string_view what = no_more) {
    departed_ = true;
    return not_recorded(format_endpoint(remote_), what);
  }

  ReplayingWorld& world_;
  Kept* kept_;
  std::size_t step_ = 0;
  std::optional<Instant> due_;
  bool departed_ = false;
  bool other_ports_ = false;
};

/// Requests are all alike: each meets the next recorded one, and each wait what came next.
class ReplayedEcho final : public Echo {
 public:
  ReplayedEcho(ReplayingWorld& world, Kept& kept, std::size_t size) : world_(world), steps_(kept.exchange.steps) {
    remote_ = kept.exchange.to.address;
    method_ = kept.exchange.method;
    payload_.assign(size, 'e');
  }

  Result<void> send() override {
    if (!find(sent_, Step::Kind::echo_send)) return not_recorded(format_address(remote_), "more echoes to it");
    const Step& step = steps_[sent_++];
    if (step.error) return *step.error;
    return {};
  }

  awaitable<Result<EchoAnswer>> receive(Instant deadline) override {
    const std::string host = format_address(remote_);
    const Error no_longer(Reason::timeout, host + ": no longer waited for");
    const Duration patience = patience_of(world_.now(), deadline);
    Instant base = world_.now();
    while (!cancelled_ && find(received_, Step::Kind::echo_receive)) {
      const Step& step = steps_[received_];
      const Due due = due_of(step, base, due_, patience, deadline);
      if (due.what == Due::What::timeout && !due_) due_ = base + step.took;
      waiting_ = std::make_shared<Awaited>();
      world_.schedule(due.when, waiting_);
      const std::shared_ptr<Awaited> waiting = waiting_;
      const Wake wake = co_await world_.wait_for(*waiting);
      waiting_.reset();
      duplicates_ = step.duplicates;
      foreign_ = step.foreign;
      if (wake == Wake::stopped) co_return Error(Reason::stopped, host + ": the run was stopped");
      if (wake == Wake::deadline) co_return no_longer;
      if (due.what == Due::What::unknown) break;
      if (due.what == Due::What::timeout) co_return Error(Reason::timeout, host + ": no echo reply in time");
      due_.reset();
      ++received_;
      if (due.what == Due::What::silence) {
        base = due.when;
        continue;
      }
      if (step.error) co_return *step.error;
      co_return step.echo;
    }
    if (cancelled_) co_return no_longer;
    co_return not_recorded(host, "more echoes to it");
  }

  void cancel() override {
    cancelled_ = true;
    if (waiting_) waiting_->cancel();
  }

 private:
  bool find(std::size_t& place, Step::Kind kind) const {
    while (place < steps_.size() && steps_[place].kind != kind) ++place;
    return place < steps_.size();
  }

  ReplayingWorld& world_;
  const std::vector<Step>& steps_;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  std::optional<Instant> due_;
  std::shared_ptr<Awaited> waiting_;
  bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<Stream> replayed_stream(ReplayingWorld& world, Kept& kept) {
  return std::make_unique<ReplayedStream>(world, kept);
}

std::unique_ptr<Datagram> replayed_datagram(ReplayingWorld& world, Kept& kept) {
  return std::make_unique<ReplayedDatagram>(world, kept);
}

std::unique_ptr<Echo> replayed_echo(ReplayingWorld& world, Kept& kept, std::size_t size) {
  return std::make_unique<ReplayedEcho>(world, kept, size);
}

}  // namespace audit::net
