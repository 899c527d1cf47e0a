#include "fuzz.hpp"
#include "proto/content_decoding.hpp"

using namespace audit::proto;

/// The first byte chooses the coding; the outcome does not depend on how the bytes were split, and keeps its cap.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  constexpr std::size_t most = 4'096;
  const ContentCoding coding = bytes.front() == 'g' ? ContentCoding::gzip : ContentCoding::deflate;
  bytes.remove_prefix(1);
  ContentDecoder whole(coding, most);
  ContentDecoder bytewise(coding, most);
  std::string text;
  std::string bytewise_text;
  const ContentDecoder::Step step = whole.feed(bytes, text);
  auto bytewise_step = ContentDecoder::Step::need_more;
  for (std::size_t at = 0; at < bytes.size(); ++at) bytewise_step = bytewise.feed(bytes.substr(at, 1), bytewise_text);
  require(step == bytewise_step);
  require(whole.end() == bytewise.end());
  require(whole.problem() == bytewise.problem());
  require(text == bytewise_text);
  require(text.size() <= most);
}
