#include "report/page.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <type_traits>

using namespace audit::report;

// Only what the compiler knows is markup.
static_assert(!std::is_convertible_v<std::string, Markup>);
static_assert(!std::is_convertible_v<std::string_view, Markup>);
static_assert(!std::is_convertible_v<const char*, Markup>);

TEST_CASE("text never becomes markup") {
  std::ostringstream out;
  Page page(out);
  page << "<b>" << text("</b><script>'\"&") << "</b>";
  CHECK(out.str() == "<b>&lt;/b&gt;&lt;script&gt;&#39;&quot;&amp;</b>");
}

TEST_CASE("the id of a finding is its fingerprint, and no two of a page are the same") {
  std::ostringstream out;
  Page page(out);
  Page other(out);
  CHECK(page.anchor("0123abcd") == "f-0123abcd");
  CHECK(other.anchor("0123abcd") == "f-0123abcd");
  CHECK(page.anchor("0123abcd") == "f-0123abcd-2");
  CHECK(page.anchor("0123abcd") == "f-0123abcd-3");
}

TEST_CASE("text in a style sheet is letters, digits, blanks and escapes, whatever it was") {
  const auto written = [](std::string_view bytes) {
    std::ostringstream out;
    Page page(out);
    page << css_text(bytes);
    return out.str();
  };
  CHECK(written("Campus 7") == "Campus 7");
  CHECK(written("\"; } </style>\\") ==
        "\\000022 \\00003b  \\00007d  \\00003c \\00002f style\\00003e \\00005c \\00005c ");
  CHECK(written("\xc3\xbc\xff\n") == "\\0000fc \\00005c xff\\00005c n");
  std::string all(256, '\0');
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  CHECK(written(all).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \\") ==
        std::string::npos);
  CHECK(written(std::string(10'000, '<')).size() < 2'000);
}
