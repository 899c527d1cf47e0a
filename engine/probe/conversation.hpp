#pragma once

#include <memory>

#include "net/reader.hpp"
#include "probe/context.hpp"

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
  [[nodiscard]] awaitable<Result<void>> write(std::string bytes, Duration timeout);
  void shutdown_send();
  void close();

  [[nodiscard]] const std::shared_ptr<Observation>& observation() const noexcept { return observation_; }
  [[nodiscard]] net::Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] Duration default_timeout() const;

 private:
  [[nodiscard]] Result<std::string> heard(Result<std::string> bytes);
  void note(std::string_view key, std::string_view bytes);

  Context& context_;
  std::unique_ptr<net::Stream> stream_;
  net::Reader reader_;
  net::Place place_;
  std::shared_ptr<Observation> observation_;
  std::size_t noted_ahead_ = 0;  // bytes in the record that nobody has read yet
  bool closed_ = false;
};

/// Opens a conversation: waits for its turn, backs off and asks again where this machine is at fault.
/// Errors: refused reset timeout unreachable out_of_scope local_fault stopped.
[[nodiscard]] awaitable<Result<std::unique_ptr<Conversation>>> connect(Context& context, Endpoint endpoint,
                                                                       ConnectOptions options, std::string word);
/// As above, for one of several conversations that make up one question: what is said is noted in this observation, which
/// is no record of its own unless the context made it.
[[nodiscard]] awaitable<Result<std::unique_ptr<Conversation>>> connect(Context& context, Endpoint endpoint,
                                                                       ConnectOptions options,
                                                                       std::shared_ptr<Observation> observation);

}  // namespace audit::probe
