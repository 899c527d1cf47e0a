#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/transcript.hpp"

namespace audit::net {

/// A place in a recorded stream: a step, and how much of its bytes was used.
struct StreamPlace {
  std::size_t step = 0;
  std::size_t used = 0;
};

/// What was said so far in a replayed stream, whichever recorded one it came from: enough to find another that was the
/// same so far. Where writes and reads were cut into pieces makes no difference.
class ConversationLog {
 public:
  void wrote(std::string_view bytes) { add(Step::Kind::write, bytes, std::nullopt); }
  void read(std::string_view bytes) { add(Step::Kind::read, bytes, std::nullopt); }
  void failed(Step::Kind kind, Reason reason) { add(kind, {}, reason); }
  void secured(std::string_view settings, std::optional<Reason> failure) { add(Step::Kind::tls, settings, failure); }
  void ended_sending() { add(Step::Kind::end_sending, {}, std::nullopt); }

  /// Where a stream stands that has said and heard all of this; nothing where it said or heard something else.
  [[nodiscard]] std::optional<StreamPlace> find_in(const Exchange& exchange) const;

 private:
  struct Entry {
    Step::Kind kind;
    std::string bytes;
    std::optional<Reason> failure;
  };
  void add(Step::Kind kind, std::string_view bytes, std::optional<Reason> failure);

  std::vector<Entry> entries_;
};

/// The place after these bytes were read or written from `place` on; nothing where the stream goes on otherwise. Reads
/// that brought nothing are passed over.
[[nodiscard]] std::optional<StreamPlace> after_bytes(const Exchange& exchange, StreamPlace place, Step::Kind kind,
                                                     std::string_view bytes);
/// `place`, less the reads that brought nothing before the next step that is something.
[[nodiscard]] StreamPlace past_silence(const Exchange& exchange, StreamPlace place);

}  // namespace audit::net
