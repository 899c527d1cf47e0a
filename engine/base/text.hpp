#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

/// Hostile bytes as plain text (law 7): valid printable UTF-8 stays; a control (C0, C1, DEL), an invisible or
/// direction-changing character, a byte that is not UTF-8 and the backslash itself become \n, \t, \xNN, \u{NNNN}, \\.
/// Nothing is lost: `from_visible` gives the bytes back.
[[nodiscard]] std::string visible(std::string_view bytes);
/// Would `visible` give back the same, so that it needs no copy? Never true for non-ASCII text.
[[nodiscard]] bool is_plain_text(std::string_view bytes) noexcept;
/// As `visible`, cut after `most` bytes of input with "… (N bytes more)".
[[nodiscard]] std::string visible(std::string_view bytes, std::size_t most);
/// The bytes that `visible` was given; a sequence it never writes is kept as it stands.
[[nodiscard]] std::string from_visible(std::string_view text);

/// How many columns of a terminal the text takes (East Asian wide 2, combining 0); meant for `visible` text.
[[nodiscard]] std::size_t columns(std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);
/// Whitespace between digits is allowed; empty optional-like: false on an odd or foreign digit.
[[nodiscard]] bool from_hex(std::string_view text, std::string& bytes);

/// The word of `choices` nearest to `word` (edit distance, swaps counted once, at most a third of its length, at least 1 where it has two
/// letters), or "".
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& choices);

/// "1 check", "2 checks".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural = {});

/// A shell-like glob over the whole text: `*` any run, `?` one byte. Linear in text × pattern.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text) noexcept;

}  // namespace audit
