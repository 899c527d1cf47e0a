#pragma once

#include "base/value.hpp"
#include "probe/http_exchange.hpp"

namespace audit::probe {

/// What evidence keeps of one exchange: what a rule sees of the answer, and `request`.
[[nodiscard]] Value::Object describe_http(const HttpHop& hop, HttpExchange exchange, Value::Array redirects);

}  // namespace audit::probe
