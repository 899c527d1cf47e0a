#pragma once

#include <memory>

#include "net/reader.hpp"
#include "probe/channel.hpp"
#include "probe/context.hpp"
#include "probe/sealed.hpp"

namespace audit::probe {

/// How to connect.
struct ConnectOptions {
  Duration timeout;

  /// timeout: seconds for the whole connect, default the target's limit.
  [[nodiscard]] static Result<ConnectOptions> read(Context& context, const Value::Object& table);
  explicit ConnectOptions(Duration timeout_in) : timeout(timeout_in) {}
};

/// A TCP conversation of one check: the stream, its reader, and the record of what was said, which is its observation.
/// Ends with its check at the latest.
class Conversation {
 public:
  Conversation(Context& context, std::unique_ptr<net::Stream> stream, net::Place place,
               std::shared_ptr<Observation> observation);
  ~Conversation() { close(); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  [[nodiscard]] awaitable<Result<std::string>> read_some(std::size_t most, Duration timeout);
  [[nodiscard]] awaitable<Result<std::string>> read_exactly(std::size_t count, Duration timeout);
  [[nodiscard]] awaitable<Result<std::string>> read_until(std::string delimiter, std::size_t cap, Duration timeout);
  [[nodiscard]] awaitable<Result<std::string>> read_line(std::size_t cap, Duration timeout);
  /// The record keeps `shown` in place of the bytes where it is not empty: secrets are sent, not written down.
  [[nodiscard]] awaitable<Result<void>> write(std::string bytes, Duration timeout, std::string shown = {});
  /// The same for bytes that hold secrets, of which the record keeps `shown`. Errors: missing_credential too, where one of
  /// them may not go there, or not through such a channel: nothing is sent then.
  [[nodiscard]] awaitable<Result<void>> write_sealed(std::shared_ptr<const Sealed> sealed, Duration timeout);
  /// As Stream::start_tls, but that a handshake which is `unfinished` is a tls_error; what it came to is noted in the
  /// observation as `tls` in any case. Errors: protocol_error too, where the peer said more in clear than was read:
  /// anybody on the way could have put it there (CVE-2011-0411).
  [[nodiscard]] awaitable<Result<net::TlsSession>> start_tls(net::TlsSettings settings, Duration timeout);
  void shutdown_send();
  void close();
  /// Something that is let go of with its place, when it is closed.
  void hold(std::shared_ptr<void> held) noexcept { held_ = std::move(held); }
  /// The question has its answer, and the connection stays for another one: `continue_as`, with a record of its own, in
  /// which `tls` is noted again.
  void pause();
  void continue_as(std::shared_ptr<Observation> observation);

  [[nodiscard]] const std::shared_ptr<Observation>& observation() const noexcept { return observation_; }
  [[nodiscard]] net::Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] const Channel& channel() const noexcept { return channel_; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// Does somebody read, write or begin TLS at this moment?
  [[nodiscard]] bool busy() const noexcept { return busy_; }

  /// Busy for as long as this lives.
  class Busy {
   public:
    explicit Busy(Conversation& talk) noexcept : talk_(talk) { talk_.busy_ = true; }
    ~Busy() { talk_.busy_ = false; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    Conversation& talk_;
  };

  [[nodiscard]] Duration default_timeout() const;

 private:
  [[nodiscard]] Result<std::string> heard(Result<std::string> bytes);
  void note(std::string_view key, std::string_view bytes);

  Context& context_;
  std::unique_ptr<net::Stream> stream_;
  net::Reader reader_;
  net::Place place_;
  std::shared_ptr<void> held_;
  std::shared_ptr<Observation> observation_;
  std::size_t noted_ahead_ = 0;  // bytes in the record that nobody has read yet
  bool closed_ = false;
  bool busy_ = false;
  Channel channel_;
};

/// Opens a conversation: waits for its turn, backs off and asks again where this machine is at fault.
/// Errors: refused reset timeout unreachable out_of_scope local_fault stopped.
[[nodiscard]] awaitable<Result<std::unique_ptr<Conversation>>> connect(Context& context, Endpoint endpoint,
                                                                       ConnectOptions options, std::string word);
/// The same for a stream that a rule holds while it asks on.
[[nodiscard]] awaitable<Result<std::unique_ptr<Conversation>>> open_stream(Context& context, Endpoint endpoint,
                                                                           ConnectOptions options);
/// As the first, for one of several conversations that make up one question: what is said is noted in this observation, which
/// is no record of its own unless the context made it.
[[nodiscard]] awaitable<Result<std::unique_ptr<Conversation>>> connect(Context& context, Endpoint endpoint,
                                                                       ConnectOptions options,
                                                                       std::shared_ptr<Observation> observation);

}  // namespace audit::probe
