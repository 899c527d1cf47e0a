#pragma once

#include <optional>
#include <set>

#include "probe/http_exchange.hpp"

namespace audit::probe {

/// Where a 3xx answer leads, and whether one goes there. Stays on the target: the host that was asked, or one that is, or
/// resolves to, an address of the target's permit. Authorization and cookies do not go along to another origin.
class HttpRedirects {
 public:
  explicit HttpRedirects(std::int64_t most) : most_(most) {}

  /// Is the answer a redirect with a Location?
  [[nodiscard]] static bool leads_on(const proto::HttpResponse& response);

  /// The next request, or nothing, of a response that leads on. Adds to `list`.
  [[nodiscard]] awaitable<std::optional<HttpHop>> next(Context& context, const HttpHop& hop,
                                                       const proto::HttpResponse& response, Instant ends);

  /// Each: status, location (as it came), url (what it means), followed, why (where not: limit loop out_of_scope unresolved
  /// bad_location), downgrade (true where https leads to http).
  [[nodiscard]] const Value::Array& list() const noexcept { return list_; }

 private:
  [[nodiscard]] awaitable<std::string_view> find_host(Context& context, const HttpHop& from, HttpHop& to, Instant ends);

  std::int64_t most_;
  std::int64_t followed_ = 0;
  std::set<std::string> seen_;
  Value::Array list_;
};

}  // namespace audit::probe
