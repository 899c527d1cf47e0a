#pragma once

#include <string_view>

namespace audit::probe {

/// The domain of the mail address in a contact, "" where it has none: by it a mail server is told whom to ask about us.
[[nodiscard]] std::string_view mail_domain(std::string_view contact);

}  // namespace audit::probe
