#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "report/report.hpp"

namespace audit::report {

/// How a word looks on a terminal that shows colour; the words say the same without it.
enum class Ink { plain, strong, faint, good, warn, bad, loud };

[[nodiscard]] std::string paint(const Style& style, Ink ink, std::string_view text);

/// `visible` text in at most `width` columns, "…" where it was cut.
[[nodiscard]] std::string clip(std::string_view text, std::size_t width);
/// `visible` text and blanks up to `width` columns.
[[nodiscard]] std::string pad(std::string_view text, std::size_t width);

/// Writes text wrapped to the style's width: `first` before the first line and blanks of the same width before the
/// others. Words longer than a line are broken.
void paragraph(std::ostream& out, const Style& style, std::string_view first, std::string_view text,
               Ink ink = Ink::plain, Ink first_ink = Ink::plain);
void heading(std::ostream& out, const Style& style, std::string_view text);

}  // namespace audit::report
