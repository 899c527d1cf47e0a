#pragma once

#include <string>
#include <vector>

#include "net/transcript.hpp"

namespace audit::net {

/// Takes secrets out of what is written to a transcript: in what was said each piece of one is asterisks, with a note of
/// which form of which secret it was, so that a replay with the same secrets, or with others as long, says the same.
class Redaction {
 public:
  /// `forms`: the secrets in every form in which they might be said; those shorter than 4 bytes are left alone. The replay
  /// has the same number of forms, in the same order. `escaped`: other ways to write them, whose sizes a replay cannot know;
  /// these are asterisks there too.
  explicit Redaction(std::vector<std::string> forms, std::vector<std::string> escaped = {});
  void redact(TranscriptRecord& record) const;

 private:
  void hide(std::string& text) const;
  void redact_exchange(Exchange& exchange) const;
  bool mask(std::string& said, bool received, std::vector<Mask>& masks) const;

  std::vector<std::string> forms_;
  std::size_t noted_;  // the first of forms_
  std::vector<std::uint32_t> longest_first_;
};

/// Puts the secrets back. Error protocol_error: a note that fits neither the forms nor what was said.
[[nodiscard]] Result<void> restore_secrets(Exchange& exchange, const std::vector<std::string>& forms);

}  // namespace audit::net
