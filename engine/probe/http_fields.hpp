#pragma once

#include "base/value.hpp"
#include "probe/http_exchange.hpp"

namespace audit::probe {

/// What a rule sees of an answer.
[[nodiscard]] Value::Object describe_http(const HttpHop& hop, HttpExchange exchange, Value::Array redirects);

}  // namespace audit::probe
