#include "base/text.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"

/// Visible text is printable UTF-8, and loses nothing.
AUDIT_FUZZ_TARGET(bytes) {
  const std::string text = audit::visible(bytes);
  require(audit::from_visible(text) == bytes);
  require(audit::columns(text) <= 2 * text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const audit::CodePoint point = audit::decode_utf8(rest);
    require(point.length > 0 && audit::is_printable(point.code));
    rest.remove_prefix(point.length);
  }
}
