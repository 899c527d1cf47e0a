#include <algorithm>

#include "fuzz.hpp"
#include "proto/http.hpp"

using namespace audit::proto;

static bool same(const HttpHeader& a, const HttpHeader& b) { return a.name == b.name && a.value == b.value; }

/// The outcome does not depend on how the bytes were split; only of a head that is refused may less be kept.
AUDIT_FUZZ_TARGET(bytes) {
  HttpLimits limits;
  limits.header_bytes = 512;
  limits.body_bytes = 256;
  HttpResponseReader whole(false, limits);
  HttpResponseReader bytewise(false, limits);
  auto step = whole.feed(bytes);
  auto bytewise_step = HttpResponseReader::Step::need_more;
  for (std::size_t at = 0; at < bytes.size(); ++at) bytewise_step = bytewise.feed(bytes.substr(at, 1));
  if (!bytes.empty()) require(step == bytewise_step);
  require(whole.end() == bytewise.end());
  require(whole.error().message == bytewise.error().message);
  require(whole.response().body == bytewise.response().body);
  require(whole.response().body.size() <= limits.body_bytes);
  require(html_title(bytes).size() <= 200);
  if (whole.error().reason == audit::Reason::protocol_error) return;
  require(whole.response().status == bytewise.response().status);
  require(whole.response().reason == bytewise.response().reason);
  require(std::equal(whole.response().headers.begin(), whole.response().headers.end(),
                     bytewise.response().headers.begin(), bytewise.response().headers.end(), same));
}
