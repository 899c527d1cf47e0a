#pragma once

#include <cstdint>
#include <iosfwd>
#include <set>
#include <string>
#include <string_view>

namespace audit::report {

/// Markup is what this program's source says, known when it is compiled: no string that came from anywhere else
/// converts to it, so nothing a peer sent can become a tag (law 7).
struct Markup {
  template <std::size_t N>
  consteval Markup(const char (&literal)[N]) : text(literal, N - 1) {}  // NOLINT(google-explicit-constructor)
  std::string_view text;
};

/// Text for between tags or inside a quoted attribute.
struct Text {
  std::string visible;
};
/// Text from anywhere, made `visible` and cut after `most` bytes.
[[nodiscard]] Text text(std::string_view bytes, std::size_t most = 400);
/// Text that is `visible` already.
[[nodiscard]] Text ready(std::string visible);
/// A number for people, its digits in groups.
[[nodiscard]] Text number(std::uint64_t number);

/// `visible` text with & < > " ' escaped.
[[nodiscard]] std::string escape(std::string_view visible);
/// Text from anywhere for inside a quoted string of a style sheet: all but letters, digits and blanks as CSS escapes, so
/// that neither the string nor the sheet can end in it.
[[nodiscard]] Text css_text(std::string_view bytes, std::size_t most = 120);

/// The page being written: a stream that takes markup and text and tells them apart by type.
class Page {
 public:
  explicit Page(std::ostream& out) : out_(out) {}

  Page& operator<<(Markup markup);
  Page& operator<<(const Text& text);

  /// The id of a finding, the same in the report of every run that has it: "f-" and its fingerprint (base/fingerprint),
  /// which other formats say too; with a counter where this page has it already.
  [[nodiscard]] std::string anchor(std::string_view fingerprint);

  /// Takes `bytes` from what the page has left for evidence; false where that is spent.
  [[nodiscard]] bool spend(std::size_t bytes);

 private:
  std::ostream& out_;
  std::set<std::string> anchors_;
  std::size_t evidence_left_ = 2'000'000;
};

}  // namespace audit::report
