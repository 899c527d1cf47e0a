#include "probe/http_tls.hpp"

namespace audit::probe {

awaitable<Result<Value::Object>> start_http_tls(Conversation& conversation, std::string /*server_name*/,
                                                Duration /*timeout*/) {
  co_return Error(Reason::tls_error, conversation.observation()->endpoint + ": this build does not speak TLS yet");
}

}  // namespace audit::probe
