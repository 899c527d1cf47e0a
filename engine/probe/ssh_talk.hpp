#pragma once

#include "probe/conversation.hpp"
#include "proto/ssh_transport.hpp"

namespace audit::probe {

/// One conversation with an SSH server, before encryption starts. Its time, for all of it, begins when it is made.
/// Error texts name the endpoint.
class SshTalk {
 public:
  SshTalk(Context& context, std::unique_ptr<Conversation> conversation, Duration timeout);

  /// Says who asks and hears who answers. Errors: eof reset timeout protocol_error stopped local_fault.
  [[nodiscard]] awaitable<Result<void>> greet();
  /// The payload of the next message, within `patience` and what time is left.
  [[nodiscard]] awaitable<Result<std::string>> message(Duration patience);
  [[nodiscard]] awaitable<Result<std::string>> message() { return message(timeout_); }
  /// Sends the packets of these payloads at once.
  [[nodiscard]] awaitable<Result<void>> send(std::vector<std::string> payloads);
  void close() { conversation_->close(); }

  /// Without CR LF.
  [[nodiscard]] const std::string& own_ident() const noexcept { return own_ident_; }
  [[nodiscard]] const proto::SshIdentReader& theirs() const noexcept { return reader_.ident_reader(); }
  [[nodiscard]] const std::shared_ptr<Observation>& observation() const { return conversation_->observation(); }
  [[nodiscard]] Context& context() noexcept { return context_; }
  [[nodiscard]] Error placed(const Error& error) const;

 private:
  [[nodiscard]] awaitable<Result<void>> read_until_event(Duration patience);
  [[nodiscard]] Duration left() const;

  Context& context_;
  std::unique_ptr<Conversation> conversation_;
  Duration timeout_;
  Instant ends_;
  std::string own_ident_;
  proto::SshTransportReader reader_;
  proto::SshTransportReader::Step step_ = proto::SshTransportReader::Step::need_more;
};

}  // namespace audit::probe
