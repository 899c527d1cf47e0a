#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/probe_output.hpp"
#include "cli/probe_session.hpp"
#include "cli/probe_words.hpp"

namespace audit::cli {

int probe_banner(const ProbeOptions& options) {
  Value::Object asked;
  options.hand_timeout(asked);
  return ask_each(options, "banner", asked, [](const probe::Answer& answer) {
    return AnswerText(visible(*answer.fields.at("bytes").get_if<std::string>()), true);
  });
}

}  // namespace audit::cli
