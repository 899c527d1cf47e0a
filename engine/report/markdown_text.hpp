#pragma once

#include <string>
#include <string_view>

namespace audit::report {

/// Bytes from anywhere as text within a line or a table's cell of Markdown: `visible`, cut after `most` bytes, and every
/// ASCII character that Markdown may read is escaped.
[[nodiscard]] std::string markdown(std::string_view bytes, std::size_t most);
/// The same of text that is `visible` already.
[[nodiscard]] std::string markdown_ready(std::string_view visible);

/// Does a browser open it, and is every character of it one that a URI has (RFC 3986)? No markup needs more.
[[nodiscard]] bool is_web_address(std::string_view reference);
/// A web address as a link to itself, anything else as text.
[[nodiscard]] std::string markdown_link(std::string_view reference, std::size_t most);

}  // namespace audit::report
