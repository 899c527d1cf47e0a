#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace audit::report {

/// Bytes from anywhere as text that is neither markup nor the end of a table's cell: every ASCII character that Markdown
/// may read is escaped.
[[nodiscard]] std::string markdown(std::string_view bytes, std::size_t most);
/// The same of text that is `visible` already.
[[nodiscard]] std::string markdown_ready(std::string_view visible);

}  // namespace audit::report
