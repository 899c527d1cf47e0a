#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.hpp"

namespace audit::report {

/// `visible` text of at most `most` bytes of input, cut between characters; what was cut is said: "… (N bytes more)".
[[nodiscard]] std::string shown(std::string_view bytes, std::size_t most);
/// As `shown`, for what people wrote over several lines (a rationale): runs of blanks and newlines become one blank.
[[nodiscard]] std::string prose(std::string_view text, std::size_t most);
/// As `shown`, with a newline after every line of the input, for display in a block.
[[nodiscard]] std::string shown_lines(std::string_view bytes, std::size_t most);

/// A value in one line: "text", 3, true, [a, b], {k=v}; strings, members and depth are capped and say so. The whole
/// takes about `most` bytes.
[[nodiscard]] std::string describe(const Value& value, std::size_t most);

/// part / whole in per cent with one decimal; only the whole is "100 %" and only nothing "0.0 %"; "none" of nothing.
[[nodiscard]] std::string percent(std::uint64_t part, std::uint64_t whole);
/// A fraction from 0 to 1 that somebody demanded, in per cent.
[[nodiscard]] std::string percent(double fraction);
/// Digits in groups of three, apart by a narrow no-break space.
[[nodiscard]] std::string grouped(std::uint64_t number);

}  // namespace audit::report
